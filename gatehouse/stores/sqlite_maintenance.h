/// SQLite maintenance — what an operator does to the file of a store: look at it, bring it to the newest
/// version, copy it, and put a copy back.
///
/// Calls block, and may take as long as reading the whole file does. Every failure names the path.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/result.h"
#include "gatehouse/stores/audit_log.h"

namespace gatehouse::stores {

struct MigrationStatus {
  std::size_t version = 0;       ///< of the file
  std::size_t newest = 0;        ///< that this program knows
  std::vector<std::string> due;  ///< what each step in between is for, in their order
  bool operator==(const MigrationStatus&) const = default;
};

/// Changes nothing. Fails with not_found when there is no file, conflict when it is of a newer release, and
/// unavailable with SQLite's word.
Result<MigrationStatus> migration_status(const std::string& path);

/// Takes the steps that are due, each in a transaction of its own, and says how it stands then; opening a
/// store does the same. Fails as migration_status, and with unavailable while the file is being restored.
Result<MigrationStatus> apply_migrations(const std::string& path);

struct DatabaseCheck {
  std::size_t version = 0;
  AuditVerdict
      audit;  ///< a chain that is cut off at its end holds: compare `newest_hash` with one kept elsewhere
};

/// Reads every page, index and audit entry, and changes nothing. Fails as migration_status, and with
/// unavailable, saying what is damaged. A broken audit chain is no failure: the answer says where.
Result<DatabaseCheck> check_database(const std::string& path);

struct BackupOptions {
  /// Of how many backups, with this one, what was revoked since is kept. A restore of an older one has to end
  /// every session.
  std::size_t journals = 100;
};

/// Copies the database to `target`, a file of mode 0600 that must not be there yet, while others read and
/// write. It is whole and on the disk when it has its name. From here on what is revoked is written to a
/// journal beside the database too: keep those files on another disk than the backups. Fails with not_found
/// without a database, conflict when `target` is there or a migration has to come first, and unavailable.
Result<void> back_up(const std::string& path, const std::string& target, Instant now,
                     const BackupOptions& options = {});

}  // namespace gatehouse::stores
