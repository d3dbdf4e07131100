#include "gatehouse/stores/sqlite_database.h"

#include <algorithm>
#include <tuple>

#include "gatehouse/stores/sqlite_schema.h"

namespace gatehouse::stores {
namespace {

constexpr std::size_t largest_batch = 256;
constexpr std::int64_t noting_interval = 1000;  // milliseconds

Result<Instant> latest_in(SqliteConnection& connection) {
  auto statement = connection.prepare("SELECT latest FROM clock");
  if (!statement.has_row()) return std::unexpected(connection.trouble());
  return statement.instant_at(0);
}

}  // namespace

Result<std::unique_ptr<SqliteDatabase>> SqliteDatabase::open(const std::string& path,
                                                             const SqliteOptions& options) {
  GH_TRY(StoreLock lock, StoreLock::share(path));
  GH_TRY(SqliteConnection writer, open_sqlite(path, options.longest_wait));
  std::vector<std::unique_ptr<SqliteConnection>> readers;
  for (std::size_t i = 0; i < options.readers; ++i) {
    GH_TRY(SqliteConnection reader,
           SqliteConnection::open(path, SqliteConnection::Mode::read, options.longest_wait));
    readers.push_back(std::make_unique<SqliteConnection>(std::move(reader)));
  }
  GH_TRY(const Instant latest, latest_in(writer));
  return std::unique_ptr<SqliteDatabase>(
      new SqliteDatabase(options, std::move(lock), std::move(writer), std::move(readers), latest));
}

SqliteDatabase::SqliteDatabase(const SqliteOptions& options, StoreLock lock, SqliteConnection writer,
                               std::vector<std::unique_ptr<SqliteConnection>> readers, Instant latest)
    : lock_(std::move(lock)),
      longest_queue_(options.longest_queue),
      writer_(std::move(writer)),
      latest_(latest.time_since_epoch().count()),
      noted_(latest_),
      idle_readers_(std::move(readers)),
      readers_("store", options.readers, options.longest_queue),
      thread_([this] { work(); }) {}

SqliteDatabase::~SqliteDatabase() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  ready_.notify_one();
  thread_.join();
}

bool SqliteDatabase::enqueue(Pending& pending) {
  const std::lock_guard lock(mutex_);
  if (stopping_ || queue_.size() >= longest_queue_) return false;
  queue_.push_back(&pending);
  ready_.notify_one();  // under the lock: when it has been written, this may be gone
  return true;
}

void SqliteDatabase::work() {
  std::vector<Pending*> batch;
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      ready_.wait(lock, [&] { return stopping_ || !queue_.empty(); });
      if (queue_.empty()) return;
      const auto count = static_cast<std::ptrdiff_t>(std::min(queue_.size(), largest_batch));
      batch.assign(queue_.begin(), queue_.begin() + count);
      queue_.erase(queue_.begin(), queue_.begin() + count);
    }
    const std::optional<Error> trouble = commit(batch);
    for (Pending* pending : batch) pending->resume(trouble);
  }
}

// The same transaction for all. What fails before the commit is everybody's trouble.
std::optional<Error> SqliteDatabase::commit(const std::vector<Pending*>& batch) {
  if (auto begun = writer_.run("BEGIN IMMEDIATE"); !begun) return std::move(begun).error();
  for (Pending* pending : batch) {
    auto saved = writer_.run("SAVEPOINT one");
    const std::size_t journaled = writer_.journal()->size();
    if (saved && !pending->run(writer_)) {
      saved = writer_.run("ROLLBACK TO one");
      writer_.journal()->cut(journaled);
    }
    if (saved) saved = writer_.run("RELEASE one");
    if (!saved) {
      std::ignore = writer_.run("ROLLBACK");
      return std::move(saved).error();
    }
  }
  if (auto committed = writer_.run("COMMIT"); !committed) {
    std::ignore = writer_.run("ROLLBACK");
    return std::move(committed).error();
  }
  return std::nullopt;
}

Result<void> SqliteDatabase::note(SqliteConnection& connection, Instant now) {
  const std::int64_t instant = now.time_since_epoch().count();
  if (instant <= latest_.load(std::memory_order_relaxed)) return {};
  latest_.store(instant);
  if (instant < noted_ + noting_interval) return {};
  auto statement = connection.prepare("UPDATE clock SET latest = ?1 WHERE latest < ?1");
  GH_CHECK(connection.finish(statement.number(instant)));
  noted_ = instant;
  return {};
}

std::unique_ptr<SqliteConnection> SqliteDatabase::lend() {
  const std::lock_guard lock(mutex_);  // one for each thread that reads: there is always one
  auto connection = std::move(idle_readers_.back());
  idle_readers_.pop_back();
  return connection;
}

void SqliteDatabase::give_back(std::unique_ptr<SqliteConnection> connection) {
  const std::lock_guard lock(mutex_);
  idle_readers_.push_back(std::move(connection));
}

}  // namespace gatehouse::stores
