#include "gatehouse/issuer/login.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <thread>
#include <utility>

#include "gatehouse/base/random.h"
#include "gatehouse/issuer/password_text.h"

namespace gatehouse::issuer {
namespace {

constexpr std::size_t shortest_key = 32;

// In front of a hash: the user is locked, as in /etc/shadow. A new password takes its place, and the lock
// away.
constexpr char locked = '!';

const Clock& system_clock() {
  static const SystemClock clock;  // has no state
  return clock;
}

LoginOptions valid(LoginOptions options) {
  if (const auto judged = options.validate(); !judged) throw std::invalid_argument(judged.error().subject);
  if (options.pool.slots == 0) options.pool.slots = std::max(1U, std::thread::hardware_concurrency() / 4);
  if (options.device_key.empty()) options.device_key = Secret(random_octets(shortest_key));
  return options;
}

Result<void> invalid(std::string sentence) {
  return fail(Failure::configuration_invalid, std::move(sentence));
}

bool is_pepper_id(std::string_view id) {
  return !id.empty() && id.size() <= 8 && std::ranges::all_of(id, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
  });
}

Result<void> check_peppers(const std::vector<Pepper>& peppers) {
  for (const Pepper& pepper : peppers) {
    if (!is_pepper_id(pepper.id))
      return invalid(
          fmt::format("the id '{}' in 'peppers' has to be one to eight letters or digits", pepper.id));
    if (pepper.key.size() < shortest_key)
      return invalid(fmt::format("the key '{}' in 'peppers' has {} octets; it takes {}", pepper.id,
                                 pepper.key.size(), shortest_key));
    if (std::ranges::count(peppers, pepper.id, &Pepper::id) > 1)
      return invalid(fmt::format("'peppers' has the id '{}' twice", pepper.id));
  }
  return {};
}

}  // namespace

Result<void> LoginOptions::validate() const {
  GH_CHECK(check_peppers(peppers));
  if (!device_key.empty() && device_key.size() < shortest_key)
    return invalid(
        fmt::format("'device_key' has {} octets; it takes {}, or none", device_key.size(), shortest_key));
  const std::size_t most_accounts = NetworkState{}.accounts.size() - 1;
  const bool is_limited =
      throttle.accounts_of_network != LoginThrottleOptions::unlimited().accounts_of_network;
  if (is_limited && throttle.accounts_of_network > most_accounts)
    return invalid(fmt::format("'throttle.accounts_of_network' is {}; it may be {} at most",
                               throttle.accounts_of_network, most_accounts));
  if (!dominant_hash.empty() && !PasswordHasher(peppers).verify("", dominant_hash))
    return invalid("'dominant_hash' is no password hash that can be verified here");
  return {};
}

LoginService::LoginService(stores::UserStore& users, LoginOptions options)
    : LoginService(users, std::move(options), system_clock()) {}

LoginService::LoginService(stores::UserStore& users, LoginOptions given, const Clock& clock)
    : LoginService(users, clock, valid(std::move(given))) {}

LoginService::LoginService(stores::UserStore& users, const Clock& clock, LoginOptions options)
    : users_(users),
      clock_(clock),
      hasher_(std::move(options.peppers)),
      nobody_hash_(options.dominant_hash.empty() ? hasher_.hash(random_text()).value()
                                                 : std::move(options.dominant_hash)),
      devices_(std::move(options.device_key), options.device_lifetime),
      device_lifetime_(options.device_lifetime),
      throttle_(options.throttle),
      pool_("login", options.pool) {}

Task<Result<LoggedIn>> LoginService::login(LoginRequest request) {
  const Secret password(request.password);
  wipe(request.password);
  const Instant now = clock_.now();
  const std::string account = login_name_key(request.email);
  const LoginAttempt attempt{.account = account,
                             .network = network_of(request.address),
                             .device = devices_.recognize(request.device_token, account, now).value_or("")};
  const auto lane = throttle_.admit(attempt, now);
  if (!lane) co_return std::unexpected(lane.error());

  auto job = [&] { return check(request.email, password, attempt); };
  auto checked = co_await run_in_lane(pool_, *lane, job);
  if (!checked) {
    throttle_.withdrawn(attempt);
    co_return std::unexpected(std::move(checked).error());
  }
  if (!*checked) co_return std::unexpected(std::move(*checked).error());
  const Checked& found = **checked;
  follow_up(found, attempt, password);
  if (!found.user) co_return fail(Failure::credentials_invalid);
  co_return LoggedIn{.user = *found.user, .device_token = devices_.issue(account, now)};
}

Result<LoginService::Checked> LoginService::check(const std::string& email, const Secret& password,
                                                  const LoginAttempt& attempt) {
  auto user = users_.find_by_email(email);
  Result<Match> matches = fail(Failure::unavailable);
  const bool is_locked = user && user->password_hash.starts_with(locked);
  if (user)
    matches = match_at_equal_cost(password.reveal(), std::string_view(user->password_hash).substr(is_locked));
  else if (user.error().kind == Failure::not_found)
    matches = match(password.reveal(), nobody_hash_);
  else
    matches = std::unexpected(user.error());
  if (!matches) {
    throttle_.withdrawn(attempt);
    return std::unexpected(std::move(matches).error());
  }

  Checked checked;
  if (!user || *matches == Match::none || user->disabled || is_locked) {
    const bool is_due = throttle_.failed(attempt, user.has_value(), clock_.now());
    checked.lock = is_due && user && !is_locked;
  } else {
    throttle_.succeeded(attempt, clock_.now());
    checked.rehash = *matches == Match::as_received || hasher_.needs_rehash(user->password_hash);
    checked.user = *user;
  }
  if (user) {
    checked.user_id = user->id;
    checked.stored_hash = user->password_hash;
  }
  return checked;
}

// Hashes of other systems were made of passwords as they came. Both forms are tried for everybody, so that
// only the password, and never the user, decides what it costs.
Result<LoginService::Match> LoginService::match(std::string_view password, std::string_view hash) const {
  const auto normal = normalize_password(password);
  const std::string_view first = normal ? normal->reveal() : password;
  GH_TRY(const bool matches, hasher_.verify(first, hash));
  if (matches) return Match::normalized;
  if (first == password) return Match::none;
  GH_TRY(const bool matches_as_received, hasher_.verify(password, hash));
  return matches_as_received ? Match::as_received : Match::none;
}

// A user without a password, or with a hash that nobody can read, is refused for what a wrong password costs.
Result<LoginService::Match> LoginService::match_at_equal_cost(std::string_view password,
                                                              std::string_view hash) const {
  auto matches = match(password, hash);
  if (matches || matches.error().kind != Failure::malformed) return matches;
  matches = match(password, nobody_hash_);
  if (!matches) return matches;
  return Match::none;
}

// On the pool, while the answer is on its way. What finds no room waits for the next login: a hash stays as
// it is, and an account is found due for its lock once more.
void LoginService::follow_up(const Checked& checked, const LoginAttempt& attempt, const Secret& password) {
  if (checked.lock) {
    auto lock = [this, checked, attempt](bool runs) {
      if (runs &&
          users_.replace_password_hash(checked.user_id, checked.stored_hash, locked + checked.stored_hash))
        throttle_.locked(attempt);
    };
    pool_.try_submit(Lane::preferred, std::move(lock));
  }
  if (checked.rehash) {
    auto rehash = [this, checked, password](bool runs) {
      if (!runs) return;
      const auto normal = normalize_password(password.reveal());
      const auto hash = normal ? hasher_.hash(normal->reveal()) : std::unexpected(normal.error());
      if (!hash) return;
      // Only if it is still the one that was verified: the user may have chosen another password meanwhile.
      [[maybe_unused]] const auto replaced =
          users_.replace_password_hash(checked.user_id, checked.stored_hash, *hash);
    };
    pool_.try_submit(Lane::other, std::move(rehash));
  }
}

Task<Result<std::string>> LoginService::hash(std::string text) {
  const auto password = normalize_password(text);
  wipe(text);
  if (!password) co_return std::unexpected(password.error());
  auto job = [&] { return hasher_.hash(password->reveal()); };
  auto hashed = co_await run_in_lane(pool_, Lane::preferred, job);
  if (!hashed) co_return std::unexpected(std::move(hashed).error());
  co_return *std::move(hashed);
}

}  // namespace gatehouse::issuer
