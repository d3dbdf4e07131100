/// The schema of the SQLite file, as the steps that lead to it; private to this room.
#pragma once

#include "gatehouse/stores/sqlite_connection.h"

namespace gatehouse::stores {

/// A connection that writes: WAL, every commit on the disk before it is acknowledged, the newest schema.
/// Fails with unavailable and conflict, naming the path.
Result<SqliteConnection> open_sqlite(const std::string& path, std::chrono::milliseconds patience);

/// Brings the file to the newest version, each step in a transaction of its own; two processes that start at
/// once take each step once. Fails with conflict for a file from a newer release, and with unavailable.
Result<void> migrate(SqliteConnection& connection);

}  // namespace gatehouse::stores
