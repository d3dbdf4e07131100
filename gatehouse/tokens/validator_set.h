/// TokenValidatorSet — one validator for each issuer, so that none vouches for another's tokens.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/base/result.h"
#include "gatehouse/tokens/validate.h"

namespace gatehouse::tokens {

/// Immutable; shared by all threads.
class TokenValidatorSet {
 public:
  /// Each element names its issuers in valid_issuer and valid_issuers, and has keys, audiences, algorithms,
  /// skew and mapping of its own. Fails with configuration_invalid as TokenValidator::make does, and for an
  /// issuer that two elements name, or one that names none.
  static Result<TokenValidatorSet> make(std::vector<TokenValidationParameters> by_issuer);

  /// The validator of the issuer that the token claims to be from: `iss` of the unverified payload, which
  /// decides nothing but whose keys and rules judge it. Fails with issuer_invalid for an issuer that nobody
  /// named; a text that is no token goes to the first, which says what is wrong with it.
  Result<std::shared_ptr<const TokenValidator>> choose(std::string_view token) const;

  const std::shared_ptr<const TokenValidator>& first() const noexcept { return first_; }

 private:
  TokenValidatorSet() = default;

  std::shared_ptr<const TokenValidator> first_;
  std::map<std::string, std::shared_ptr<const TokenValidator>, std::less<>> by_issuer_;
};

/// Every issuer that the parameters name.
std::vector<std::string> issuers_of(const TokenValidationParameters& parameters);

/// `iss` of a token whose signature nobody has checked; empty when there is none to be read.
std::string unverified_issuer(std::string_view token);

}  // namespace gatehouse::tokens
