/// Numbers of a key as JWK members spell them; private to this room.
#pragma once

#include <openssl/evp.h>

#include <string>
#include <utility>

#include "gatehouse/jose/algorithm.h"

namespace gatehouse::jose {

constexpr std::size_t coordinate_octets(Curve curve) noexcept {
  return curve == Curve::p256 ? 32 : curve == Curve::p384 ? 48 : curve == Curve::p521 ? 66 : 0;
}

/// base64url of the big-endian number without leading zeros (RFC 7518 §2, Base64urlUInt).
std::string number_of(const EVP_PKEY* pkey, const char* parameter);

/// base64url of x and y, each of full length (RFC 7518 §6.2.1.2).
std::pair<std::string, std::string> point_of(const EVP_PKEY* pkey, Curve curve);

}  // namespace gatehouse::jose
