/// SQLite maintenance — what an operator does to the file of a store: look at it, bring it to the newest
/// version, copy it, and put a copy back.
///
/// Calls block, and may take as long as reading the whole file does. Every failure names the path.
#pragma once

#include <cstddef>
#include <cstdint>
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

struct RestoreOptions {
  bool strict = false;  ///< end every session, whatever is known
  /// Let the sessions of the backup go on although nobody knows what was revoked after it, or whether it is a
  /// copy of that time at all. Whatever was revoked or stolen since is valid again.
  bool trusts_backup = false;
  /// For so long a client may go on with a refresh token that is newer than the backup, once, by its tag
  /// alone. Who has stolen one of those may be first, until its client comes. Zero: their sessions end.
  Seconds recovery_window{0};
  Seconds longest_token{3'660};  ///< access tokens of what is ended here are denied for so long
};

struct RestoreReport {
  std::uint64_t backup = 0;        ///< its number; 0: no backup of ours
  bool has_used_old = false;       ///< the database that was there: whole, of this lineage, and not outdated
  bool has_used_journal = false;   ///< it said everything since the backup
  std::size_t sessions_ended = 0;  ///< by the restore
  std::size_t sessions_recoverable = 0;  ///< within the recovery window
  std::size_t users_disabled = 0;        ///< that were removed since: they are back, and may not log in
  std::size_t clients_disabled = 0;      ///< the same
  std::string replaced;  ///< what the database that was there is called now; empty: there was none

  /// Else it is not known which users, clients and keys were changed after the backup: look at them.
  bool is_complete() const noexcept { return has_used_old || has_used_journal; }
};

/// Puts a backup back to `path`, which nobody may be using. What was revoked after the backup stays revoked:
/// it is read from the database that is there, and from the journal beside it, and where neither says
/// everything, every session ends (SessionEnd::restored). Followers of the deny feed are told to begin anew.
/// What was there is kept under another name; a crash leaves the one or the other at `path`. Fails with
/// not_found without a backup; conflict while `path` is in use, and for a file that back_up() has not made,
/// unless the options are strict or trust it; and unavailable, also for a backup that is damaged.
Result<RestoreReport> restore(const std::string& backup, const std::string& path, Instant now,
                              const RestoreOptions& options = {});

}  // namespace gatehouse::stores
