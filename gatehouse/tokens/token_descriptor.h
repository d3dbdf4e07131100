/// TokenDescriptor — what a new token is to say; `write` signs it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/result.h"
#include "gatehouse/jose/key.h"

namespace gatehouse::tokens {

/// A claim's value on its way out. Lists are written as JSON arrays, also with one element.
using ClaimValue = std::variant<std::string, std::int64_t, bool, std::vector<std::string>>;

/// Names no algorithm and no kid: those come from the key.
struct TokenDescriptor {
  std::string issuer;
  std::vector<std::string> audiences;  ///< one is written as a string, several as an array
  std::string subject;
  std::string id;                                               ///< `jti`; empty: a random one is made
  Instant issued_at = {};                                       ///< `iat`
  Instant not_before = {};                                      ///< `nbf`
  Instant expires = {};                                         ///< `exp`
  std::string type = "JWT";                                     ///< `typ`
  std::vector<std::pair<std::string, ClaimValue>> claims = {};  ///< further ones, in this order
};

/// The signed compact token (RFC 7515 §7.1). Fails with lifetime_invalid when it would end before it begins,
/// duplicate_member when `claims` names a registered claim or one name twice, or as jose::sign.
Result<std::string> write(const TokenDescriptor& descriptor, const jose::Key& key, jose::Algorithm algorithm);

}  // namespace gatehouse::tokens
