/// WorkerPool — a few threads for work that blocks or burns CPU, behind a queue that sheds load.
///
/// Nothing that blocks runs on a reactor: password hashing and databases come here. A full queue answers
/// `overloaded` at once; a caller is never kept waiting for a place.
#pragma once

#include <condition_variable>
#include <coroutine>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "gatehouse/base/executor.h"
#include "gatehouse/base/result.h"
#include "gatehouse/base/task.h"

namespace gatehouse {

class WorkerPool {
 public:
  /// `queue_limit` jobs may wait besides those that run. `name` is for the messages.
  WorkerPool(std::string name, std::size_t threads, std::size_t queue_limit);
  ~WorkerPool();  ///< finishes what is queued
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  /// False when the queue is full or the pool is stopping; `job` is then not run.
  bool try_submit(std::move_only_function<void()> job);
  const std::string& name() const noexcept { return name_; }

 private:
  void work();

  std::string name_;
  std::size_t queue_limit_;
  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<std::move_only_function<void()>> queue_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

/// Awaits `job()` on the pool and goes on where the caller was: on its reactor, or on the worker itself when
/// the caller has no executor. A full queue is Failure::overloaded. `job` must not throw.
template <class Job>
class BlockingCall {
 public:
  using Value = std::invoke_result_t<Job&>;

  BlockingCall(WorkerPool& pool, Job job) : pool_(pool), job_(std::move(job)) {}

  bool await_ready() const noexcept { return false; }

  bool await_suspend(std::coroutine_handle<> caller) {
    Executor* home = Executor::current();
    accepted_ =
        true;  // before the worker can resume the caller: this object may be gone when try_submit returns
    const bool submitted = pool_.try_submit([this, caller, home] {
      value_.emplace(job_());
      resume_on(home, caller);
    });
    if (!submitted) accepted_ = false;
    return submitted;
  }

  Result<Value> await_resume() {
    if (!accepted_) return fail(Failure::overloaded, pool_.name());
    return *std::move(value_);
  }

 private:
  WorkerPool& pool_;
  Job job_;
  bool accepted_ = false;
  std::optional<Value> value_;
};

namespace internal_blocking {

template <class Value>
struct Outcome {
  using type = Result<Value>;
};
template <class Value>
struct Outcome<Result<Value>> {
  using type = Result<Value>;
};

}  // namespace internal_blocking

/// `const auto done = co_await run_blocking(pool, job);` with `job` named first
/// (docs/adr/0003-coroutines.md). What a job gives comes in a Result; a Result that it gives comes as it is.
template <class Job>
Task<typename internal_blocking::Outcome<std::invoke_result_t<Job&>>::type> run_blocking(WorkerPool& pool,
                                                                                         Job job) {
  using Value = std::invoke_result_t<Job&>;
  BlockingCall<Job> call(pool, std::move(job));
  auto done = co_await call;
  if constexpr (std::is_same_v<Value, typename internal_blocking::Outcome<Value>::type>) {
    if (!done) co_return std::unexpected(std::move(done).error());
    co_return *std::move(done);
  } else {
    co_return done;
  }
}

}  // namespace gatehouse
