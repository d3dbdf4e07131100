/// Clock — what time it is, as a value that a test can set.
///
/// Pure functions take `Instant now`; only what starts work on its own holds a Clock.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse {

using Seconds = std::chrono::seconds;

/// A point of UTC to the millisecond; NumericDates may carry a fraction (RFC 7519 §2).
using Instant = std::chrono::sys_time<std::chrono::milliseconds>;

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Instant now() const = 0;
};

/// The system's real-time clock. Stateless, so one serves every thread.
class SystemClock final : public Clock {
 public:
  Instant now() const override;
};

/// RFC 3339 in UTC: "2026-01-15T09:00:00Z", with ".250" only when there are milliseconds.
std::string format_instant(Instant instant);

/// Reads the form above, 'Z' or an offset, seconds with an optional fraction; empty when it is not one.
std::optional<Instant> parse_instant(std::string_view text);

/// Whole seconds since 1970, rounded down: what goes into `iat`, `nbf` and `exp`.
std::int64_t to_unix_seconds(Instant instant);

}  // namespace gatehouse
