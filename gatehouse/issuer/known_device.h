/// KnownDevice — a token that a client got at a login, and that says at the next one: somebody has logged in
/// to this account from here before.
///
/// It lets nobody in. Its bearer still needs the password, but is not shut out of the account by failures of
/// others. It names nobody: only the server, which is told the account anyway, can tell whose it is (after
/// OWASP's device cookies).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/secret.h"

namespace gatehouse::issuer {

class KnownDevices {
 public:
  /// `key` has 32 octets or more, and is the same on every machine; when it changes, all devices are
  /// forgotten.
  KnownDevices(Secret key, Seconds lifetime);

  /// A new token for a device from which somebody has just logged in to `account`: 75 characters of
  /// base64url.
  std::string issue(std::string_view account, Instant now) const;

  /// The device's own name, 16 octets, when `token` was issued for `account` within the lifetime.
  std::optional<std::string> recognize(std::string_view token, std::string_view account, Instant now) const;

 private:
  Secret key_;
  Seconds lifetime_;
};

}  // namespace gatehouse::issuer
