#include "gatehouse/base/lane_pool.h"

#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

namespace gatehouse {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t longest_thread_name = 15;  // of Linux

}  // namespace

LanePool::LanePool(std::string name, const LaneOptions& options, int niceness)
    : name_(std::move(name)), niceness_(niceness), queue_(options) {
  threads_.reserve(options.slots);
  for (std::size_t i = 0; i < options.slots; ++i) threads_.emplace_back([this] { work(); });
}

LanePool::~LanePool() {
  std::vector<LaneQueue::Job> waiting;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    waiting = queue_.take_all();
  }
  ready_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  drop(waiting);
}

bool LanePool::try_submit(Lane lane, LaneQueue::Job job) {
  const std::lock_guard lock(mutex_);
  if (stopping_ || !queue_.try_push(lane, std::move(job), SteadyClock::now())) return false;
  ready_.notify_one();  // under the lock: when the job has been done, this may be gone
  return true;
}

void LanePool::drop(std::vector<LaneQueue::Job>& jobs) {
  for (LaneQueue::Job& job : jobs) job(false);
  jobs.clear();
}

void LanePool::work() {
  pthread_setname_np(pthread_self(), name_.substr(0, longest_thread_name).c_str());
  // On Linux this is of one thread. Without leave the thread is as nice as the others.
  setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), niceness_);
  for (;;) {
    std::unique_lock lock(mutex_);
    ready_.wait(lock, [this] { return stopping_ || queue_.waiting() != 0; });
    if (stopping_) return;
    LaneQueue::Next next = queue_.next(SteadyClock::now());
    lock.unlock();
    drop(next.dropped);
    if (!next.job) continue;
    const auto begun = SteadyClock::now();
    (*next.job)(true);
    next.job.reset();
    const auto time = SteadyClock::now() - begun;
    lock.lock();
    queue_.took(time);
  }
}

}  // namespace gatehouse
