/// wait_for — the result of a task, for a thread that has nothing else to do: where a program starts, and in
/// tests.
///
/// Never on a reactor or on a worker of a pool: the task may need them.
#pragma once

#include <latch>
#include <optional>
#include <utility>

#include "gatehouse/base/task.h"

namespace gatehouse {

/// Blocks until `task` is done.
template <class T>
T wait_for(Task<T> task) {
  std::latch done(1);
  std::optional<T> result;
  start(std::move(task), [&](T&& value) {
    result.emplace(std::move(value));
    done.count_down();
  });
  done.wait();
  return *std::move(result);
}
inline void wait_for(Task<void> task) {
  std::latch done(1);
  start(std::move(task), [&] { done.count_down(); });
  done.wait();
}

}  // namespace gatehouse
