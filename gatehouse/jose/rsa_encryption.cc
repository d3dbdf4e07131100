#include "gatehouse/jose/rsa_encryption.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "gatehouse/base/random.h"
#include "gatehouse/jose/key_material.h"

namespace gatehouse::jose {
namespace {

using OwnedContext = std::unique_ptr<EVP_PKEY_CTX, Deleter<EVP_PKEY_CTX_free>>;

constexpr std::size_t fewest_bits = 2048;

const unsigned char* octets_of(std::string_view text) noexcept {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* octets_of(std::string& text) noexcept { return reinterpret_cast<unsigned char*>(text.data()); }

bool set_padding(EVP_PKEY_CTX* context, const KeyManagementTraits& row, int without_oaep) {
  if (row.hash_octets == 0) return EVP_PKEY_CTX_set_rsa_padding(context, without_oaep) == 1;
  const EVP_MD* hash = row.hash_octets == 20   ? EVP_sha1()
                       : row.hash_octets == 32 ? EVP_sha256()
                       : row.hash_octets == 48 ? EVP_sha384()
                                               : EVP_sha512();
  // MGF1 takes the same hash (RFC 7518 §4.3).
  return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) == 1 &&
         EVP_PKEY_CTX_set_rsa_oaep_md(context, hash) == 1 && EVP_PKEY_CTX_set_rsa_mgf1_md(context, hash) == 1;
}

// The number under the padding: all of it for RSA1_5, whose padding is judged below.
std::optional<std::string> decrypt_number(const KeyManagementTraits& row, EVP_PKEY* pkey,
                                          std::string_view text) {
  const OwnedContext context(require_memory(EVP_PKEY_CTX_new_from_pkey(nullptr, pkey, nullptr)));
  std::string octets(static_cast<std::size_t>(EVP_PKEY_get_size(pkey)), '\0');
  std::size_t size = octets.size();
  const bool decrypted =
      EVP_PKEY_decrypt_init(context.get()) == 1 && set_padding(context.get(), row, RSA_NO_PADDING) &&
      EVP_PKEY_decrypt(context.get(), octets_of(octets), &size, octets_of(text), text.size()) == 1;
  ERR_clear_error();
  if (!decrypted) {
    wipe(octets);
    return std::nullopt;
  }
  octets.resize(size);
  return octets;
}

// 0 where `octet` is 0, else 1, without a branch.
unsigned is_nonzero(unsigned octet) noexcept { return (octet | (0U - octet)) >> 31; }

// 00 02, nonzero octets, 00, content key. As its length is known, so is where each of them has to stand;
// every octet is looked at, and a mask, not a branch, chooses between what stands there and a random key.
Secret content_key_within(std::string_view number, std::size_t key_octets) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned>(static_cast<unsigned char>(number[i])); };
  const std::size_t separator = number.size() - key_octets - 1;
  unsigned wrong = at(0) | (at(1) ^ 0x02U) | at(separator);
  for (std::size_t i = 2; i < separator; ++i) wrong |= is_nonzero(at(i)) ^ 1U;
  const unsigned take_random = 0U - is_nonzero(wrong);

  std::string chosen = random_octets(key_octets);
  for (std::size_t i = 0; i < key_octets; ++i) {
    const auto random = static_cast<unsigned>(static_cast<unsigned char>(chosen[i]));
    chosen[i] = static_cast<char>((random & take_random) | (at(separator + 1 + i) & ~take_random));
  }
  Secret key(chosen);
  wipe(chosen);
  return key;
}

}  // namespace

Result<std::string> rsa_encrypt(const KeyManagementTraits& row, const Key& key, const Secret& content_key) {
  if (key.bits() < fewest_bits)
    return fail(Failure::weak_key,
                fmt::format("{} needs {} bits, the key has {}", row.name, fewest_bits, key.bits()));
  EVP_PKEY* pkey = key.material().pkey.get();
  const OwnedContext context(require_memory(EVP_PKEY_CTX_new_from_pkey(nullptr, pkey, nullptr)));
  std::string octets(static_cast<std::size_t>(EVP_PKEY_get_size(pkey)), '\0');
  std::size_t size = octets.size();
  const std::string_view plain = content_key.reveal();
  if (EVP_PKEY_encrypt_init(context.get()) != 1 || !set_padding(context.get(), row, RSA_PKCS1_PADDING) ||
      EVP_PKEY_encrypt(context.get(), octets_of(octets), &size, octets_of(plain), plain.size()) != 1)
    return fail(Failure::internal, "encrypting the content key failed");
  return octets;
}

std::optional<Secret> rsa_decrypt(const KeyManagementTraits& row, const Key& key,
                                  std::string_view encrypted_key, std::size_t octets) {
  EVP_PKEY* pkey = key.material().pkey.get();
  if (encrypted_key.size() != static_cast<std::size_t>(EVP_PKEY_get_size(pkey))) return std::nullopt;
  auto number = decrypt_number(row, pkey, encrypted_key);
  if (!number) return std::nullopt;
  constexpr std::size_t least_padding = 11;  // 00 02, eight octets, 00
  const bool has_room = number->size() >= octets + least_padding;
  if (row.hash_octets == 0 && !has_room) return std::nullopt;
  Secret content_key = row.hash_octets == 0 ? content_key_within(*number, octets) : Secret(*number);
  wipe(*number);
  return content_key;
}

}  // namespace gatehouse::jose
