/// RecurringTask — a task that is begun again and again, on a thread of its own, until its owner goes.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "gatehouse/base/result.h"
#include "gatehouse/base/task.h"

namespace gatehouse::hosting {

class RecurringTask {
 public:
  using Make = std::function<Task<Result<void>>()>;
  using OnFailure = std::function<void(const Error&)>;

  /// The first time after `every`, then that long after each end. Never two at once.
  RecurringTask(std::chrono::milliseconds every, Make make, OnFailure on_failure);
  ~RecurringTask();  ///< waits for one that runs
  RecurringTask(const RecurringTask&) = delete;
  RecurringTask& operator=(const RecurringTask&) = delete;

 private:
  void work();

  std::chrono::milliseconds every_;
  Make make_;
  OnFailure on_failure_;
  std::mutex mutex_;
  std::condition_variable stopped_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace gatehouse::hosting
