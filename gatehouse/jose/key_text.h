/// Key text — a key as a setting or a file holds it.
#pragma once

#include <string_view>

#include "gatehouse/base/result.h"
#include "gatehouse/jose/key.h"

namespace gatehouse::jose {

inline constexpr std::string_view how_to_make_a_secret = "make one with: openssl rand -base64 48";
inline constexpr std::string_view how_to_make_a_key =
    "make one with: openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out signing-key.pem";

/// PEM, a JWK, or else an HMAC secret, whose UTF-8 octets are the key as in the original; line ends behind it
/// do not count. Refuses what must never sign: placeholders, secrets that documentation prints, secrets that
/// are too short or have no randomness. Fails with configuration_invalid; the subject is the sentence for the
/// operator, which says how to make a good one and never shows what was given.
Result<Key> read_key(std::string_view text);

}  // namespace gatehouse::jose
