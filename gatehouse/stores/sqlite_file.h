/// What maintenance does with a whole file; private to this room.
#pragma once

#include <fmt/format.h>

#include <string>

#include "gatehouse/base/clock.h"
#include "gatehouse/stores/sqlite_connection.h"

namespace gatehouse::stores {

inline constexpr Seconds maintenance_patience{5};  // with who writes

/// Only a file that is there: to look at one must not make it.
Result<void> check_is_there(const std::string& path);
Result<SqliteConnection> open_sqlite_to_read(const std::string& path);

/// Asks for a lock every millisecond, half a minute long, and not ever less often: who writes all the time
/// leaves short gaps.
void insist(SqliteConnection& connection);

/// Every page and index; unavailable with the first that is damaged.
Result<void> check_pages(SqliteConnection& connection);

/// Everything that `from` sees, over what is in `to`.
Result<void> copy_pages(SqliteConnection& from, SqliteConnection& to);

/// The failure, with the path before it.
template <class T>
Result<T> naming(const std::string& path, Result<T> outcome) {
  if (!outcome && !outcome.error().subject.starts_with(path))
    outcome.error().subject = fmt::format("{}: {}", path, outcome.error().subject);
  return outcome;
}

}  // namespace gatehouse::stores
