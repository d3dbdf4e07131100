/// Signal — something that coroutines wait for, at most so long.
///
/// It owns no thread and no timer: one is handed in. Whoever waits goes on on the executor that it came from,
/// which has to live until then, or on the thread that ends the wait when it came from none.
#pragma once

#include <chrono>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "gatehouse/base/task.h"

namespace gatehouse {

/// Runs `work` after `delay` on a thread of its own choice; work that is waiting when it goes is dropped.
using PostAfter = std::function<void(std::chrono::milliseconds delay, std::move_only_function<void()> work)>;

/// Thread-safe; kept by shared_ptr, as timers outlive waits.
class Signal : public std::enable_shared_from_this<Signal> {
 public:
  /// How often it was given. Read it before looking for what is waited for, so that nothing is missed.
  std::uint64_t count() const;

  /// Ends when it has been given more than `seen` times, which may be at once, or after `most`. Whether it
  /// was given. `post_after` is borrowed.
  Task<bool> wait(std::uint64_t seen, std::chrono::milliseconds most, const PostAfter& post_after);

  void give();  ///< ends every wait
  std::size_t waiting() const;

 private:
  struct Waiting;
  class Wait;

  mutable std::mutex mutex_;
  std::uint64_t count_ = 0;
  std::vector<std::shared_ptr<Waiting>> waiting_;
};

}  // namespace gatehouse
