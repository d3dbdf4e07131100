#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include "gatehouse/stores/durable_file.h"
#include "gatehouse/stores/restore_sources.h"
#include "gatehouse/stores/sqlite_audit_log.h"
#include "gatehouse/stores/sqlite_file.h"
#include "gatehouse/stores/sqlite_maintenance.h"
#include "gatehouse/stores/sqlite_schema.h"
#include "gatehouse/stores/store_lock.h"

namespace gatehouse::stores {
namespace {

constexpr std::int64_t far_beyond = 1'000'000'000;  // revocations that are not known

Result<std::int64_t> last_sequence_of(SqliteConnection& connection) {
  auto statement =
      connection.prepare("SELECT ifnull(max(seq), 0) FROM sqlite_sequence WHERE name = 'revocations'");
  if (!statement.has_row()) return std::unexpected(connection.trouble());
  return statement.number_at(0);
}

// --- The backup

Result<Lineage> check_backup(SqliteConnection& backup, const RestoreOptions& options) {
  GH_CHECK(check_pages(backup));
  GH_TRY(const std::size_t version, version_of(backup));
  GH_CHECK(check_known(version));
  auto lineage = lineage_of(backup);
  if (!lineage && lineage.error().kind == Failure::not_found) lineage = Lineage{};
  if (!lineage || lineage->is_copy || options.strict || options.trusts_backup) return lineage;
  return fail(
      Failure::conflict,
      "it was not made by a backup, so that nobody knows what was revoked after it; restore it strictly");
}

// A database again, of the newest version, and with another name for the numbers of its deny feed.
Result<SqliteConnection> make_database(SqliteConnection& backup, const std::string& path) {
  GH_TRY(SqliteConnection made,
         SqliteConnection::open(path, SqliteConnection::Mode::write, maintenance_patience));
  GH_CHECK(copy_pages(backup, made));
  GH_CHECK(made.run("PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL"));
  GH_CHECK(migrate(made));
  return made;
}

// --- The database that is there

struct OldDatabase {
  bool is_there = false;
  bool is_whole = false;
  std::size_t version = 0;
  Lineage lineage;
  std::int64_t revocations = 0;  // the highest sequence number that was ever given
};

// Leaving WAL takes that nobody else has it open, whichever program it is, and leaves one file.
Result<OldDatabase> look_at_old(const std::string& path) {
  OldDatabase old;
  if (!check_is_there(path)) return old;
  old.is_there = true;
  auto opened = SqliteConnection::open(path, SqliteConnection::Mode::write, Seconds(0));
  if (!opened) return old;
  if (auto left = opened->run("PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE; COMMIT"); !left) {
    if (opened->is_busy()) return fail(Failure::conflict, path + ": it is in use by another program");
    return old;
  }
  if (!check_pages(*opened)) return old;
  const auto version = version_of(*opened);
  const auto lineage = lineage_of(*opened);
  if (!version || !lineage) return old;
  GH_TRY(old.revocations, last_sequence_of(*opened));
  old.is_whole = true;
  old.version = *version;
  old.lineage = *lineage;
  return old;
}

Result<void> attach(SqliteConnection& made, const std::string& path) {
  auto statement = made.prepare("ATTACH ?1 AS old");
  return made.finish(statement.text(path));
}

// --- What is known

struct Knowledge {
  RestoreReport report;
  std::uint64_t newest = 0;   // backup that a journal, or the old database, knows of
  std::int64_t sequence = 0;  // of the last revocation that is known
};

// The highest revocation that the journal has; the old database is outdated if it has less. Those of the last
// transaction it need not have: its commit may never have come.
class LastRevoked {
 public:
  void read(const std::string& text) {
    constexpr std::string_view begin = R"(["revoked",)";
    if (text == journal_transaction) committed_ = std::max(committed_, last_);
    if (text.starts_with(begin)) last_ = std::max(last_, number_at(text, begin.size()));
  }
  std::int64_t committed() const noexcept { return committed_; }

 private:
  static std::int64_t number_at(const std::string& text, std::size_t at) {
    return std::strtoll(text.c_str() + at, nullptr, 10);
  }

  std::int64_t committed_ = 0;
  std::int64_t last_ = 0;
};

Result<Knowledge> absorb(SqliteConnection& made, const std::string& path, const Lineage& lineage,
                         const OldDatabase& old) {
  const JournalPlace since{.lineage = lineage.id, .backup = lineage.backup};
  Knowledge knowledge{.report = {.backup = lineage.is_copy ? lineage.backup : 0},
                      .newest = std::max(lineage.backup, newest_journal(path, lineage.id))};
  BroughtBack brought_back;
  LastRevoked last_revoked;
  GH_TRY(const JournalReading journal,
         read_journal(path, since, [&](const std::string& text) -> Result<void> {
           last_revoked.read(text);
           return {};
         }));
  const bool is_ours =
      old.is_whole && old.version == newest_version() && old.lineage.id == lineage.id && !old.lineage.is_copy;
  if (is_ours && old.lineage.backup >= knowledge.newest && old.revocations >= last_revoked.committed()) {
    GH_CHECK(absorb_old(made));
    knowledge.report.has_used_old = true;
    knowledge.newest = old.lineage.backup;
  }
  GH_TRY(const JournalReading applied, read_journal(path, since, [&](const std::string& text) {
           return absorb_line(made, text, brought_back);
         }));
  if (knowledge.report.has_used_old) {
    GH_TRY(brought_back, count_brought_back(made));
  }
  knowledge.report.has_used_journal = lineage.is_copy && journal.is_complete && applied.is_complete;
  GH_TRY(knowledge.sequence, last_sequence_of(made));
  if (is_ours) knowledge.sequence = std::max(knowledge.sequence, old.revocations);
  knowledge.report.users_disabled = brought_back.users;
  knowledge.report.clients_disabled = brought_back.clients;
  return knowledge;
}

// --- What follows from it

// No number is given twice.
Result<void> raise_sequence(SqliteConnection& made, std::int64_t least) {
  GH_CHECK(
      made.run("INSERT INTO sqlite_sequence SELECT 'revocations', 0 WHERE NOT EXISTS (SELECT * FROM "
               "sqlite_sequence WHERE name = 'revocations')"));
  auto statement = made.prepare("UPDATE sqlite_sequence SET seq = max(seq, ?1) WHERE name = 'revocations'");
  return made.finish(statement.number(least));
}

Result<void> settle(SqliteConnection& made, Knowledge& knowledge, Instant now,
                    const RestoreOptions& options) {
  RestoreReport& report = knowledge.report;
  const Instant until = now + options.longest_token;
  GH_CHECK(settle_keys(made, now, until));
  GH_CHECK(raise_sequence(made, knowledge.sequence));
  if (!report.is_complete()) GH_CHECK(raise_sequence(made, knowledge.sequence + far_beyond));
  if (options.strict || (!report.is_complete() && !options.trusts_backup)) {
    GH_TRY(report.sessions_ended, end_everything(made, now, until));
  } else if (options.recovery_window > Seconds(0)) {
    GH_TRY(report.sessions_recoverable, make_recoverable(made, now + options.recovery_window));
  } else {
    GH_TRY(report.sessions_ended, end_marked(made, now, until));
  }
  return {};
}

Result<void> sign(SqliteConnection& made, const Knowledge& knowledge, Instant now) {
  auto lineage =
      made.prepare("UPDATE lineage SET is_copy = 0, backup = ?1, feed = lower(hex(randomblob(8)))");
  GH_CHECK(made.finish(lineage.number(static_cast<std::int64_t>(knowledge.newest + 1))));
  const RestoreReport& report = knowledge.report;
  return append_audit(made, {.at = now,
                             .event = "db.restored",
                             .actor = "operator",
                             .subject = fmt::format("backup {}", report.backup),
                             .reason = report.has_used_old       ? "old_database"
                                       : report.has_used_journal ? "journal"
                                                                 : "incomplete"});
}

// What the restore has ended must not live again by another one.
Result<void> journal_ends(SqliteConnection& made, const std::string& path, const JournalPlace& place,
                          Instant now) {
  GH_CHECK(begin_journal(path, place));
  RevocationJournal journal(path);
  auto statement = made.prepare(
      "SELECT json_array('ended', sid, ended, end_reason) FROM sessions WHERE ended = ?1 AND end_reason = "
      "?2");
  statement.instant(now).number(static_cast<std::int64_t>(SessionEnd::restored));
  int outcome = statement.step();
  for (; outcome == SQLITE_ROW; outcome = statement.step()) journal.add(place, statement.text_at(0));
  if (outcome != SQLITE_DONE) return std::unexpected(made.trouble());
  return journal.flush();
}

// --- Its place

// The old one keeps a name until the new one has taken its own. What lies beside one that could not be read
// goes with it: SQLite would take its WAL for the new one's.
Result<std::string> keep_old(const std::string& path, const OldDatabase& old, std::uint64_t number) {
  std::string kept = fmt::format("{}.replaced-{}", path, number);
  if (old.is_there && ::link(path.c_str(), kept.c_str()) != 0) return system_failure(kept);
  for (const char* suffix : {"-wal", "-shm", "-journal"}) {
    std::error_code none;
    std::filesystem::rename(path + suffix, kept + suffix, none);
  }
  return old.is_there ? kept : std::string();
}

Result<RestoreReport> restore_to(SqliteConnection& backup, const Lineage& lineage, const std::string& path,
                                 Instant now, const RestoreOptions& options) {
  GH_TRY(const StoreLock lock, StoreLock::take(path));
  GH_TRY(const OldDatabase old, look_at_old(path));
  GH_TRY(const Draft draft, Draft::make(path + ".restoring"));
  std::optional<Knowledge> knowledge;
  {
    GH_TRY(SqliteConnection made, make_database(backup, draft.path()));
    if (old.is_whole) GH_CHECK(attach(made, path));
    GH_CHECK(made.run("BEGIN IMMEDIATE"));
    GH_TRY(knowledge, absorb(made, path, lineage, old));
    GH_CHECK(settle(made, *knowledge, now, options));
    GH_CHECK(sign(made, *knowledge, now));
    GH_CHECK(made.run("COMMIT"));
    GH_TRY(const Lineage own, lineage_of(made));
    GH_CHECK(journal_ends(made, path, {.lineage = own.id, .backup = own.backup}, now));
  }
  GH_TRY(knowledge->report.replaced, keep_old(path, old, knowledge->newest + 1));
  GH_CHECK(draft.publish_over(path));
  return knowledge->report;
}

}  // namespace

Result<RestoreReport> restore(const std::string& backup, const std::string& path, Instant now,
                              const RestoreOptions& options) {
  auto opened = naming(backup, open_sqlite_to_read(backup));
  if (!opened) return std::unexpected(std::move(opened).error());
  auto lineage = naming(backup, check_backup(*opened, options));
  if (!lineage) return std::unexpected(std::move(lineage).error());
  return naming(path, restore_to(*opened, *lineage, path, now, options));
}

}  // namespace gatehouse::stores
