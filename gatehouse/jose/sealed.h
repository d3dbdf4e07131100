/// Sealed — octets that only who has the key can read or make: AES-256-GCM under a random nonce (SP 800-38D).
///
/// For what an issuer keeps: private keys, and the successor of a refresh token. Tokens for others are JWE
/// (jwe.h). One key may seal 2^32 times.
#pragma once

#include <string>
#include <string_view>

#include "gatehouse/base/result.h"
#include "gatehouse/base/secret.h"

namespace gatehouse::jose {

inline constexpr std::size_t sealing_key_octets = 32;
inline constexpr std::size_t sealing_overhead = 12 + 16;  ///< octets that a sealed text is longer

/// Nonce, ciphertext, tag. `context` says what the text is for; it is not kept, and opening needs the same.
/// Fails with weak_key for a key that is not of 32 octets.
Result<std::string> seal(const Secret& key, std::string_view text, std::string_view context);

/// Fails with decryption_failed whatever is wrong, and with weak_key as above.
Result<Secret> open_sealed(const Secret& key, std::string_view sealed, std::string_view context);

}  // namespace gatehouse::jose
