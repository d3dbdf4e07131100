#include "gatehouse/stores/sqlite_external_login_store.h"

#include <utility>

namespace gatehouse::stores {
namespace {

ExternalLogin login_at(const SqliteStatement& row) {
  return {.issuer = row.text_at(0),
          .subject = row.text_at(1),
          .user_id = row.text_at(2),
          .created = row.instant_at(3)};
}

}  // namespace

Task<Result<ExternalLogin>> SqliteExternalLoginStore::find(std::string issuer, std::string subject) {
  auto job = [issuer = std::move(issuer),
              subject = std::move(subject)](SqliteConnection& connection) -> Result<ExternalLogin> {
    auto statement = connection.prepare(
        "SELECT issuer, subject, user_id, created FROM external_logins WHERE issuer = ?1 AND subject = ?2");
    const int outcome = statement.text(issuer).text(subject).step();
    if (outcome == SQLITE_DONE) return fail(Failure::not_found, "external login");
    if (outcome != SQLITE_ROW) return std::unexpected(connection.trouble());
    return login_at(statement);
  };
  co_return co_await database_.read(std::move(job));
}

Task<Result<void>> SqliteExternalLoginStore::add(ExternalLogin login) {
  auto job = [login = std::move(login)](SqliteConnection& connection) -> Result<void> {
    auto statement = connection.prepare(
        "INSERT INTO external_logins (issuer, subject, user_id, created) VALUES (?1, ?2, ?3, ?4)");
    statement.text(login.issuer).text(login.subject).text(login.user_id).instant(login.created);
    const int outcome = statement.step();
    if (outcome == SQLITE_CONSTRAINT_PRIMARYKEY || outcome == SQLITE_CONSTRAINT_UNIQUE)
      return fail(Failure::conflict, "external login");
    return outcome == SQLITE_DONE ? Result<void>() : std::unexpected(connection.trouble());
  };
  co_return co_await database_.write(std::move(job));
}

Task<Result<void>> SqliteExternalLoginStore::remove(std::string issuer, std::string subject) {
  auto job = [issuer = std::move(issuer),
              subject = std::move(subject)](SqliteConnection& connection) -> Result<void> {
    auto statement = connection.prepare("DELETE FROM external_logins WHERE issuer = ?1 AND subject = ?2");
    GH_CHECK(connection.finish(statement.text(issuer).text(subject)));
    return connection.changes() == 1 ? Result<void>() : fail(Failure::not_found, "external login");
  };
  co_return co_await database_.write(std::move(job));
}

Task<Result<std::vector<ExternalLogin>>> SqliteExternalLoginStore::list(std::string user_id) {
  auto job = [user_id =
                  std::move(user_id)](SqliteConnection& connection) -> Result<std::vector<ExternalLogin>> {
    auto statement = connection.prepare(
        "SELECT issuer, subject, user_id, created FROM external_logins WHERE user_id = ?1 ORDER BY issuer");
    statement.text(user_id);
    std::vector<ExternalLogin> logins;
    int outcome = statement.step();
    for (; outcome == SQLITE_ROW; outcome = statement.step()) logins.push_back(login_at(statement));
    if (outcome != SQLITE_DONE) return std::unexpected(connection.trouble());
    return logins;
  };
  co_return co_await database_.read(std::move(job));
}

}  // namespace gatehouse::stores
