#include <fmt/format.h>
#include <unistd.h>

#include "gatehouse/base/random.h"
#include "gatehouse/stores/durable_file.h"
#include "gatehouse/stores/sqlite_audit_log.h"
#include "gatehouse/stores/sqlite_file.h"
#include "gatehouse/stores/sqlite_maintenance.h"
#include "gatehouse/stores/sqlite_schema.h"
#include "gatehouse/stores/store_lock.h"

namespace gatehouse::stores {
namespace {

Result<void> count_backup(SqliteConnection& connection, Instant now) {
  GH_CHECK(connection.run("UPDATE lineage SET backup = backup + 1"));
  return append_audit(connection, {.at = now, .event = "db.backup", .actor = "operator"});
}

// What `reader` sees from now on is what the backup holds, and the journal has whatever comes after it: both
// begin while the database is locked for writing.
Result<JournalPlace> begin_backup(const std::string& path, SqliteConnection& reader, Instant now) {
  GH_TRY(SqliteConnection writer,
         SqliteConnection::open(path, SqliteConnection::Mode::write, maintenance_patience));
  insist(writer);
  GH_CHECK(writer.run("PRAGMA synchronous = FULL; BEGIN IMMEDIATE"));
  GH_CHECK(reader.run("BEGIN"));
  GH_TRY(const Lineage lineage, lineage_of(reader));  // a transaction begins to see when it reads
  JournalPlace place{.lineage = lineage.id, .backup = lineage.backup + 1};
  GH_CHECK(begin_journal(path, place));
  GH_CHECK(count_backup(writer, now));
  GH_CHECK(writer.run("COMMIT"));
  return place;
}

// One file, without a WAL beside it, that knows what it is.
Result<void> fill(const Draft& draft, SqliteConnection& reader) {
  GH_TRY(SqliteConnection copy,
         SqliteConnection::open(draft.path(), SqliteConnection::Mode::write, maintenance_patience));
  GH_CHECK(copy_pages(reader, copy));
  GH_CHECK(
      copy.run("PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL; UPDATE lineage SET backup = backup "
               "+ 1, is_copy "
               "= 1"));
  return check_pages(copy);
}

Result<void> copy_database(const std::string& path, const std::string& target, Instant now,
                           const BackupOptions& options) {
  GH_TRY(SqliteConnection reader, open_sqlite_to_read(path));
  GH_TRY(const StoreLock lock, StoreLock::share(path));
  const auto known = lineage_of(reader);
  if (!known && known.error().kind == Failure::not_found)
    return fail(Failure::conflict, known.error().subject + ", which knows no backups; migrate it first");
  if (!known) return std::unexpected(known.error());
  if (known->is_copy) return fail(Failure::conflict, "it is a backup itself");
  GH_TRY(const Draft draft, Draft::make(fmt::format("{}.partial-{}", target, random_text(6))));
  GH_TRY(JournalPlace place, begin_backup(path, reader, now));
  GH_CHECK(fill(draft, reader));
  GH_CHECK(draft.publish_new(target));
  if (place.backup > options.journals) {
    place.backup -= options.journals - 1;
    remove_journals_before(path, place);
  }
  return {};
}

}  // namespace

Result<void> back_up(const std::string& path, const std::string& target, Instant now,
                     const BackupOptions& options) {
  if (::access(target.c_str(), F_OK) == 0) return fail(Failure::conflict, target + ": it exists already");
  return naming(path, copy_database(path, target, now, options));
}

}  // namespace gatehouse::stores
