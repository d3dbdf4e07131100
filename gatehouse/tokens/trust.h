/// Trust — how long what some keys have verified may be believed.
#pragma once

#include <atomic>
#include <memory>

#include "gatehouse/base/clock.h"

namespace gatehouse::tokens {

/// Shared by a set of keys and everything that was accepted under it, on all threads. It begins by holding
/// nothing, is extended with each confirmation of the keys, and ends for good when one of them is taken away.
class Trust {
 public:
  bool holds(Instant now) const noexcept {
    return now.time_since_epoch().count() < until_.load(std::memory_order_acquire);
  }
  void extend(Instant until) noexcept {
    until_.store(until.time_since_epoch().count(), std::memory_order_release);
  }
  void end() noexcept { extend(Instant::min()); }

 private:
  std::atomic<Instant::rep> until_ = Instant::min().time_since_epoch().count();
};

/// In keys that nobody takes away, as they were given once and for all.
inline std::shared_ptr<const Trust> lasting_trust() {
  const auto trust = std::make_shared<Trust>();
  trust->extend(Instant::max());
  return trust;
}

}  // namespace gatehouse::tokens
