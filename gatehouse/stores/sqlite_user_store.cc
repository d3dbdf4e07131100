#include <fmt/format.h>
#include <sqlite3.h>

#include <mutex>

#include "gatehouse/base/json.h"
#include "gatehouse/stores/user_store.h"

namespace gatehouse::stores {
namespace {

struct CloseDatabase {
  void operator()(sqlite3* database) const noexcept { sqlite3_close_v2(database); }
};
using Database = std::unique_ptr<sqlite3, CloseDatabase>;

// A prepared statement, reset when its use ends. Values are bound, never written into the SQL.
class Statement {
 public:
  Statement(sqlite3* database, const char* sql) {
    sqlite3_prepare_v3(database, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement_, nullptr);
  }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  ~Statement() { sqlite3_finalize(statement_); }

  Statement& bind(int index, std::string_view text) {
    sqlite3_bind_text64(statement_, index, text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
    return *this;
  }
  Statement& bind(int index, bool flag) {
    sqlite3_bind_int(statement_, index, flag ? 1 : 0);
    return *this;
  }
  int step() { return statement_ ? sqlite3_step(statement_) : SQLITE_ERROR; }

  std::string text(int column) const {
    const unsigned char* at = sqlite3_column_text(statement_, column);
    return at ? std::string(reinterpret_cast<const char*>(at),
                            static_cast<std::size_t>(sqlite3_column_bytes(statement_, column)))
              : std::string();
  }
  std::int64_t integer(int column) const { return sqlite3_column_int64(statement_, column); }

 private:
  sqlite3_stmt* statement_ = nullptr;
};

constexpr int schema_version = 1;
constexpr const char* schema = R"sql(
  CREATE TABLE users (
    id            TEXT PRIMARY KEY,
    email         TEXT NOT NULL UNIQUE COLLATE NOCASE,
    password_hash TEXT NOT NULL,
    roles         TEXT NOT NULL,
    scopes        TEXT NOT NULL,
    disabled      INTEGER NOT NULL DEFAULT 0
  ) STRICT, WITHOUT ROWID;
  PRAGMA user_version = 1;
)sql";

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

class SqliteUserStore final : public UserStore {
 public:
  explicit SqliteUserStore(Database database) : database_(std::move(database)) {}

  Result<void> prepare();

  Result<User> find_by_email(std::string_view email) override {
    return find("SELECT id, email, password_hash, roles, scopes, disabled FROM users WHERE email = ?1",
                email);
  }
  Result<User> find_by_id(std::string_view id) override {
    return find("SELECT id, email, password_hash, roles, scopes, disabled FROM users WHERE id = ?1", id);
  }
  Result<void> add(const User& user) override;
  Result<void> set_disabled(std::string_view id, bool disabled) override {
    const std::lock_guard lock(mutex_);
    Statement statement(database_.get(), "UPDATE users SET disabled = ?2 WHERE id = ?1");
    return change(statement.bind(1, id).bind(2, disabled));
  }
  Result<void> set_password_hash(std::string_view id, std::string_view password_hash) override {
    const std::lock_guard lock(mutex_);
    Statement statement(database_.get(), "UPDATE users SET password_hash = ?2 WHERE id = ?1");
    return change(statement.bind(1, id).bind(2, password_hash));
  }
  Result<std::size_t> count() override {
    const std::lock_guard lock(mutex_);
    Statement statement(database_.get(), "SELECT count(*) FROM users");
    if (statement.step() != SQLITE_ROW) return std::unexpected(trouble());
    return static_cast<std::size_t>(statement.integer(0));
  }

 private:
  Error trouble() const { return {.kind = Failure::unavailable, .subject = sqlite3_errmsg(database_.get())}; }

  Result<void> run(const char* sql) {
    if (sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK)
      return std::unexpected(trouble());
    return {};
  }

  Result<User> find(const char* sql, std::string_view by) {
    const std::lock_guard lock(mutex_);
    Statement statement(database_.get(), sql);
    const int outcome = statement.bind(1, by).step();
    if (outcome == SQLITE_DONE) return fail(Failure::not_found, "user");
    if (outcome != SQLITE_ROW) return std::unexpected(trouble());
    return User{.id = statement.text(0),
                .email = statement.text(1),
                .password_hash = statement.text(2),
                .roles = from_list(statement.text(3)),
                .scopes = from_list(statement.text(4)),
                .disabled = statement.integer(5) != 0};
  }

  Result<void> change(Statement& statement) {
    if (statement.step() != SQLITE_DONE) return std::unexpected(trouble());
    return sqlite3_changes(database_.get()) == 1 ? Result<void>() : fail(Failure::not_found, "user");
  }

  std::mutex mutex_;  // one connection; its calls are short
  Database database_;
};

Result<void> SqliteUserStore::prepare() {
  sqlite3_busy_timeout(database_.get(), 5000);
  GH_CHECK(
      run("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA "
          "trusted_schema = OFF"));
  GH_CHECK(run("BEGIN IMMEDIATE"));  // two processes that start at once make one schema
  std::int64_t version = 0;
  {
    Statement statement(database_.get(), "PRAGMA user_version");
    if (statement.step() != SQLITE_ROW) return std::unexpected(trouble());
    version = statement.integer(0);
  }
  if (version == 0) GH_CHECK(run(schema));
  GH_CHECK(run("COMMIT"));
  if (version > schema_version)
    return fail(Failure::conflict,
                fmt::format("the database is of version {}; this program knows {}", version, schema_version));
  return {};
}

Result<void> SqliteUserStore::add(const User& user) {
  const std::lock_guard lock(mutex_);
  Statement statement(database_.get(),
                      "INSERT INTO users (id, email, password_hash, roles, scopes, disabled) VALUES (?1, ?2, "
                      "?3, ?4, ?5, ?6)");
  statement.bind(1, user.id).bind(2, user.email).bind(3, user.password_hash);
  statement.bind(4, to_list(user.roles)).bind(5, to_list(user.scopes)).bind(6, user.disabled);
  const int outcome = statement.step();
  if (outcome == SQLITE_CONSTRAINT) return fail(Failure::conflict, "user");
  return outcome == SQLITE_DONE ? Result<void>() : std::unexpected(trouble());
}

}  // namespace

Result<std::unique_ptr<UserStore>> open_sqlite_user_store(const std::string& path) {
  sqlite3* raw = nullptr;
  const int outcome = sqlite3_open_v2(
      path.c_str(), &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX, nullptr);
  Database database(raw);
  if (outcome != SQLITE_OK)
    return fail(Failure::unavailable, fmt::format("{}: {}", path, sqlite3_errstr(outcome)));
  auto store = std::make_unique<SqliteUserStore>(std::move(database));
  if (auto prepared = store->prepare(); !prepared)
    return fail(prepared.error().kind, fmt::format("{}: {}", path, prepared.error().subject));
  return store;
}

}  // namespace gatehouse::stores
