/// Random — octets nobody can guess, from OpenSSL's generator.
#pragma once

#include <cstddef>
#include <string>

namespace gatehouse {

/// `count` random octets. Ends the process when the system has no entropy: there is no safe way on.
std::string random_octets(std::size_t count);

/// base64url of `count` random octets, without padding: an identifier (`jti`) or a password for display.
std::string random_text(std::size_t count = 16);

/// From 0 to 1, the end not included: to spread what would else happen at once.
double random_fraction();

}  // namespace gatehouse
