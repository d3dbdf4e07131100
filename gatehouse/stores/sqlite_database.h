/// SqliteDatabase — one file, one thread that writes and a few that read; private to this room.
///
/// Writes that wait at once are one transaction with one commit: a flush of the disk costs a millisecond, and
/// everybody shares it. Each has a savepoint of its own, so that one that fails leaves the others alone;
/// nobody is told before the commit is on the disk.
#pragma once

#include <atomic>
#include <condition_variable>
#include <coroutine>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "gatehouse/base/executor.h"
#include "gatehouse/base/task.h"
#include "gatehouse/base/worker_pool.h"
#include "gatehouse/stores/sqlite_connection.h"
#include "gatehouse/stores/store.h"
#include "gatehouse/stores/store_lock.h"

namespace gatehouse::stores {

class SqliteDatabase {
 public:
  static Result<std::unique_ptr<SqliteDatabase>> open(const std::string& path, const SqliteOptions& options);
  ~SqliteDatabase();  ///< writes what waits
  SqliteDatabase(const SqliteDatabase&) = delete;
  SqliteDatabase& operator=(const SqliteDatabase&) = delete;

  /// `job(connection)`, a Result, as part of a transaction; undone when it fails. overloaded when too many
  /// wait, unavailable when the commit failed. `job` must not throw and refer only to what it owns.
  template <class Job>
  Task<std::invoke_result_t<Job&, SqliteConnection&>> write(Job job) {
    WriteCall<Job> call(*this, std::move(job));
    co_return co_await call;
  }

  /// `job(connection)`, a Result, on a thread that reads what has been committed.
  template <class Job>
  Task<std::invoke_result_t<Job&, SqliteConnection&>> read(Job job) {
    auto work = [this, job = std::move(job)]() mutable {
      const Lent lent(*this);
      return job(*lent.connection);
    };
    co_return co_await run_blocking(readers_, std::move(work));
  }

  Instant latest() const noexcept { return Instant(std::chrono::milliseconds(latest_.load())); }

  /// To be called by a write with the instant it goes by: kept in the file, about once a second.
  Result<void> note(SqliteConnection& connection, Instant now);

 private:
  // A write that waits: it lives in the frame of who awaits it.
  class Pending {
   public:
    virtual bool run(SqliteConnection& connection) = 0;            // whether to keep what it did
    virtual void resume(const std::optional<Error>& trouble) = 0;  // *this may be gone when it returns

   protected:
    ~Pending() = default;
  };

  template <class Job>
  class WriteCall final : Pending {
   public:
    using Outcome = std::invoke_result_t<Job&, SqliteConnection&>;

    WriteCall(SqliteDatabase& database, Job job) : database_(database), job_(std::move(job)) {}

    bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> caller) {
      caller_ = caller;
      home_ = Executor::current();
      const bool accepted = database_.enqueue(*this);  // when it was, this object may be gone
      if (!accepted) outcome_.emplace(fail(Failure::overloaded, "store"));
      return accepted;
    }
    Outcome await_resume() { return *std::move(outcome_); }

   private:
    bool run(SqliteConnection& connection) override { return outcome_.emplace(job_(connection)).has_value(); }
    void resume(const std::optional<Error>& trouble) override {
      if (trouble) outcome_.emplace(std::unexpected(*trouble));
      resume_on(home_, caller_);
    }

    SqliteDatabase& database_;
    Job job_;
    std::optional<Outcome> outcome_;
    std::coroutine_handle<> caller_;
    Executor* home_ = nullptr;
  };

  // A reading connection, for one call.
  struct Lent {
    explicit Lent(SqliteDatabase& from) : database(from), connection(from.lend()) {}
    Lent(const Lent&) = delete;
    Lent& operator=(const Lent&) = delete;
    ~Lent() { database.give_back(std::move(connection)); }
    SqliteDatabase& database;
    std::unique_ptr<SqliteConnection> connection;
  };

  SqliteDatabase(const SqliteOptions& options, StoreLock lock, SqliteConnection writer,
                 std::vector<std::unique_ptr<SqliteConnection>> readers, Instant latest);

  bool enqueue(Pending& pending);
  void work();
  std::optional<Error> commit(const std::vector<Pending*>& batch);
  std::unique_ptr<SqliteConnection> lend();
  void give_back(std::unique_ptr<SqliteConnection> connection);

  StoreLock lock_;
  std::size_t longest_queue_;
  SqliteConnection writer_;
  std::atomic<std::int64_t> latest_;  // milliseconds
  std::int64_t noted_;                // in the file; the writer's alone

  std::mutex mutex_;  // of all that follows
  std::condition_variable ready_;
  std::vector<Pending*> queue_;
  std::vector<std::unique_ptr<SqliteConnection>> idle_readers_;
  bool stopping_ = false;

  WorkerPool readers_;
  std::thread thread_;
};

}  // namespace gatehouse::stores
