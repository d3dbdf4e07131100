#include "gatehouse/stores/sqlite_maintenance.h"

#include <fmt/format.h>

#include <utility>

#include "gatehouse/stores/sqlite_audit_log.h"
#include "gatehouse/stores/sqlite_file.h"
#include "gatehouse/stores/sqlite_schema.h"
#include "gatehouse/stores/store_lock.h"

namespace gatehouse::stores {
namespace {

Result<MigrationStatus> status_of(const std::string& path) {
  GH_TRY(SqliteConnection connection, open_sqlite_to_read(path));
  GH_TRY(const std::size_t version, version_of(connection));
  GH_CHECK(check_known(version));
  return MigrationStatus{.version = version, .newest = newest_version(), .due = steps_after(version)};
}

Result<AuditVerdict> check_audit(SqliteConnection& connection) {
  constexpr std::size_t page = 1000;
  AuditVerdict verdict;
  for (;;) {
    GH_TRY(const auto entries, audit_entries_after(connection, verdict.entries, page));
    if (entries.empty()) return verdict;
    for (const AuditEntry& entry : entries)
      if (!extend_chain(verdict, entry)) return verdict;
  }
}

Result<DatabaseCheck> check(const std::string& path) {
  GH_TRY(SqliteConnection connection, open_sqlite_to_read(path));
  GH_CHECK(check_pages(connection));
  GH_TRY(const std::size_t version, version_of(connection));
  GH_CHECK(check_known(version));
  DatabaseCheck found{.version = version, .audit = {}};
  constexpr std::size_t first_with_audit = 2;
  if (version < first_with_audit) return found;
  GH_TRY(found.audit, check_audit(connection));
  return found;
}

Result<void> migrate_file(const std::string& path) {
  GH_CHECK(check_is_there(path));
  GH_TRY(const StoreLock lock, StoreLock::share(path));
  GH_CHECK(open_sqlite(path, maintenance_patience));
  return {};
}

}  // namespace

Result<MigrationStatus> migration_status(const std::string& path) { return naming(path, status_of(path)); }

Result<MigrationStatus> apply_migrations(const std::string& path) {
  GH_CHECK(migrate_file(path));
  return migration_status(path);
}

Result<DatabaseCheck> check_database(const std::string& path) { return naming(path, check(path)); }

}  // namespace gatehouse::stores
