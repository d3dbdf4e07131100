/// AES as JOSE uses it — CBC, GCM (SP 800-38D) and key wrap (RFC 3394), by OpenSSL; private to this room.
///
/// The length of the key chooses AES-128, -192 or -256.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "gatehouse/base/secret.h"

namespace gatehouse::jose::aes {

constexpr std::size_t block_octets = 16;
constexpr std::size_t gcm_iv_octets = 12;
constexpr std::size_t gcm_tag_octets = 16;

struct Sealed {
  std::string ciphertext;
  std::string tag;
};

Sealed gcm_seal(std::string_view key, std::string_view iv, std::string_view aad, std::string_view plaintext);

/// Nothing unless iv and tag have their lengths and the tag matches.
std::optional<std::string> gcm_open(std::string_view key, std::string_view iv, std::string_view aad,
                                    const std::string_view ciphertext, std::string_view tag);

std::string cbc_encrypt(std::string_view key, std::string_view iv, std::string_view plaintext);

/// Nothing when the padding is wrong. Call it only for what a MAC has vouched for: wrong padding is an
/// oracle.
std::optional<std::string> cbc_decrypt(std::string_view key, std::string_view iv,
                                       std::string_view ciphertext);

std::string wrap(std::string_view key, const Secret& content_key);
std::optional<Secret> unwrap(std::string_view key, std::string_view wrapped);

}  // namespace gatehouse::jose::aes
