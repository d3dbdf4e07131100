/// The schema of the SQLite file, as the steps that lead to it; private to this room.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "gatehouse/stores/sqlite_connection.h"

namespace gatehouse::stores {

/// A connection that writes: WAL, every commit on the disk before it is acknowledged, the newest schema.
/// Fails with unavailable and conflict, naming the path.
Result<SqliteConnection> open_sqlite(const std::string& path, std::chrono::milliseconds patience);

/// Brings the file to the newest version, each step in a transaction of its own; two processes that start at
/// once take each step once. Fails with conflict for a file from a newer release, and with unavailable.
Result<void> migrate(SqliteConnection& connection);

/// Of the file; 0: it is empty.
Result<std::size_t> version_of(SqliteConnection& connection);
std::size_t newest_version() noexcept;
std::vector<std::string> steps_after(std::size_t version);  ///< a line for each
Result<void> check_known(std::size_t version);              ///< conflict: it is of a newer release

/// Of the file; not_found when it is older than that.
struct Lineage {
  std::string id;            ///< of the database, over every restore
  std::uint64_t backup = 0;  ///< the last one that was made of it; in a copy: the one that it is
  bool is_copy = false;      ///< made by back_up()
};
Result<Lineage> lineage_of(SqliteConnection& connection);

}  // namespace gatehouse::stores
