#include "gatehouse/stores/sqlite_file.h"

#include <chrono>
#include <filesystem>
#include <system_error>
#include <thread>

namespace gatehouse::stores {

Result<void> check_is_there(const std::string& path) {
  std::error_code error;
  if (std::filesystem::is_regular_file(path, error)) return {};
  return fail(Failure::not_found, path);
}

Result<SqliteConnection> open_sqlite_to_read(const std::string& path) {
  GH_CHECK(check_is_there(path));
  return SqliteConnection::open(path, SqliteConnection::Mode::read, maintenance_patience);
}

void insist(SqliteConnection& connection) {
  constexpr auto again = [](void* /*unused*/, int count) {
    constexpr int most = 30'000;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return count < most ? 1 : 0;
  };
  sqlite3_busy_handler(connection.handle(), again, nullptr);
}

Result<void> check_pages(SqliteConnection& connection) {
  auto statement = connection.prepare("PRAGMA integrity_check(1)");
  if (!statement.has_row()) return std::unexpected(connection.trouble());
  const std::string first = statement.text_at(0);
  return first == "ok" ? Result<void>() : fail(Failure::unavailable, first);
}

Result<void> copy_pages(SqliteConnection& from, SqliteConnection& to) {
  sqlite3_backup* copying = sqlite3_backup_init(to.handle(), "main", from.handle(), "main");
  if (copying == nullptr) return std::unexpected(to.trouble());
  sqlite3_backup_step(copying, -1);
  if (sqlite3_backup_finish(copying) != SQLITE_OK) return std::unexpected(to.trouble());
  return {};
}

}  // namespace gatehouse::stores
