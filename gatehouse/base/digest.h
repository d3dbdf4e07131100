/// Digest — SHA-256, for names of things that are too long or too secret to keep, and tags that say who made
/// them.
#pragma once

#include <string>
#include <string_view>

namespace gatehouse {

std::string sha256(std::string_view octets);                           ///< 32 octets (FIPS 180-4)
std::string hmac_sha256(std::string_view key, std::string_view text);  ///< 32 octets (RFC 2104)

}  // namespace gatehouse
