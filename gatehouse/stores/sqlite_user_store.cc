#include <fmt/format.h>

#include <mutex>

#include "gatehouse/base/json.h"
#include "gatehouse/stores/sqlite_connection.h"
#include "gatehouse/stores/sqlite_schema.h"
#include "gatehouse/stores/store_lock.h"
#include "gatehouse/stores/user_store.h"

namespace gatehouse::stores {
namespace {

std::string to_list(const std::vector<std::string>& values) {
  json::Writer writer;
  writer.begin_array();
  for (const std::string& value : values) writer.value(value);
  return std::move(writer.end_array()).take();
}

std::vector<std::string> from_list(const std::string& text) {
  std::vector<std::string> values;
  json::Parser parser;
  const auto list = parser.parse(text);
  if (!list) return values;
  for (const json::Value value : *list)
    if (value.is_string()) values.emplace_back(value.as_string());
  return values;
}

User user_of(const SqliteStatement& statement) {
  return {.id = statement.text_at(0),
          .email = statement.text_at(1),
          .password_hash = statement.text_at(2),
          .roles = from_list(statement.text_at(3)),
          .scopes = from_list(statement.text_at(4)),
          .disabled = statement.number_at(5) != 0,
          .epoch = static_cast<std::uint32_t>(statement.number_at(6))};
}

class SqliteUserStore final : public UserStore {
 public:
  SqliteUserStore(StoreLock lock, SqliteConnection connection)
      : lock_(std::move(lock)), connection_(std::move(connection)) {}

  Result<User> find_by_email(std::string_view email) override {
    return find("SELECT id, email, password_hash, roles, scopes, disabled, epoch FROM users WHERE email = ?1",
                email);
  }
  Result<User> find_by_id(std::string_view id) override {
    return find("SELECT id, email, password_hash, roles, scopes, disabled, epoch FROM users WHERE id = ?1",
                id);
  }
  Result<void> add(const User& user) override;
  Result<void> set_disabled(std::string_view id, bool disabled) override {
    const std::lock_guard lock(mutex_);
    auto statement = connection_.prepare("UPDATE users SET disabled = ?2 WHERE id = ?1");
    return change(statement.text(id).number(disabled ? 1 : 0));
  }
  Result<void> set_password_hash(std::string_view id, std::string_view password_hash) override {
    const std::lock_guard lock(mutex_);
    auto statement = connection_.prepare("UPDATE users SET password_hash = ?2 WHERE id = ?1");
    return change(statement.text(id).text(password_hash));
  }
  Result<void> raise_epoch(std::string_view id) override {
    const std::lock_guard lock(mutex_);
    auto statement = connection_.prepare("UPDATE users SET epoch = epoch + 1 WHERE id = ?1");
    return change(statement.text(id));
  }
  Result<void> set_rights(std::string_view id, const std::vector<std::string>& roles,
                          const std::vector<std::string>& scopes) override {
    const std::lock_guard lock(mutex_);
    auto statement = connection_.prepare("UPDATE users SET roles = ?2, scopes = ?3 WHERE id = ?1");
    return change(statement.text(id).text(to_list(roles)).text(to_list(scopes)));
  }
  Result<void> remove(std::string_view id) override {
    const std::lock_guard lock(mutex_);
    auto statement = connection_.prepare("DELETE FROM users WHERE id = ?1");
    return change(statement.text(id));
  }
  Result<void> replace_password_hash(std::string_view id, std::string_view expected,
                                     std::string_view password_hash) override {
    const std::lock_guard lock(mutex_);
    auto statement =
        connection_.prepare("UPDATE users SET password_hash = ?3 WHERE id = ?1 AND password_hash = ?2");
    GH_CHECK(connection_.finish(statement.text(id).text(expected).text(password_hash)));
    return connection_.changes() == 1 ? Result<void>() : fail(Failure::conflict, "user");
  }
  Result<std::vector<User>> list(std::string_view after, std::size_t most) override;
  Result<std::size_t> count() override {
    const std::lock_guard lock(mutex_);
    auto statement = connection_.prepare("SELECT count(*) FROM users");
    if (!statement.has_row()) return std::unexpected(connection_.trouble());
    return static_cast<std::size_t>(statement.number_at(0));
  }

 private:
  Result<User> find(const char* sql, std::string_view by) {
    const std::lock_guard lock(mutex_);
    auto statement = connection_.prepare(sql);
    const int outcome = statement.text(by).step();
    if (outcome == SQLITE_DONE) return fail(Failure::not_found, "user");
    if (outcome != SQLITE_ROW) return std::unexpected(connection_.trouble());
    return user_of(statement);
  }

  Result<void> change(SqliteStatement& statement) {
    GH_CHECK(connection_.finish(statement));
    return connection_.changes() == 1 ? Result<void>() : fail(Failure::not_found, "user");
  }

  StoreLock lock_;
  std::mutex mutex_;  // one connection; its calls are short
  SqliteConnection connection_;
};

Result<void> SqliteUserStore::add(const User& user) {
  const std::lock_guard lock(mutex_);
  auto statement = connection_.prepare(
      "INSERT INTO users (id, email, password_hash, roles, scopes, disabled, epoch) VALUES (?1, ?2, ?3, ?4, "
      "?5, ?6, ?7)");
  statement.text(user.id).text(user.email).text(user.password_hash);
  statement.text(to_list(user.roles))
      .text(to_list(user.scopes))
      .number(user.disabled ? 1 : 0)
      .number(user.epoch);
  const int outcome = statement.step();
  if (outcome == SQLITE_CONSTRAINT_PRIMARYKEY || outcome == SQLITE_CONSTRAINT_UNIQUE)
    return fail(Failure::conflict, "user");
  return outcome == SQLITE_DONE ? Result<void>() : std::unexpected(connection_.trouble());
}

Result<std::vector<User>> SqliteUserStore::list(std::string_view after, std::size_t most) {
  const std::lock_guard lock(mutex_);
  auto statement = connection_.prepare(
      "SELECT id, email, password_hash, roles, scopes, disabled, epoch FROM users WHERE id > ?1 ORDER BY id "
      "LIMIT ?2");
  statement.text(after).number(static_cast<std::int64_t>(most));
  std::vector<User> found;
  int outcome = statement.step();
  for (; outcome == SQLITE_ROW; outcome = statement.step()) found.push_back(user_of(statement));
  if (outcome != SQLITE_DONE) return std::unexpected(connection_.trouble());
  return found;
}

}  // namespace

Result<std::unique_ptr<UserStore>> open_sqlite_user_store(const std::string& path) {
  GH_TRY(StoreLock lock, StoreLock::share(path));
  GH_TRY(SqliteConnection connection, open_sqlite(path, Seconds(5)));
  return std::make_unique<SqliteUserStore>(std::move(lock), std::move(connection));
}

}  // namespace gatehouse::stores
