#include "gatehouse/stores/sqlite_connection.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace gatehouse::stores {
namespace {

// Made here, so that nobody else can read it: SQLite would go by the umask, and gives its WAL the same mode.
Result<void> make_file(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);  // NOLINT(*-vararg): POSIX
  if (file < 0) return fail(Failure::unavailable, std::generic_category().message(errno));
  ::close(file);
  return {};
}

}  // namespace

SqliteStatement::~SqliteStatement() {
  if (statement_ == nullptr) return;
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

SqliteStatement& SqliteStatement::text(std::string_view value) {
  sqlite3_bind_text64(statement_, ++bound_, value.data(), value.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  return *this;
}

SqliteStatement& SqliteStatement::octets(std::string_view value) {
  const char* at = value.data() ? value.data() : "";  // no address would be NULL
  sqlite3_bind_blob64(statement_, ++bound_, at, value.size(), SQLITE_TRANSIENT);
  return *this;
}

SqliteStatement& SqliteStatement::octets_or_null(std::string_view value) {
  if (!value.empty()) return octets(value);
  sqlite3_bind_null(statement_, ++bound_);
  return *this;
}

SqliteStatement& SqliteStatement::number(std::int64_t value) {
  sqlite3_bind_int64(statement_, ++bound_, value);
  return *this;
}

SqliteStatement& SqliteStatement::instant(Instant value) { return number(value.time_since_epoch().count()); }

SqliteStatement& SqliteStatement::instant(const std::optional<Instant>& value) {
  if (value) return instant(*value);
  sqlite3_bind_null(statement_, ++bound_);
  return *this;
}

int SqliteStatement::step() { return statement_ ? sqlite3_step(statement_) : SQLITE_ERROR; }

std::string SqliteStatement::text_at(int column) const {
  const void* at = sqlite3_column_blob(statement_, column);
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
  return at ? std::string(static_cast<const char*>(at), size) : std::string();
}

std::int64_t SqliteStatement::number_at(int column) const { return sqlite3_column_int64(statement_, column); }

Instant SqliteStatement::instant_at(int column) const {
  return Instant(std::chrono::milliseconds(number_at(column)));
}

std::optional<Instant> SqliteStatement::optional_instant_at(int column) const {
  if (sqlite3_column_type(statement_, column) == SQLITE_NULL) return std::nullopt;
  return instant_at(column);
}

Result<SqliteConnection> SqliteConnection::open(const std::string& path, Mode mode,
                                                std::chrono::milliseconds patience) {
  if (mode == Mode::write) GH_CHECK(make_file(path));
  sqlite3* raw = nullptr;
  const int access = mode == Mode::write ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY;
  const int outcome = sqlite3_open_v2(path.c_str(), &raw, access | SQLITE_OPEN_NOMUTEX, nullptr);
  SqliteConnection connection(raw);
  if (outcome != SQLITE_OK) return fail(Failure::unavailable, sqlite3_errstr(outcome));
  sqlite3_extended_result_codes(raw, 1);
  sqlite3_busy_timeout(raw, static_cast<int>(patience.count()));
  GH_CHECK(connection.run("PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF"));
  return connection;
}

SqliteStatement SqliteConnection::prepare(const char* sql) {
  auto& statement = statements_[sql];
  if (!statement) {
    sqlite3_stmt* raw = nullptr;
    sqlite3_prepare_v3(database_.get(), sql, -1, SQLITE_PREPARE_PERSISTENT, &raw, nullptr);
    statement.reset(raw);
  }
  return SqliteStatement(statement.get());
}

Result<void> SqliteConnection::run(const char* sql) {
  if (sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK)
    return std::unexpected(trouble());
  return {};
}

Result<void> SqliteConnection::finish(SqliteStatement& statement) {
  if (statement.step() != SQLITE_DONE) return std::unexpected(trouble());
  return {};
}

bool SqliteConnection::is_busy() const noexcept {
  return (sqlite3_errcode(database_.get()) & 0xff) == SQLITE_BUSY;
}

Error SqliteConnection::trouble() const {
  const bool is_journals = sqlite3_extended_errcode(database_.get()) == SQLITE_CONSTRAINT_COMMITHOOK;
  if (is_journals && journal_ && journal_->trouble()) return *journal_->trouble();
  return {.kind = Failure::unavailable, .subject = sqlite3_errmsg(database_.get())};
}

}  // namespace gatehouse::stores
