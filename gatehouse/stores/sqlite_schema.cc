#include "gatehouse/stores/sqlite_schema.h"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <thread>

namespace gatehouse::stores {
namespace {

// Step n leads from version n to n + 1. A step that has been released is never changed; the next one follows.
constexpr std::array steps = {
    R"sql(
      CREATE TABLE users (
        id            TEXT PRIMARY KEY,
        email         TEXT NOT NULL UNIQUE COLLATE NOCASE,
        password_hash TEXT NOT NULL,
        roles         TEXT NOT NULL,
        scopes        TEXT NOT NULL,
        disabled      INTEGER NOT NULL DEFAULT 0
      ) STRICT, WITHOUT ROWID;
      PRAGMA user_version = 1;
    )sql",
    // Times are milliseconds since 1970. `rotated` and `idle_expires` change with every refresh and are not
    // indexed for it.
    R"sql(
      ALTER TABLE users ADD COLUMN epoch INTEGER NOT NULL DEFAULT 0;
      CREATE TABLE sessions (
        id               BLOB PRIMARY KEY,
        sid              TEXT NOT NULL,
        user_id          TEXT NOT NULL,
        client_id        TEXT NOT NULL,
        scope            TEXT NOT NULL,
        audience         TEXT NOT NULL,
        amr              TEXT NOT NULL,
        binding          TEXT NOT NULL,
        device           TEXT NOT NULL,
        address          TEXT NOT NULL,
        created          INTEGER NOT NULL,
        idle_expires     INTEGER NOT NULL,
        absolute_expires INTEGER NOT NULL,
        user_epoch       INTEGER NOT NULL,
        generation       INTEGER NOT NULL,
        secret_hash      BLOB NOT NULL,
        successor        BLOB,
        request_hash     BLOB,
        rotated          INTEGER,
        grace_uses       INTEGER NOT NULL,
        mismatches       INTEGER NOT NULL,
        mismatched       INTEGER,
        ended            INTEGER,
        end_reason       INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;
      CREATE UNIQUE INDEX sessions_by_sid ON sessions(sid);
      CREATE INDEX sessions_by_user ON sessions(user_id);
      CREATE INDEX sessions_by_end ON sessions(absolute_expires);
      CREATE TABLE revocations (
        sequence   INTEGER PRIMARY KEY AUTOINCREMENT,
        kind       TEXT NOT NULL,
        value      TEXT NOT NULL,
        until      INTEGER NOT NULL,
        not_before INTEGER NOT NULL
      ) STRICT;
      CREATE INDEX revocations_by_until ON revocations(until);
      CREATE TABLE clients (
        id         TEXT PRIMARY KEY,
        definition TEXT NOT NULL
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE keys (
        id           TEXT PRIMARY KEY,
        purpose      TEXT NOT NULL,
        number       INTEGER NOT NULL,
        state        TEXT NOT NULL,
        created      INTEGER NOT NULL,
        activates    INTEGER NOT NULL,
        retired      INTEGER,
        removes      INTEGER,
        public_key   TEXT NOT NULL,
        wrapped      BLOB,
        wrapping_key TEXT NOT NULL
      ) STRICT, WITHOUT ROWID;
      CREATE UNIQUE INDEX keys_by_number ON keys(purpose, number);
      CREATE UNIQUE INDEX one_announced_key ON keys(purpose) WHERE state = 'announced';
      CREATE UNIQUE INDEX one_active_key ON keys(purpose) WHERE state = 'active';
      CREATE TABLE audit (
        sequence INTEGER PRIMARY KEY,
        at       INTEGER NOT NULL,
        event    TEXT NOT NULL,
        actor    TEXT NOT NULL,
        subject  TEXT NOT NULL,
        client   TEXT NOT NULL,
        sid      TEXT NOT NULL,
        address  TEXT NOT NULL,
        reason   TEXT NOT NULL,
        hash     BLOB NOT NULL
      ) STRICT;
      CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'audit is append only'); END;
      CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'audit is append only'); END;
      CREATE TABLE clock (latest INTEGER NOT NULL) STRICT;
      INSERT INTO clock VALUES (0);
      PRAGMA user_version = 2;
    )sql",
    R"sql(
      CREATE TABLE external_logins (
        issuer  TEXT NOT NULL,
        subject TEXT NOT NULL,
        user_id TEXT NOT NULL,
        created INTEGER NOT NULL,
        PRIMARY KEY (issuer, subject)
      ) STRICT, WITHOUT ROWID;
      CREATE UNIQUE INDEX external_logins_by_user ON external_logins(user_id, issuer);
      PRAGMA user_version = 3;
    )sql",
};

Result<std::size_t> version_of(SqliteConnection& connection) {
  auto statement = connection.prepare("PRAGMA user_version");
  if (!statement.has_row()) return std::unexpected(connection.trouble());
  return static_cast<std::size_t>(statement.number_at(0));
}

// The version is read again under the lock: another process may have been
// faster.
Result<void> take_step(SqliteConnection& connection) {
  GH_CHECK(connection.run("BEGIN IMMEDIATE"));
  const auto version = version_of(connection);
  Result<void> taken;
  if (!version)
    taken = std::unexpected(version.error());
  else if (*version < steps.size())
    taken = connection.run(steps[*version]);
  auto ended = connection.run(taken ? "COMMIT" : "ROLLBACK");
  return taken ? ended : taken;
}

// SQLite does not wait for a lock here: of two processes that make one file, the second is told that it is
// busy.
Result<void> enter_wal(SqliteConnection& connection, std::chrono::milliseconds patience) {
  constexpr std::chrono::milliseconds pause(5);
  const auto until = std::chrono::steady_clock::now() + patience;
  for (;;) {
    auto entered = connection.run("PRAGMA journal_mode = WAL");
    if (entered || !connection.is_busy() || std::chrono::steady_clock::now() >= until) return entered;
    std::this_thread::sleep_for(pause);
  }
}

Result<SqliteConnection> open_newest(const std::string& path, std::chrono::milliseconds patience) {
  GH_TRY(SqliteConnection connection, SqliteConnection::open(path, SqliteConnection::Mode::write, patience));
  GH_CHECK(enter_wal(connection, patience));
  GH_CHECK(connection.run("PRAGMA synchronous = FULL"));
  GH_CHECK(migrate(connection));
  return connection;
}

}  // namespace

Result<SqliteConnection> open_sqlite(const std::string& path, std::chrono::milliseconds patience) {
  auto connection = open_newest(path, patience);
  if (!connection)
    return fail(connection.error().kind, fmt::format("{}: {}", path, connection.error().subject));
  return connection;
}

Result<void> migrate(SqliteConnection& connection) {
  GH_TRY(std::size_t version, version_of(connection));
  if (version > steps.size())
    return fail(Failure::conflict,
                fmt::format("the database is of version {}; this program knows {}", version, steps.size()));
  while (version < steps.size()) {
    GH_CHECK(take_step(connection));
    GH_TRY(version, version_of(connection));
  }
  return {};
}

}  // namespace gatehouse::stores
