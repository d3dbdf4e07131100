/// Content encryption — what `enc` names (RFC 7518 §5); private to this room.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "gatehouse/base/secret.h"
#include "gatehouse/jose/aes.h"
#include "gatehouse/jose/encryption_algorithm.h"

namespace gatehouse::jose {

/// `key` and `iv` have the lengths that `row` says.
aes::Sealed seal(const ContentEncryptionTraits& row, const Secret& key, std::string_view iv,
                 std::string_view aad, std::string_view plaintext);

/// Nothing unless key, iv and tag have their lengths and the tag matches. The tag is compared before anything
/// is decrypted, in constant time.
std::optional<std::string> open(const ContentEncryptionTraits& row, const Secret& key, std::string_view iv,
                                std::string_view aad, std::string_view ciphertext, std::string_view tag);

}  // namespace gatehouse::jose
