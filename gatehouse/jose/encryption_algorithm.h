/// Encryption algorithms — what `alg` and `enc` of a JWE may name (RFC 7518 §4, §5; RFC 8037 §3.2), as rows
/// of two tables.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace gatehouse::jose {

/// How the content key reaches the recipient: `alg` of a JWE.
enum class KeyManagement : std::uint8_t {
  dir,
  A128KW,
  A192KW,
  A256KW,
  A128GCMKW,
  A192GCMKW,
  A256GCMKW,
  RSA_OAEP,
  RSA_OAEP_256,
  RSA_OAEP_384,
  RSA_OAEP_512,
  RSA1_5,
  ECDH_ES,
  ECDH_ES_A128KW,
  ECDH_ES_A192KW,
  ECDH_ES_A256KW,
  PBES2_HS256_A128KW,
  PBES2_HS384_A192KW,
  PBES2_HS512_A256KW
};

enum class KeyManagementMode : std::uint8_t {
  direct,     ///< the key is the content key
  aes_wrap,   ///< RFC 3394
  gcm_wrap,   ///< RFC 7518 §4.7
  rsa,        ///< RFC 8017 §7
  agreement,  ///< RFC 7518 §4.6
  password    ///< RFC 7518 §4.8
};

struct KeyManagementTraits {
  KeyManagement algorithm;
  std::string_view name;  ///< as in the `alg` header, compared octet for octet
  KeyManagementMode mode;
  std::size_t wrap_octets;  ///< of the AES key that wraps the content key; 0 when none does
  std::size_t hash_octets;  ///< of OAEP's or PBKDF2's hash; 0 for RSA1_5
  bool on_request = false;  ///< off unless an application names it: RSA1_5 and PBES2
};

/// How the content is encrypted and authenticated: `enc`.
enum class ContentEncryption : std::uint8_t {
  A128CBC_HS256,
  A192CBC_HS384,
  A256CBC_HS512,
  A128GCM,
  A192GCM,
  A256GCM
};

struct ContentEncryptionTraits {
  ContentEncryption algorithm;
  std::string_view name;  ///< as in the `enc` header, compared octet for octet
  std::size_t key_octets;
  std::size_t iv_octets;
  std::size_t tag_octets;
  std::size_t hash_octets;  ///< of the HMAC; 0 for GCM
};

const KeyManagementTraits& traits(KeyManagement algorithm) noexcept;
std::optional<KeyManagement> parse_key_management(std::string_view name) noexcept;
inline std::string_view name(KeyManagement algorithm) noexcept { return traits(algorithm).name; }
std::span<const KeyManagementTraits> key_managements() noexcept;  ///< every row, in the order of the enum

const ContentEncryptionTraits& traits(ContentEncryption algorithm) noexcept;
std::optional<ContentEncryption> parse_content_encryption(std::string_view name) noexcept;
inline std::string_view name(ContentEncryption algorithm) noexcept { return traits(algorithm).name; }
std::span<const ContentEncryptionTraits>
content_encryptions() noexcept;  ///< every row, in the order of the enum

}  // namespace gatehouse::jose
