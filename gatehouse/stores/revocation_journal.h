/// RevocationJournal — what was taken from somebody since a backup was made, in files beside the database;
/// private to this room.
///
/// A backup that is put back must not give it back. So whatever ends a session, withdraws a token, changes a
/// user or a client, or moves a key on is written here too, and is on the disk before its transaction
/// commits. A refresh is, when it is the session's first since the last backup: from then on the token that
/// the backup knows as the newest is an old one.
///
/// One file for each backup, PATH.journal-LINEAGE-NUMBER of mode 0600, which begins when that backup is made;
/// before the first one there is nothing to write. A line is eight hex digits of the SHA-256 of its text, a
/// blank, and its text: a JSON array whose first element says what it is. ADR 0013 has the whole of it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "gatehouse/base/result.h"

namespace gatehouse::stores {

class SqliteConnection;

/// Which file: of which database, since which of its backups.
struct JournalPlace {
  std::string lineage;
  std::uint64_t backup = 0;
  bool operator==(const JournalPlace&) const = default;
};

/// The line in front of those of a transaction. The last ones of a journal may be of one that never came to
/// its commit: the program was stopped between the two.
inline constexpr std::string_view journal_transaction = R"(["transaction"])";

std::string journal_file(const std::string& path, const JournalPlace& place);

class RevocationJournal {
 public:
  /// Of the database at `path`.
  explicit RevocationJournal(std::string path) : path_(std::move(path)) {}
  RevocationJournal(const RevocationJournal&) = delete;
  RevocationJournal& operator=(const RevocationJournal&) = delete;
  ~RevocationJournal();

  /// One more line of the transaction under way.
  void add(const JournalPlace& place, std::string_view text);

  /// How much the transaction has so far; going back to it forgets what came after.
  std::size_t size() const noexcept { return lines_.size(); }
  void cut(std::size_t size) { lines_.resize(size); }

  /// Writes the lines and waits for the disk; what was written in part is taken back. Whoever calls has the
  /// database locked, so that nobody else writes meanwhile.
  Result<void> flush();

  const std::optional<Error>& trouble() const noexcept { return trouble_; }  ///< of the last flush

 private:
  Result<void> open();

  const std::string path_;
  std::string lines_;
  JournalPlace place_;  // of the lines
  JournalPlace opened_;
  int file_ = -1;
  std::optional<Error> trouble_;
};

/// From now on what `connection`, which writes to the database at `path`, takes from anybody is journaled.
Result<void> keep_journal(SqliteConnection& connection, const std::string& path);

/// Begins the file of a backup, and says so in the one before; on the disk when it returns. Again is as once.
Result<void> begin_journal(const std::string& path, const JournalPlace& place);

struct JournalReading {
  std::uint64_t newest = 0;  ///< backup whose file was read last
  bool is_complete = false;  ///< nothing is missing, and nothing was changed
};

/// Hands every line since that backup to `visit`, in order. Fails as `visit` does.
Result<JournalReading> read_journal(const std::string& path, const JournalPlace& since,
                                    const std::function<Result<void>(const std::string& text)>& visit);

/// The highest number among the files that are there; 0: none is.
std::uint64_t newest_journal(const std::string& path, const std::string& lineage);

/// Removes the files of backups before `place.backup`.
void remove_journals_before(const std::string& path, const JournalPlace& place);

}  // namespace gatehouse::stores
