/// RSA encryption of content keys — OAEP, and PKCS #1 v1.5 where it is asked for (RFC 8017 §7); private to
/// this room.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "gatehouse/base/result.h"
#include "gatehouse/base/secret.h"
#include "gatehouse/jose/encryption_algorithm.h"
#include "gatehouse/jose/key.h"

namespace gatehouse::jose {

/// Fails with weak_key below 2048 bits (RFC 7518 §4.2), or internal.
Result<std::string> rsa_encrypt(const KeyManagementTraits& row, const Key& key, const Secret& content_key);

/// A content key of `octets`, or nothing. Of RSA1_5 there is always one: where the padding is wrong it is
/// random, and which it was shows neither in the result nor in the time (RFC 7516 §11.5; Bleichenbacher
/// 1998).
std::optional<Secret> rsa_decrypt(const KeyManagementTraits& row, const Key& key,
                                  std::string_view encrypted_key, std::size_t octets);

}  // namespace gatehouse::jose
