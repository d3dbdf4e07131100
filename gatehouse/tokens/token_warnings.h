/// Token warnings — what an issuer should think about again before a token leaves.
///
/// A signed token can be read by everybody who holds it, and it travels with every request. Nothing is
/// refused here: the issuer shows or logs what it finds, once, where the claims are decided.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/tokens/token_descriptor.h"

namespace gatehouse::tokens {

enum class TokenWarning : std::uint8_t {
  secret_name,    ///< a claim named like a secret: password, api_key …
  personal_name,  ///< a claim named like data that identifies a person: ssn, credit_card …
  secret_value,   ///< a value that is a private key or another token
  too_long        ///< longer than what proxies and cookies carry without ado
};

struct TokenRemark {
  TokenWarning kind;
  std::string subject;  ///< the claim's name, never its value; of too_long the length
  bool operator==(const TokenRemark&) const = default;
};

inline constexpr std::size_t longest_token = 4096;  ///< characters; what is longer is remarked upon

/// In the order of the claims, one remark a claim; of `token`, what `write` made of the descriptor, its
/// length.
std::vector<TokenRemark> warnings(const TokenDescriptor& descriptor, std::string_view token = {});

/// "the claim 'password' is named like a secret, and everybody who holds the token can read it"
std::string describe(const TokenRemark& remark);

}  // namespace gatehouse::tokens
