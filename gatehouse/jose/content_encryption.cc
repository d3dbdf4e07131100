#include "gatehouse/jose/content_encryption.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>

#include <array>
#include <utility>

#include "gatehouse/jose/key_material.h"

namespace gatehouse::jose {
namespace {

using OwnedMac = std::unique_ptr<EVP_MAC, Deleter<EVP_MAC_free>>;
using OwnedMacContext = std::unique_ptr<EVP_MAC_CTX, Deleter<EVP_MAC_CTX_free>>;

const unsigned char* octets_of(std::string_view text) noexcept {
  return reinterpret_cast<const unsigned char*>(text.data());
}

// A copy of one that knows its hash, which OpenSSL is slow to find; it is wiped with the content key in it.
OwnedMacContext hmac_for(std::size_t hash_octets) {
  constexpr std::array<const char*, 3> names = {"SHA2-256", "SHA2-384", "SHA2-512"};
  thread_local std::array<OwnedMacContext, 3> templates;
  const std::size_t index = hash_octets / 16 - 2;
  OwnedMacContext& known = templates[index];
  if (!known) {
    const OwnedMac hmac(require_memory(EVP_MAC_fetch(nullptr, "HMAC", nullptr)));
    OwnedMacContext made(require_memory(EVP_MAC_CTX_new(hmac.get())));
    const std::array parameters = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, const_cast<char*>(names[index]), 0),
        OSSL_PARAM_construct_end()};
    require_memory(EVP_MAC_CTX_set_params(made.get(), parameters.data()) == 1);
    known = std::move(made);
  }
  return OwnedMacContext(require_memory(EVP_MAC_CTX_dup(known.get())));
}

// The 64-bit big-endian number of bits of the additional data (RFC 7518 §5.2.2.1).
std::string bit_length(std::string_view aad) {
  std::string octets(8, '\0');
  std::uint64_t bits = static_cast<std::uint64_t>(aad.size()) * 8;
  for (std::size_t i = octets.size(); i-- > 0; bits >>= 8) octets[i] = static_cast<char>(bits & 0xFF);
  return octets;
}

// The first half of the key authenticates, the second encrypts (RFC 7518 §5.2.2.1).
std::string cbc_tag(const ContentEncryptionTraits& row, std::string_view mac_key, std::string_view iv,
                    std::string_view aad, std::string_view ciphertext) {
  const OwnedMacContext context = hmac_for(row.hash_octets);
  std::array<unsigned char, 64> whole{};
  std::size_t size = 0;
  bool computed = EVP_MAC_init(context.get(), octets_of(mac_key), mac_key.size(), nullptr) == 1;
  const std::string length = bit_length(aad);
  for (const std::string_view part : {aad, iv, ciphertext, std::string_view(length)})
    computed = computed && EVP_MAC_update(context.get(), octets_of(part), part.size()) == 1;
  require_memory(computed && EVP_MAC_final(context.get(), whole.data(), &size, whole.size()) == 1);
  return {reinterpret_cast<const char*>(whole.data()), row.tag_octets};
}

}  // namespace

aes::Sealed seal(const ContentEncryptionTraits& row, const Secret& key, std::string_view iv,
                 std::string_view aad, std::string_view plaintext) {
  const std::string_view octets = key.reveal();
  if (row.hash_octets == 0) return aes::gcm_seal(octets, iv, aad, plaintext);
  const std::size_t half = row.key_octets / 2;
  aes::Sealed sealed{.ciphertext = aes::cbc_encrypt(octets.substr(half), iv, plaintext), .tag = {}};
  sealed.tag = cbc_tag(row, octets.substr(0, half), iv, aad, sealed.ciphertext);
  return sealed;
}

std::optional<std::string> open(const ContentEncryptionTraits& row, const Secret& key, std::string_view iv,
                                std::string_view aad, std::string_view ciphertext, std::string_view tag) {
  if (key.size() != row.key_octets || iv.size() != row.iv_octets || tag.size() != row.tag_octets)
    return std::nullopt;
  const std::string_view octets = key.reveal();
  if (row.hash_octets == 0) return aes::gcm_open(octets, iv, aad, ciphertext, tag);
  const std::size_t half = row.key_octets / 2;
  if (!equal_in_constant_time(cbc_tag(row, octets.substr(0, half), iv, aad, ciphertext), tag))
    return std::nullopt;
  return aes::cbc_decrypt(octets.substr(half), iv, ciphertext);
}

}  // namespace gatehouse::jose
