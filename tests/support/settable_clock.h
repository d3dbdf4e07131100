/// SettableClock — a clock that stands still until a test moves it, for rooms below `testing`, which has
/// FakeClock.
#pragma once

#include <atomic>
#include <cstdint>

#include "gatehouse/base/clock.h"

namespace gatehouse::test_support {

/// Begins on 2026-05-28; may be read by other threads meanwhile.
class SettableClock final : public Clock {
 public:
  Instant now() const override { return Instant(std::chrono::milliseconds(now_.load())); }
  void advance(std::chrono::milliseconds by) { now_ += by.count(); }

 private:
  std::atomic<std::int64_t> now_ = 1'780'000'000'000;
};

}  // namespace gatehouse::test_support
