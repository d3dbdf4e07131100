/// PasswordPolicy — which passwords a user may choose (NIST SP 800-63B §3.1.1): long ones that are not to be
/// guessed from a list, from the user's own name, or by counting. No rules about kinds of characters.
///
/// Asked when a password is set, never at a login.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "gatehouse/base/result.h"

namespace gatehouse::issuer {

struct PasswordPolicyOptions {
  std::size_t shortest = 15;  ///< characters, where the password is all that a user needs
  std::size_t shortest_with_second_factor = 8;
  /// A password a line; of the package cracklib-runtime. Empty: no list, only the other rules.
  std::string blocklist = "/usr/share/dict/cracklib-small";
  std::vector<std::string> context_words;  ///< such as the name of the service
};

/// Whose password it is to be.
struct PasswordContext {
  std::string email = {};
  std::string name = {};
  bool has_second_factor = false;
};

class PasswordPolicy {
 public:
  /// Reads the blocklist, which has 3,000 lines or more and at most 64 MiB. Fails with configuration_invalid.
  static Result<PasswordPolicy> make(const PasswordPolicyOptions& options = {});

  /// Fails with password_refused, saying why in words for the user, with too_large beyond 256 octets, and
  /// with malformed when it is not UTF-8.
  Result<void> check(std::string_view password, const PasswordContext& context) const;

  std::size_t blocked() const noexcept { return blocked_->size(); }

 private:
  using Words = std::unordered_set<std::string>;

  PasswordPolicy(PasswordPolicyOptions options, std::shared_ptr<const Words> blocked);

  PasswordPolicyOptions options_;
  std::shared_ptr<const Words> blocked_;  // folded
};

}  // namespace gatehouse::issuer
