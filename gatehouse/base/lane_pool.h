/// LanePool — threads of their own for work that burns CPU, with two lanes and a queue that sheds load.
///
/// A slot belongs to the job that runs on it, not to whoever waits for its answer: a client that goes away
/// frees nothing. The threads are nice to those that serve requests.
#pragma once

#include <condition_variable>
#include <coroutine>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "gatehouse/base/executor.h"
#include "gatehouse/base/lane_queue.h"
#include "gatehouse/base/result.h"
#include "gatehouse/base/task.h"

namespace gatehouse {

class LanePool {
 public:
  /// One thread a slot, `niceness` steps behind the others. `name` is for the messages, and the threads'.
  LanePool(std::string name, const LaneOptions& options, int niceness = 5);
  ~LanePool();  ///< ends what runs, drops what waits
  LanePool(const LanePool&) = delete;
  LanePool& operator=(const LanePool&) = delete;

  /// False when there is no room in that lane, or the pool is stopping; `job` is then not called.
  bool try_submit(Lane lane, LaneQueue::Job job);
  const std::string& name() const noexcept { return name_; }

 private:
  void work();
  static void drop(std::vector<LaneQueue::Job>& jobs);

  std::string name_;
  int niceness_;
  std::mutex mutex_;
  std::condition_variable ready_;
  LaneQueue queue_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

/// Awaits `job()` on the pool and goes on where the caller was, as BlockingCall of worker_pool.h does.
template <class Job>
class LaneCall {
 public:
  using Value = std::invoke_result_t<Job&>;

  LaneCall(LanePool& pool, Lane lane, Job job) : pool_(pool), lane_(lane), job_(std::move(job)) {}

  bool await_ready() const noexcept { return false; }

  bool await_suspend(std::coroutine_handle<> caller) {
    Executor* home = Executor::current();
    // Once submitted, a worker may resume the caller at any time: this object may be gone.
    return pool_.try_submit(lane_, [this, caller, home](bool runs) {
      if (runs) value_.emplace(job_());
      resume_on(home, caller);
    });
  }

  Result<Value> await_resume() {
    if (!value_) return fail(Failure::overloaded, pool_.name());
    return *std::move(value_);
  }

 private:
  LanePool& pool_;
  Lane lane_;
  Job job_;
  std::optional<Value> value_;
};

/// `const auto done = co_await run_in_lane(pool, lane, job);` with `job` named first. Failure::overloaded
/// when there was no room, or no slot in time. `job` must not throw.
template <class Job>
Task<Result<std::invoke_result_t<Job&>>> run_in_lane(LanePool& pool, Lane lane, Job job) {
  LaneCall<Job> call(pool, lane, std::move(job));
  co_return co_await call;
}

}  // namespace gatehouse
