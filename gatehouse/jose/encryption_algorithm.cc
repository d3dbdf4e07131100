#include "gatehouse/jose/encryption_algorithm.h"

#include <array>

namespace gatehouse::jose {
namespace {

using enum KeyManagement;
using enum KeyManagementMode;
using enum ContentEncryption;

constexpr std::array<KeyManagementTraits, 19> key_rows = {{
    {dir, "dir", direct, 0, 0},
    {A128KW, "A128KW", aes_wrap, 16, 0},
    {A192KW, "A192KW", aes_wrap, 24, 0},
    {A256KW, "A256KW", aes_wrap, 32, 0},
    {A128GCMKW, "A128GCMKW", gcm_wrap, 16, 0},
    {A192GCMKW, "A192GCMKW", gcm_wrap, 24, 0},
    {A256GCMKW, "A256GCMKW", gcm_wrap, 32, 0},
    {RSA_OAEP, "RSA-OAEP", rsa, 0, 20},
    {RSA_OAEP_256, "RSA-OAEP-256", rsa, 0, 32},
    {RSA_OAEP_384, "RSA-OAEP-384", rsa, 0, 48},
    {RSA_OAEP_512, "RSA-OAEP-512", rsa, 0, 64},
    {RSA1_5, "RSA1_5", rsa, 0, 0, true},
    {ECDH_ES, "ECDH-ES", agreement, 0, 0},
    {ECDH_ES_A128KW, "ECDH-ES+A128KW", agreement, 16, 0},
    {ECDH_ES_A192KW, "ECDH-ES+A192KW", agreement, 24, 0},
    {ECDH_ES_A256KW, "ECDH-ES+A256KW", agreement, 32, 0},
    {PBES2_HS256_A128KW, "PBES2-HS256+A128KW", password, 16, 32, true},
    {PBES2_HS384_A192KW, "PBES2-HS384+A192KW", password, 24, 48, true},
    {PBES2_HS512_A256KW, "PBES2-HS512+A256KW", password, 32, 64, true},
}};

constexpr std::array<ContentEncryptionTraits, 6> content_rows = {{
    {A128CBC_HS256, "A128CBC-HS256", 32, 16, 16, 32},
    {A192CBC_HS384, "A192CBC-HS384", 48, 16, 24, 48},
    {A256CBC_HS512, "A256CBC-HS512", 64, 16, 32, 64},
    {A128GCM, "A128GCM", 16, 12, 16, 0},
    {A192GCM, "A192GCM", 24, 12, 16, 0},
    {A256GCM, "A256GCM", 32, 12, 16, 0},
}};

consteval bool rows_follow_the_enums() {
  for (std::size_t i = 0; i < key_rows.size(); ++i)
    if (static_cast<std::size_t>(key_rows[i].algorithm) != i) return false;
  for (std::size_t i = 0; i < content_rows.size(); ++i)
    if (static_cast<std::size_t>(content_rows[i].algorithm) != i) return false;
  return true;
}
static_assert(rows_follow_the_enums());

}  // namespace

const KeyManagementTraits& traits(KeyManagement algorithm) noexcept {
  return key_rows[static_cast<std::size_t>(algorithm)];
}

std::optional<KeyManagement> parse_key_management(std::string_view name) noexcept {
  for (const KeyManagementTraits& row : key_rows)
    if (row.name == name) return row.algorithm;
  return std::nullopt;
}

std::span<const KeyManagementTraits> key_managements() noexcept { return key_rows; }

const ContentEncryptionTraits& traits(ContentEncryption algorithm) noexcept {
  return content_rows[static_cast<std::size_t>(algorithm)];
}

std::optional<ContentEncryption> parse_content_encryption(std::string_view name) noexcept {
  for (const ContentEncryptionTraits& row : content_rows)
    if (row.name == name) return row.algorithm;
  return std::nullopt;
}

std::span<const ContentEncryptionTraits> content_encryptions() noexcept { return content_rows; }

}  // namespace gatehouse::jose
