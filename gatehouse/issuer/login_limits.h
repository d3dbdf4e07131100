/// Login limits — how many passwords may be tried, and what is remembered of those that were: plain values
/// and plain decisions, with time as an argument. LoginThrottle keeps the values.
///
/// An attempt is charged before its password is looked at, so that a thousand at once count as a thousand;
/// what turns out to be no failure is taken back.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>

#include "gatehouse/base/clock.h"

namespace gatehouse::issuer {

struct LoginLimit {
  std::uint32_t failures;
  Seconds window;
};

/// The defaults are those of docs/guide/login.md, where each is explained.
struct LoginThrottleOptions {
  LoginLimit pair{.failures = 5,
                  .window = Seconds(300)};  ///< one account from one network, or from one device
  Seconds first_delay{30};     ///< then one attempt after so long, and after twice as long each further time
  Seconds longest_delay{900};  ///< at most

  LoginLimit account{.failures = 20, .window = Seconds(900)};  ///< from everywhere; then known devices only
  std::uint32_t most_consecutive = 100;  ///< failures of an account: it is locked until its password is reset

  LoginLimit network{.failures = 50, .window = Seconds(600)};
  std::uint32_t accounts_of_network =
      20;                            ///< that failed in the window; more is password spraying; at most 31
  std::uint32_t quiet_failures = 5;  ///< a network from which somebody logged in, with fewer, is preferred

  double unknown_share = 0.6;         ///< of all attempts; more for unknown users closes the other lane …
  std::uint32_t unknown_least = 100;  ///< … when there were at least so many …
  Seconds unknown_window{60};         ///< … in this time

  std::size_t pairs = 65'536;  ///< remembered at most; beyond, those with the fewest failures are forgotten
  std::size_t accounts = 65'536;
  std::size_t networks = 16'384;

  /// Nothing is ever throttled or locked: for measurements.
  static LoginThrottleOptions unlimited();
};

/// Events of a sliding window, in two counters: those of the window that runs, and of the one before, which
/// count for less the older they get.
class WindowCount {
 public:
  void add(Instant now, Seconds window) noexcept;
  void take_back() noexcept;
  double estimate(Instant now, Seconds window) const noexcept;
  /// How long until the window that runs has passed; at least a second.
  Seconds remaining(Instant now, Seconds window) const noexcept;
  bool reaches(const LoginLimit& limit, Instant now) const noexcept {
    return estimate(now, limit.window) >= limit.failures;
  }

 private:
  Instant start_ = Instant::min();
  std::uint32_t current_ = 0;
  std::uint32_t previous_ = 0;
};

/// Of one account from one network, or from one device.
struct PairState {
  WindowCount failures;
  std::uint32_t strikes = 0;  ///< failures at the limit and beyond: each doubles the delay
  Instant last = Instant::min();
};

/// Of one account, from everywhere.
struct AccountState {
  WindowCount failures;
  std::uint32_t run = 0;  ///< failures since the last success
  Instant last = Instant::min();
};

/// Of one network, for every account.
struct NetworkState {
  WindowCount failures;
  std::array<std::uint32_t, 32> accounts{};  ///< that failed lately, by a hash
  std::uint32_t account_count = 0;
  std::uint32_t pending = 0;  ///< charged, and not settled yet
  Instant accounts_since = Instant::min();
  Instant last = Instant::min();
  Instant last_success = Instant::min();
};

/// How long to wait before the next attempt; empty: it may be made now.
std::optional<Seconds> wait_of(const PairState& state, const LoginThrottleOptions& options, Instant now);
std::optional<Seconds> wait_of(const AccountState& state, const LoginThrottleOptions& options, Instant now);
std::optional<Seconds> wait_of(const NetworkState& state, const LoginThrottleOptions& options, Instant now);

/// Whether the network is preferred: somebody has logged in from there, and few have failed.
bool is_quiet(const NetworkState& state, const LoginThrottleOptions& options, Instant now);

void charge(PairState& state, const LoginThrottleOptions& options, Instant now);
void charge(AccountState& state, const LoginThrottleOptions& options, Instant now);
void charge(NetworkState& state, std::uint32_t account, const LoginThrottleOptions& options, Instant now);

/// An attempt that was charged was no failure.
void take_back(PairState& state);
void take_back(AccountState& state);
void take_back(NetworkState& state, std::uint32_t account);

/// An attempt that was charged has an outcome. Until then a network that is full of such is asked to come
/// back in a second: hundreds of honest users may begin their day at once behind one address.
void settle(NetworkState& state);

/// What there is to lose in forgetting it: its failures that still count.
std::uint32_t weight_of(const PairState& state, const LoginThrottleOptions& options, Instant now);
std::uint32_t weight_of(const AccountState& state, const LoginThrottleOptions& options, Instant now);
std::uint32_t weight_of(const NetworkState& state, const LoginThrottleOptions& options, Instant now);

}  // namespace gatehouse::issuer
