/// Numbers of a key as JWK members spell them; private to this room.
#pragma once

#include <openssl/evp.h>

#include <string>
#include <utility>

#include "gatehouse/jose/key.h"
#include "gatehouse/jose/key_material.h"

namespace gatehouse::jose {

/// A number that the key has.
OwnedNumber number(const EVP_PKEY* pkey, const char* parameter);
bool has_number(const EVP_PKEY* pkey, const char* parameter);

/// base64url of the big-endian number without leading zeros (RFC 7518 §2, Base64urlUInt).
std::string number_of(const EVP_PKEY* pkey, const char* parameter);

/// base64url of x and y, each of full length (RFC 7518 §6.2.1.2).
std::pair<std::string, std::string> point_of(const EVP_PKEY* pkey, Curve curve);

/// The JWK with the numbers of the public key alone, as `epk` has them.
std::string bare_public_jwk(const Key& key);

}  // namespace gatehouse::jose
