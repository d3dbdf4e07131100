/// LoginThrottle — whether a password may be tried now, by this account, from this network and device.
///
/// Counters live in this process and in bounded memory; login_limits.h decides. It never looks whether an
/// account exists, so what it says tells nobody. Thread-safe; a call takes well under a microsecond.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "gatehouse/base/ip_address.h"
#include "gatehouse/base/lane_queue.h"
#include "gatehouse/base/result.h"
#include "gatehouse/issuer/counter_key.h"
#include "gatehouse/issuer/counter_table.h"
#include "gatehouse/issuer/login_limits.h"

namespace gatehouse::issuer {

/// The network that an address is counted by: its first 24 bits, of IPv6 its first 56, which is what one
/// customer of a provider has. Without an address, one for all of them.
std::string network_of(const std::optional<IpAddress>& address);

struct LoginAttempt {
  std::string account;  ///< login_name_key() of what was typed
  std::string network;  ///< network_of() the client
  std::string device;   ///< of a known device; empty: none
};

class LoginThrottle {
 public:
  explicit LoginThrottle(const LoginThrottleOptions& options = {});

  /// The lane that the attempt may wait in; it is charged until one of the three below says how it ended.
  /// Fails with throttled, the subject being the seconds to wait, or overloaded while too many ask for users
  /// that are not there.
  Result<Lane> admit(const LoginAttempt& attempt, Instant now);

  /// Takes the charge back, and forgets the failures of this account from this network and this device; those
  /// of the account from elsewhere and of the network stay.
  void succeeded(const LoginAttempt& attempt, Instant now);

  /// True when the account has failed so often that it has to be locked; say locked() when it is.
  bool failed(const LoginAttempt& attempt, bool is_known_user, Instant now);
  void locked(const LoginAttempt& attempt);  ///< the account's run of failures begins anew

  void withdrawn(const LoginAttempt& attempt);  ///< no password was looked at

 private:
  // Hashes of the attempt under this throttle's secret.
  struct Keys {
    std::uint64_t account;
    std::uint64_t pair;
    std::uint64_t network;
    std::optional<std::uint64_t> device;
  };

  Keys keys_of(const LoginAttempt& attempt) const;
  bool is_swamped(Instant now) const;
  std::optional<Seconds> longest_wait(const Keys& keys, Instant now);

  LoginThrottleOptions options_;
  CounterKey key_;
  std::mutex mutex_;  // of all that follows
  CounterTable<PairState> pairs_;
  CounterTable<AccountState> accounts_;
  CounterTable<NetworkState> networks_;
  WindowCount attempts_;
  WindowCount unknown_;
};

}  // namespace gatehouse::issuer
