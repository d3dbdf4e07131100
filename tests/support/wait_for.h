/// wait_for — the result of a task that goes on on other threads, for a test that has no reactor.
#pragma once

#include <latch>
#include <optional>
#include <utility>

#include "gatehouse/base/task.h"

namespace gatehouse::test_support {

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

}  // namespace gatehouse::test_support
