#include "gatehouse/hosting/recurring_task.h"

#include <latch>
#include <utility>

namespace gatehouse::hosting {

RecurringTask::RecurringTask(std::chrono::milliseconds every, Make make, OnFailure on_failure)
    : every_(every),
      make_(std::move(make)),
      on_failure_(std::move(on_failure)),
      thread_([this] { work(); }) {}

RecurringTask::~RecurringTask() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stopped_.notify_one();
  thread_.join();
}

void RecurringTask::work() {
  std::unique_lock lock(mutex_);
  while (!stopped_.wait_for(lock, every_, [this] { return stopping_; })) {
    lock.unlock();
    std::latch done(1);
    start(make_(), [&](Result<void>&& result) {
      if (!result) on_failure_(result.error());
      done.count_down();
    });
    done.wait();
    lock.lock();
  }
}

}  // namespace gatehouse::hosting
