/// EdDSA — RFC 8032 signatures; private to this room.
#pragma once

#include <string>
#include <string_view>

#include "gatehouse/base/result.h"
#include "gatehouse/jose/key_material.h"

namespace gatehouse::jose {

/// Whether `signature` is `key`'s over `input`; the caller has checked its length. Ed25519 is libsodium's,
/// which refuses keys of small order and an S that is not reduced, and takes half of OpenSSL's time; Ed448 is
/// OpenSSL's.
bool verify_eddsa(const KeyMaterial& key, std::string_view input, std::string_view signature);

/// Whether the octets of a public Ed25519 or Ed448 key are a point that a private key may belong to. Under a
/// point of small order one signature fits every message.
bool is_public_point(Curve curve, std::string_view octets);

/// Fails with internal.
Result<std::string> sign_eddsa(const KeyMaterial& key, std::string_view input);

}  // namespace gatehouse::jose
