/// FakeClock — time that moves when a test says so.
#pragma once

#include <atomic>

#include "gatehouse/base/clock.h"

namespace gatehouse::testing {

/// Thread-safe. Begins at 2026-01-15T09:00:00Z unless told otherwise.
class FakeClock final : public Clock {
 public:
  explicit FakeClock(Instant start = Instant(Seconds(1'768'467'600))) : now_(start) {}

  Instant now() const override { return now_.load(); }
  void set(Instant now) { now_ = now; }
  void advance(std::chrono::milliseconds by) { now_ = now_.load() + by; }

 private:
  std::atomic<Instant> now_;
};

}  // namespace gatehouse::testing
