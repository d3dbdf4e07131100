#include "gatehouse/issuer/login_limits.h"

#include <algorithm>
#include <cmath>

namespace gatehouse::issuer {
namespace {

// From `since` to `now`, also where `since` is the beginning of time, whose distance fits no counter.
double seconds_between(Instant since, Instant now) {
  return std::chrono::duration<double>(now.time_since_epoch()).count() -
         std::chrono::duration<double>(since.time_since_epoch()).count();
}

double in_seconds(Seconds time) { return static_cast<double>(time.count()); }

// Rounded up, so that whoever waits so long has waited long enough.
Seconds whole_seconds(double seconds) {
  return Seconds(std::max<std::int64_t>(1, std::llround(std::ceil(seconds))));
}

double delay_of(std::uint32_t strikes, const LoginThrottleOptions& options) {
  if (strikes == 0) return 0;
  return std::min(std::ldexp(in_seconds(options.first_delay), static_cast<int>(std::min(strikes - 1, 60U))),
                  in_seconds(options.longest_delay));
}

// Within `span` of each other. A clock that was set back by less keeps what was counted; by more, it was
// wrong.
bool is_near(Instant then, Instant now, double span) { return std::abs(seconds_between(then, now)) < span; }

bool is_forgotten(const PairState& state, const LoginThrottleOptions& options, Instant now) {
  return !is_near(state.last, now, 2 * in_seconds(options.longest_delay));
}

bool counts_accounts(const NetworkState& state, const LoginThrottleOptions& options, Instant now) {
  return is_near(state.accounts_since, now, in_seconds(options.network.window));
}

// In windows since the one that runs began; empty when it is too long ago to count.
std::optional<double> age_of(Instant start, Instant now, Seconds window) {
  const double age = seconds_between(start, now) / in_seconds(window);
  if (age < -1 || age >= 2) return {};
  return std::max(age, 0.0);
}

}  // namespace

LoginThrottleOptions LoginThrottleOptions::unlimited() {
  constexpr auto any = std::numeric_limits<std::uint32_t>::max();
  LoginThrottleOptions options;
  options.pair.failures = options.account.failures = options.network.failures = any;
  options.most_consecutive = options.accounts_of_network = options.unknown_least = any;
  return options;
}

void WindowCount::add(Instant now, Seconds window) noexcept {
  const auto age = age_of(start_, now, window);
  if (!age || *age >= 1) {
    previous_ = age ? current_ : 0;
    current_ = 0;
    start_ = previous_ == 0 ? now : start_ + window;
  }
  ++current_;
}

void WindowCount::take_back() noexcept {
  if (current_ > 0)
    --current_;
  else if (previous_ > 0)
    --previous_;
}

double WindowCount::estimate(Instant now, Seconds window) const noexcept {
  const auto age = age_of(start_, now, window);
  if (!age) return 0;
  return *age < 1 ? current_ + previous_ * (1 - *age) : current_ * (2 - *age);
}

Seconds WindowCount::remaining(Instant now, Seconds window) const noexcept {
  const double since = seconds_between(start_, now);
  const double left =
      since < in_seconds(window) ? in_seconds(window) - since : 2 * in_seconds(window) - since;
  return whole_seconds(std::min(left, in_seconds(window)));
}

std::optional<Seconds> wait_of(const PairState& state, const LoginThrottleOptions& options, Instant now) {
  if (state.strikes == 0 || is_forgotten(state, options, now)) return {};
  const double delay = delay_of(state.strikes, options);
  const double left = std::min(delay, delay - seconds_between(state.last, now));
  if (left <= 0) return {};
  return whole_seconds(left);
}

std::optional<Seconds> wait_of(const AccountState& state, const LoginThrottleOptions& options, Instant now) {
  if (!state.failures.reaches(options.account, now)) return {};
  return state.failures.remaining(now, options.account.window);
}

std::optional<Seconds> wait_of(const NetworkState& state, const LoginThrottleOptions& options, Instant now) {
  const double failures = state.failures.estimate(now, options.network.window);
  const std::uint32_t accounts = counts_accounts(state, options, now) ? state.account_count : 0;
  if (failures < options.network.failures && accounts <= options.accounts_of_network) return {};
  if (accounts > state.pending + options.accounts_of_network)
    return whole_seconds(in_seconds(options.network.window) - seconds_between(state.accounts_since, now));
  if (failures >= options.network.failures + static_cast<double>(state.pending))
    return state.failures.remaining(now, options.network.window);
  return Seconds(1);
}

bool is_quiet(const NetworkState& state, const LoginThrottleOptions& options, Instant now) {
  return state.last_success != Instant::min() &&
         state.failures.estimate(now, options.network.window) < options.quiet_failures;
}

void charge(PairState& state, const LoginThrottleOptions& options, Instant now) {
  if (is_forgotten(state, options, now)) state = {};
  state.failures.add(now, options.pair.window);
  if (state.strikes > 0 || state.failures.reaches(options.pair, now)) ++state.strikes;
  state.last = now;
}

void charge(AccountState& state, const LoginThrottleOptions& options, Instant now) {
  state.failures.add(now, options.account.window);
  ++state.run;
  state.last = now;
}

void charge(NetworkState& state, std::uint32_t account, const LoginThrottleOptions& options, Instant now) {
  state.failures.add(now, options.network.window);
  state.last = now;
  ++state.pending;
  if (!counts_accounts(state, options, now)) {
    state.account_count = 0;
    state.accounts_since = now;
  }
  const auto known = state.accounts.begin() + state.account_count;
  if (std::find(state.accounts.begin(), known, account) != known) return;
  if (known != state.accounts.end()) state.accounts[state.account_count++] = account;
}

void take_back(PairState& state) {
  state.failures.take_back();
  if (state.strikes > 0) --state.strikes;
}

void take_back(AccountState& state) {
  state.failures.take_back();
  if (state.run > 0) --state.run;
}

void take_back(NetworkState& state, std::uint32_t account) {
  state.failures.take_back();
  const auto end = state.accounts.begin() + state.account_count;
  const auto found = std::find(state.accounts.begin(), end, account);
  if (found == end) return;
  *found = *(end - 1);
  --state.account_count;
}

void settle(NetworkState& state) {
  if (state.pending > 0) --state.pending;
}

std::uint32_t weight_of(const PairState& state, const LoginThrottleOptions& options, Instant now) {
  if (is_forgotten(state, options, now)) return 0;
  return state.strikes + static_cast<std::uint32_t>(state.failures.estimate(now, options.pair.window));
}

std::uint32_t weight_of(const AccountState& state, const LoginThrottleOptions& options, Instant now) {
  return std::max(state.run,
                  static_cast<std::uint32_t>(state.failures.estimate(now, options.account.window)));
}

std::uint32_t weight_of(const NetworkState& state, const LoginThrottleOptions& options, Instant now) {
  const auto failures = static_cast<std::uint32_t>(state.failures.estimate(now, options.network.window));
  return wait_of(state, options, now) ? std::max(failures, options.network.failures) : failures;
}

}  // namespace gatehouse::issuer
