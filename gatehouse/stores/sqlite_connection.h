/// SqliteConnection — one connection and its prepared statements; private to this room.
#pragma once

#include <sqlite3.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/result.h"
#include "gatehouse/stores/revocation_journal.h"

namespace gatehouse::stores {

/// One use of a prepared statement. Values are bound, never written into the SQL.
class SqliteStatement {
 public:
  explicit SqliteStatement(sqlite3_stmt* statement) noexcept : statement_(statement) {}
  SqliteStatement(SqliteStatement&& other) noexcept : statement_(std::exchange(other.statement_, nullptr)) {}
  SqliteStatement& operator=(SqliteStatement&&) = delete;
  ~SqliteStatement();  ///< ready for the next use

  /// The next values, in the order of the statement's ?1, ?2, …
  SqliteStatement& text(std::string_view value);
  SqliteStatement& octets(std::string_view value);
  SqliteStatement& octets_or_null(std::string_view value);  ///< NULL when empty
  SqliteStatement& number(std::int64_t value);
  SqliteStatement& instant(Instant value);  ///< milliseconds since 1970
  SqliteStatement& instant(const std::optional<Instant>& value);

  int step();  ///< SQLITE_ROW, SQLITE_DONE or an error
  bool has_row() { return step() == SQLITE_ROW; }

  /// Of the current row.
  std::string text_at(int column) const;  ///< of a text or of octets; empty for NULL
  std::int64_t number_at(int column) const;
  Instant instant_at(int column) const;
  std::optional<Instant> optional_instant_at(int column) const;

 private:
  sqlite3_stmt* statement_;  // null: it could not be prepared, and every step fails
  int bound_ = 0;
};

class SqliteConnection {
 public:
  enum class Mode : std::uint8_t { read, write };

  /// Fails with unavailable and the system's word.
  static Result<SqliteConnection> open(const std::string& path, Mode mode,
                                       std::chrono::milliseconds patience);

  /// `sql` must be a literal: the statement is kept by its address.
  SqliteStatement prepare(const char* sql);
  Result<void> run(const char* sql);                ///< one or several statements without results
  Result<void> finish(SqliteStatement& statement);  ///< steps one that has no rows
  std::int64_t changes() const noexcept { return sqlite3_changes64(database_.get()); }
  bool is_busy() const noexcept;  ///< the last failure was that somebody else held a lock
  Error trouble() const;          ///< unavailable, with SQLite's word for the last failure, or the journal's

  /// Of what is written through this connection; null: none is kept (see keep_journal()).
  RevocationJournal* journal() const noexcept { return journal_.get(); }
  RevocationJournal& own(std::unique_ptr<RevocationJournal> journal) {
    journal_ = std::move(journal);
    return *journal_;
  }

  sqlite3* handle() const noexcept { return database_.get(); }

 private:
  struct Close {
    void operator()(sqlite3* database) const noexcept { sqlite3_close_v2(database); }
    void operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }
  };

  explicit SqliteConnection(sqlite3* database) noexcept : database_(database) {}

  std::unique_ptr<RevocationJournal> journal_;  // goes last: the database calls it
  std::unique_ptr<sqlite3, Close> database_;
  std::unordered_map<const char*, std::unique_ptr<sqlite3_stmt, Close>>
      statements_;  // go before the database
};

}  // namespace gatehouse::stores
