/// Digest — SHA-256, for names of things that are too long or too secret to keep.
#pragma once

#include <string>
#include <string_view>

namespace gatehouse {

std::string sha256(std::string_view octets);  ///< 32 octets (FIPS 180-4)

}  // namespace gatehouse
