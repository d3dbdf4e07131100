#include "gatehouse/jose/key_management.h"

#include <openssl/evp.h>

#include <utility>

#include "gatehouse/base/base64url.h"
#include "gatehouse/base/random.h"
#include "gatehouse/jose/aes.h"
#include "gatehouse/jose/key_agreement.h"
#include "gatehouse/jose/key_material.h"
#include "gatehouse/jose/key_numbers.h"
#include "gatehouse/jose/rsa_encryption.h"

namespace gatehouse::jose {
namespace {

constexpr std::uint64_t fewest_rounds = 1000;  // RFC 7518 §4.8.1.2
constexpr std::size_t fewest_salt_octets = 8;  // RFC 7518 §4.8.1.1
constexpr std::size_t new_salt_octets = 16;

Secret random_secret(std::size_t octets) {
  std::string random = random_octets(octets);
  Secret secret(random);
  wipe(random);
  return secret;
}

// The decoded octets of a header member; no octets when it is absent, nothing when it is no canonical
// base64url.
std::optional<std::string> find_octets(const json::Value& header, std::string_view name) {
  const auto member = header.find(name);
  if (!member) return std::string();
  return member->is_string() ? base64url::decode(member->as_string()) : std::nullopt;
}

// --- ECDH-ES: the agreed key is the content key, or wraps it (RFC 7518 §4.6)

Secret derive_for(const Encryption& algorithms, const Secret& agreed, const Parties& parties) {
  const auto& [management, content] = algorithms;
  return management.wrap_octets == 0 ? derive(agreed, content.name, parties, content.key_octets)
                                     : derive(agreed, management.name, parties, management.wrap_octets);
}

std::optional<Secret> unwrap_agreed(const Encryption& algorithms, const Key& key, const json::Value& header,
                                    std::string_view encrypted_key) {
  const auto u = find_octets(header, "apu");
  const auto v = find_octets(header, "apv");
  const auto ephemeral = read_ephemeral(header, key.curve());
  if (!u || !v || !ephemeral) return std::nullopt;
  const auto agreed = agree(key, *ephemeral);
  if (!agreed) return std::nullopt;
  Secret derived = derive_for(algorithms, *agreed, {.u = *u, .v = *v});
  if (algorithms.management.wrap_octets != 0) return aes::unwrap(derived.reveal(), encrypted_key);
  return encrypted_key.empty() ? std::optional(std::move(derived)) : std::nullopt;
}

Result<WrappedKey> wrap_agreed(const Encryption& algorithms, const Key& key, const WrapOptions& options,
                               json::Writer& header) {
  GH_TRY(const Key ephemeral, Key::generate(KeyManagement::ECDH_ES, key.curve()));
  const auto agreed = agree(ephemeral, key);
  if (!agreed) return fail(Failure::key_invalid, "no secret can be agreed with this key");
  header.name("epk").raw(bare_public_jwk(ephemeral));
  if (!options.party_u.empty()) header.member("apu", base64url::encode(options.party_u));
  if (!options.party_v.empty()) header.member("apv", base64url::encode(options.party_v));
  Secret derived = derive_for(algorithms, *agreed, {.u = options.party_u, .v = options.party_v});
  if (algorithms.management.wrap_octets == 0)
    return WrappedKey{.content_key = std::move(derived), .encrypted_key = {}};
  WrappedKey wrapped{.content_key = random_secret(algorithms.content.key_octets), .encrypted_key = {}};
  wrapped.encrypted_key = aes::wrap(derived.reveal(), wrapped.content_key);
  return wrapped;
}

// --- AES-GCM key wrap (RFC 7518 §4.7)

std::optional<Secret> unwrap_gcm(const Key& key, const json::Value& header, std::string_view encrypted_key) {
  const auto iv = find_octets(header, "iv");
  const auto tag = find_octets(header, "tag");
  if (!iv || !tag) return std::nullopt;
  auto octets = aes::gcm_open(key.material().secret.reveal(), *iv, {}, encrypted_key, *tag);
  if (!octets) return std::nullopt;
  Secret content_key(*octets);
  wipe(*octets);
  return content_key;
}

std::string wrap_gcm(const Key& key, const Secret& content_key, json::Writer& header) {
  const std::string iv = random_octets(aes::gcm_iv_octets);
  aes::Sealed sealed = aes::gcm_seal(key.material().secret.reveal(), iv, {}, content_key.reveal());
  header.member("iv", base64url::encode(iv)).member("tag", base64url::encode(sealed.tag));
  return std::move(sealed.ciphertext);
}

// --- PBES2: a key from a password wraps the content key (RFC 7518 §4.8)

Secret derive_from_password(const KeyManagementTraits& row, const Key& key, std::string_view salt,
                            std::uint64_t rounds) {
  const std::string full_salt = std::string(row.name) + '\0' + std::string(salt);
  const EVP_MD* hash = row.hash_octets == 32   ? EVP_sha256()
                       : row.hash_octets == 48 ? EVP_sha384()
                                               : EVP_sha512();
  const std::string_view password = key.material().secret.reveal();
  std::string octets(row.wrap_octets, '\0');
  require_memory(PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()),
                                   reinterpret_cast<const unsigned char*>(full_salt.data()),
                                   static_cast<int>(full_salt.size()), static_cast<int>(rounds), hash,
                                   static_cast<int>(octets.size()),
                                   reinterpret_cast<unsigned char*>(octets.data())) == 1);
  Secret derived(octets);
  wipe(octets);
  return derived;
}

// Whoever sends a token chooses the rounds, and so how long the recipient computes.
std::optional<Secret> unwrap_by_password(const KeyManagementTraits& row, const Key& key,
                                         const json::Value& header, std::string_view encrypted_key,
                                         std::uint64_t most_rounds) {
  const auto salt = find_octets(header, "p2s");
  const auto count = header.find("p2c");
  if (!salt || salt->size() < fewest_salt_octets || !count || count->kind() != json::Kind::integer)
    return std::nullopt;
  const auto rounds = static_cast<std::uint64_t>(count->as_integer());
  if (rounds < fewest_rounds || rounds > most_rounds) return std::nullopt;
  return aes::unwrap(derive_from_password(row, key, *salt, rounds).reveal(), encrypted_key);
}

std::string wrap_by_password(const KeyManagementTraits& row, const Key& key, std::uint64_t rounds,
                             const Secret& content_key, json::Writer& header) {
  const std::string salt = random_octets(new_salt_octets);
  header.member("p2s", base64url::encode(salt)).member("p2c", rounds);
  return aes::wrap(derive_from_password(row, key, salt, rounds).reveal(), content_key);
}

}  // namespace

Result<WrappedKey> wrap_content_key(const Encryption& algorithms, const Key& key, const WrapOptions& options,
                                    json::Writer& header) {
  const auto& [management, content] = algorithms;
  if (management.mode == KeyManagementMode::direct)
    return WrappedKey{.content_key = Secret(key.material().secret.reveal()), .encrypted_key = {}};
  if (management.mode == KeyManagementMode::agreement) return wrap_agreed(algorithms, key, options, header);
  WrappedKey wrapped{.content_key = random_secret(content.key_octets), .encrypted_key = {}};
  switch (management.mode) {
    case KeyManagementMode::aes_wrap:
      wrapped.encrypted_key = aes::wrap(key.material().secret.reveal(), wrapped.content_key);
      break;
    case KeyManagementMode::gcm_wrap:
      wrapped.encrypted_key = wrap_gcm(key, wrapped.content_key, header);
      break;
    case KeyManagementMode::password:
      wrapped.encrypted_key = wrap_by_password(management, key, options.rounds, wrapped.content_key, header);
      break;
    default: {
      GH_TRY(wrapped.encrypted_key, rsa_encrypt(management, key, wrapped.content_key));
    }
  }
  return wrapped;
}

std::optional<Secret> unwrap_content_key(const Encryption& algorithms, const Key& key,
                                         const json::Value& header, std::string_view encrypted_key,
                                         std::uint64_t most_rounds) {
  const auto& [management, content] = algorithms;
  switch (management.mode) {
    case KeyManagementMode::direct:
      // Whoever wrote a key there meant another one than this (RFC 7516 §5.2 step 10).
      return encrypted_key.empty() ? std::optional(Secret(key.material().secret.reveal())) : std::nullopt;
    case KeyManagementMode::aes_wrap:
      return aes::unwrap(key.material().secret.reveal(), encrypted_key);
    case KeyManagementMode::gcm_wrap:
      return unwrap_gcm(key, header, encrypted_key);
    case KeyManagementMode::rsa:
      return rsa_decrypt(management, key, encrypted_key, content.key_octets);
    case KeyManagementMode::agreement:
      return unwrap_agreed(algorithms, key, header, encrypted_key);
    case KeyManagementMode::password:
      return unwrap_by_password(management, key, header, encrypted_key, most_rounds);
  }
  std::unreachable();
}

}  // namespace gatehouse::jose
