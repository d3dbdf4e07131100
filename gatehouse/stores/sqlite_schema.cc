#include "gatehouse/stores/sqlite_schema.h"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <thread>

namespace gatehouse::stores {
namespace {

struct Step {
  const char* description;  // what it is for, in a line
  const char* sql;
};

// Step n leads from version n to n + 1. A step that has been released is never changed; the next one follows.
constexpr auto steps = std::to_array<Step>({
    {"users", R"sql(
      CREATE TABLE users (
        id            TEXT PRIMARY KEY,
        email         TEXT NOT NULL UNIQUE COLLATE NOCASE,
        password_hash TEXT NOT NULL,
        roles         TEXT NOT NULL,
        scopes        TEXT NOT NULL,
        disabled      INTEGER NOT NULL DEFAULT 0
      ) STRICT, WITHOUT ROWID;
      PRAGMA user_version = 1;
    )sql"},
    // Times are milliseconds since 1970. `rotated` and `idle_expires` change with every refresh and are not
    // indexed for it.
    {"sessions, revocations, clients, keys, and what happened to them", R"sql(
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
    )sql"},
    // `id` names this database for as long as it is restored and goes on, `feed` the numbering of its
    // revocations; `backup` counts the copies that were made of it. `noted` is the last backup after which a
    // rotation was written to the journal (revocation_journal.h).
    {"backups that revoke nothing less when they are restored", R"sql(
      CREATE TABLE lineage (
        id      TEXT NOT NULL,
        feed    TEXT NOT NULL,
        backup  INTEGER NOT NULL,
        is_copy INTEGER NOT NULL
      ) STRICT;
      INSERT INTO lineage VALUES (lower(hex(randomblob(8))), lower(hex(randomblob(8))), 0, 0);
      ALTER TABLE sessions ADD COLUMN noted INTEGER NOT NULL DEFAULT 0;
      ALTER TABLE sessions ADD COLUMN recoverable_until INTEGER;
      PRAGMA user_version = 3;
    )sql"},
    {"who somebody is whom another issuer knows", R"sql(
      CREATE TABLE external_logins (
        issuer  TEXT NOT NULL,
        subject TEXT NOT NULL,
        user_id TEXT NOT NULL,
        created INTEGER NOT NULL,
        PRIMARY KEY (issuer, subject)
      ) STRICT, WITHOUT ROWID;
      CREATE UNIQUE INDEX external_logins_by_user ON external_logins(user_id, issuer);
      PRAGMA user_version = 4;
    )sql"},
});

// The version is read again under the lock: another process may have been
// faster.
Result<void> take_step(SqliteConnection& connection) {
  GH_CHECK(connection.run("BEGIN IMMEDIATE"));
  const auto version = version_of(connection);
  Result<void> taken;
  if (!version)
    taken = std::unexpected(version.error());
  else if (*version < steps.size())
    taken = connection.run(steps[*version].sql);
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

// Whoever worked with a backup would give back what has been revoked since.
Result<void> check_is_no_copy(SqliteConnection& connection) {
  GH_TRY(const Lineage lineage, lineage_of(connection));
  if (!lineage.is_copy) return {};
  return fail(Failure::conflict, "it is a backup; restore it to where it is to be used");
}

Result<SqliteConnection> open_newest(const std::string& path, std::chrono::milliseconds patience) {
  GH_TRY(SqliteConnection connection, SqliteConnection::open(path, SqliteConnection::Mode::write, patience));
  GH_CHECK(enter_wal(connection, patience));
  GH_CHECK(connection.run("PRAGMA synchronous = FULL"));
  // Sessions are all over the file: 32 MB of it at hand, and as much in the WAL before it is written back, so
  // that a page that is changed again and again is read and written once.
  GH_CHECK(connection.run("PRAGMA cache_size = -32768; PRAGMA wal_autocheckpoint = 8000"));
  GH_CHECK(migrate(connection));
  GH_CHECK(check_is_no_copy(connection));
  GH_CHECK(keep_journal(connection, path));
  return connection;
}

}  // namespace

Result<std::size_t> version_of(SqliteConnection& connection) {
  auto statement = connection.prepare("PRAGMA user_version");
  if (!statement.has_row()) return std::unexpected(connection.trouble());
  return static_cast<std::size_t>(statement.number_at(0));
}

std::size_t newest_version() noexcept { return steps.size(); }

std::vector<std::string> steps_after(std::size_t version) {
  std::vector<std::string> due;
  for (; version < steps.size(); ++version) due.emplace_back(steps[version].description);
  return due;
}

Result<void> check_known(std::size_t version) {
  if (version <= steps.size()) return {};
  return fail(Failure::conflict,
              fmt::format("the database is of version {}; this program knows {}", version, steps.size()));
}

Result<Lineage> lineage_of(SqliteConnection& connection) {
  constexpr std::size_t first_with_lineage = 3;
  GH_TRY(const std::size_t version, version_of(connection));
  if (version < first_with_lineage)
    return fail(Failure::not_found, fmt::format("the database is of version {}", version));
  auto statement = connection.prepare("SELECT id, backup, is_copy FROM lineage");
  if (!statement.has_row()) return std::unexpected(connection.trouble());
  return Lineage{.id = statement.text_at(0),
                 .backup = static_cast<std::uint64_t>(statement.number_at(1)),
                 .is_copy = statement.number_at(2) != 0};
}

Result<SqliteConnection> open_sqlite(const std::string& path, std::chrono::milliseconds patience) {
  auto connection = open_newest(path, patience);
  if (!connection)
    return fail(connection.error().kind, fmt::format("{}: {}", path, connection.error().subject));
  return connection;
}

Result<void> migrate(SqliteConnection& connection) {
  GH_TRY(std::size_t version, version_of(connection));
  GH_CHECK(check_known(version));
  while (version < steps.size()) {
    GH_CHECK(take_step(connection));
    GH_TRY(version, version_of(connection));
  }
  return {};
}

}  // namespace gatehouse::stores
