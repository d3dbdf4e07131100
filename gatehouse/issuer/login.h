/// LoginService — who somebody is, by e-mail and password.
///
/// Wrong password, unknown e-mail, disabled and locked user are one answer and cost the same, so that nobody
/// learns who has an account (OWASP ASVS 6.3.8). Hashing runs on a bounded pool; before it, the throttle says
/// who may try, and neither looks at the user for that. docs/guide/login.md has the limits, ADR 0011 the
/// attacks.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/ip_address.h"
#include "gatehouse/base/lane_pool.h"
#include "gatehouse/base/result.h"
#include "gatehouse/base/secret.h"
#include "gatehouse/base/task.h"
#include "gatehouse/issuer/known_device.h"
#include "gatehouse/issuer/login_throttle.h"
#include "gatehouse/issuer/password_hash.h"
#include "gatehouse/stores/user_store.h"

namespace gatehouse::issuer {

struct LoginOptions {
  LaneOptions pool{.slots = 0};  ///< 19 MiB a slot; 0 slots: a quarter of the processors, at least one
  LoginThrottleOptions throttle;
  std::vector<Pepper> peppers;  ///< see PasswordHasher
  Secret device_key;            ///< of KnownDevices; empty: a random one, so that a restart forgets devices
  Seconds device_lifetime = std::chrono::days(180);
  /// A hash such as most users have, for one who does not exist to cost what they cost; empty: one of ours.
  /// Name one of theirs while most are imported.
  std::string dominant_hash;

  /// Fails with configuration_invalid, naming the option and the fix.
  Result<void> validate() const;
};

struct LoginRequest {
  std::string email;
  std::string password;
  std::optional<IpAddress> address;  ///< of the client; empty: unknown
  std::string device_token;          ///< that an earlier login gave; empty: none
};

struct LoggedIn {
  stores::User user;
  std::string device_token;  ///< for the client to send with the next login
};

class LoginService {
 public:
  /// `users` and `clock` must outlive the service. Makes one hash, to compare with where there is no user.
  /// Throws std::invalid_argument when the options are not valid.
  explicit LoginService(stores::UserStore& users, LoginOptions options = {});
  LoginService(stores::UserStore& users, LoginOptions given, const Clock& clock);

  /// Who it is. Fails with credentials_invalid; throttled, the subject being the seconds to wait; overloaded;
  /// or unavailable when the store does not answer. A hash that was made with older parameters, another
  /// pepper or by another system is replaced afterwards.
  Task<Result<LoggedIn>> login(LoginRequest request);

  /// The hash of a new password, to be stored; it unlocks a locked user. PasswordPolicy says which may be
  /// chosen. Fails with malformed when it is not UTF-8, too_large, overloaded or unavailable.
  Task<Result<std::string>> hash(std::string password);

  Seconds device_lifetime() const noexcept { return device_lifetime_; }

 private:
  // What the pool found out. `rehash` and `lock` are still to be done.
  struct Checked {
    std::optional<stores::User> user;  // empty: credentials_invalid
    std::string user_id;
    std::string stored_hash;
    bool rehash = false;
    bool lock = false;
  };
  enum class Match : std::uint8_t { none, normalized, as_received };

  LoginService(stores::UserStore& users, const Clock& clock, LoginOptions options);

  Result<Checked> check(const std::string& email, const Secret& password, const LoginAttempt& attempt);
  Result<Match> match(std::string_view password, std::string_view hash) const;
  Result<Match> match_at_equal_cost(std::string_view password, std::string_view hash) const;
  void follow_up(const Checked& checked, const LoginAttempt& attempt, const Secret& password);

  stores::UserStore& users_;
  const Clock& clock_;
  PasswordHasher hasher_;
  std::string nobody_hash_;
  KnownDevices devices_;
  Seconds device_lifetime_;
  LoginThrottle throttle_;
  LanePool pool_;  // the last: its threads use all of the above
};

}  // namespace gatehouse::issuer
