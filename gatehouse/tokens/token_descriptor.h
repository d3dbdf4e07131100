/// TokenDescriptor — what a new token is to say; `write` signs it, and encrypts it when asked to.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/result.h"
#include "gatehouse/jose/encryption_algorithm.h"
#include "gatehouse/jose/key.h"

namespace gatehouse::tokens {

/// A claim that is an object, as JSON text: `act` (RFC 8693 §4.1).
struct RawJson {
  std::string text;
};

/// A claim's value on its way out. Lists are written as JSON arrays, also with one element.
using ClaimValue = std::variant<std::string, std::int64_t, bool, std::vector<std::string>, RawJson>;

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

/// For whom a token is encrypted, and how. The defaults of the key's kind: see RFC 7518 §4 for what fits it.
struct EncryptingCredentials {
  jose::Key key;  ///< the recipient's public key, or a secret shared with them
  jose::KeyManagement algorithm;
  jose::ContentEncryption content = jose::ContentEncryption::A256GCM;
};

/// `descriptor` with the times that it leaves open: issued and valid from `now`, for `lifetime`.
TokenDescriptor with_default_times(TokenDescriptor descriptor, Instant now,
                                   Seconds lifetime = std::chrono::hours(1));

/// The signed compact token (RFC 7515 §7.1). Fails with lifetime_invalid when it would end before it begins,
/// duplicate_member when `claims` names a registered claim or one name twice, or as jose::sign.
Result<std::string> write(const TokenDescriptor& descriptor, const jose::Key& key, jose::Algorithm algorithm);

/// The same, signed first and then encrypted: a nested JWT (RFC 7519 §11.2), with `cty` JWT. Fails also as
/// jose::encrypt.
Result<std::string> write(const TokenDescriptor& descriptor, const jose::Key& key, jose::Algorithm algorithm,
                          const EncryptingCredentials& encryption);

/// Encrypted and not signed. Its recipient learns nothing of who wrote it, unless the key is a secret that
/// two share; TokenValidator refuses it. Fails as the others do.
Result<std::string> write_encrypted(const TokenDescriptor& descriptor,
                                    const EncryptingCredentials& encryption);

}  // namespace gatehouse::tokens
