#include "gatehouse/issuer/login_throttle.h"

#include <algorithm>

namespace gatehouse::issuer {
namespace {

std::uint32_t short_name(std::uint64_t account) { return static_cast<std::uint32_t>(account >> 32); }

}  // namespace

std::string network_of(const std::optional<IpAddress>& address) {
  if (!address) return "";
  const auto octets = address->octets();
  const std::size_t count = octets.size() == 4 ? 3 : 7;
  return {reinterpret_cast<const char*>(octets.data()), count};
}

LoginThrottle::LoginThrottle(const LoginThrottleOptions& options)
    : options_(options), pairs_(options.pairs), accounts_(options.accounts), networks_(options.networks) {}

LoginThrottle::Keys LoginThrottle::keys_of(const LoginAttempt& attempt) const {
  Keys keys{.account = key_('a', attempt.account),
            .pair = key_('p', attempt.account, attempt.network),
            .network = key_('n', attempt.network),
            .device = {}};
  if (!attempt.device.empty()) keys.device = key_('d', attempt.account, attempt.device);
  return keys;
}

bool LoginThrottle::is_swamped(Instant now) const {
  const double all = attempts_.estimate(now, options_.unknown_window);
  return all >= options_.unknown_least &&
         unknown_.estimate(now, options_.unknown_window) > options_.unknown_share * all;
}

std::optional<Seconds> LoginThrottle::longest_wait(const Keys& keys, Instant now) {
  std::optional<Seconds> longest;
  const auto join = [&](auto* state) {
    if (state) longest = std::max(longest, wait_of(*state, options_, now));
  };
  join(pairs_.find(keys.pair));
  join(networks_.find(keys.network));
  if (keys.device)
    join(pairs_.find(*keys.device));
  else
    join(accounts_.find(keys.account));
  return longest;
}

Result<Lane> LoginThrottle::admit(const LoginAttempt& attempt, Instant now) {
  const Keys keys = keys_of(attempt);
  const auto weigh = [&](const auto& state) { return weight_of(state, options_, now); };
  const std::lock_guard lock(mutex_);
  if (const auto wait = longest_wait(keys, now))
    return fail(Failure::throttled, std::to_string(wait->count()));
  const NetworkState* known = networks_.find(keys.network);
  const bool is_preferred = keys.device || (known && is_quiet(*known, options_, now));
  if (!is_preferred && is_swamped(now)) return fail(Failure::overloaded, "login");

  charge(pairs_.find_or_add(keys.pair, weigh), options_, now);
  if (keys.device) charge(pairs_.find_or_add(*keys.device, weigh), options_, now);
  charge(accounts_.find_or_add(keys.account, weigh), options_, now);
  charge(networks_.find_or_add(keys.network, weigh), short_name(keys.account), options_, now);
  return is_preferred ? Lane::preferred : Lane::other;
}

void LoginThrottle::succeeded(const LoginAttempt& attempt, Instant now) {
  const Keys keys = keys_of(attempt);
  const std::lock_guard lock(mutex_);
  attempts_.add(now, options_.unknown_window);
  pairs_.remove(keys.pair);
  if (keys.device) pairs_.remove(*keys.device);
  if (AccountState* account = accounts_.find(keys.account)) {
    take_back(*account);
    account->run = 0;
  }
  if (NetworkState* network = networks_.find(keys.network)) {
    take_back(*network, short_name(keys.account));
    settle(*network);
    network->last_success = now;
  }
}

bool LoginThrottle::failed(const LoginAttempt& attempt, bool is_known_user, Instant now) {
  const Keys keys = keys_of(attempt);
  const std::lock_guard lock(mutex_);
  attempts_.add(now, options_.unknown_window);
  if (!is_known_user) unknown_.add(now, options_.unknown_window);
  if (NetworkState* network = networks_.find(keys.network)) settle(*network);
  const AccountState* account = accounts_.find(keys.account);
  return account && account->run >= options_.most_consecutive;
}

void LoginThrottle::locked(const LoginAttempt& attempt) {
  const Keys keys = keys_of(attempt);
  const std::lock_guard lock(mutex_);
  if (AccountState* account = accounts_.find(keys.account)) account->run = 0;
}

void LoginThrottle::withdrawn(const LoginAttempt& attempt) {
  const Keys keys = keys_of(attempt);
  const std::lock_guard lock(mutex_);
  if (PairState* pair = pairs_.find(keys.pair)) take_back(*pair);
  if (PairState* device = keys.device ? pairs_.find(*keys.device) : nullptr) take_back(*device);
  if (AccountState* account = accounts_.find(keys.account)) take_back(*account);
  if (NetworkState* network = networks_.find(keys.network)) {
    take_back(*network, short_name(keys.account));
    settle(*network);
  }
}

}  // namespace gatehouse::issuer
