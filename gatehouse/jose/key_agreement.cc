#include "gatehouse/jose/key_agreement.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>

#include <algorithm>
#include <array>

#include "gatehouse/jose/key_material.h"

namespace gatehouse::jose {
namespace {

using OwnedContext = std::unique_ptr<EVP_PKEY_CTX, Deleter<EVP_PKEY_CTX_free>>;
using OwnedKdf = std::unique_ptr<EVP_KDF, Deleter<EVP_KDF_free>>;
using OwnedKdfContext = std::unique_ptr<EVP_KDF_CTX, Deleter<EVP_KDF_CTX_free>>;

void append_number(std::string& text, std::size_t number) {
  for (int shift = 24; shift >= 0; shift -= 8) text += static_cast<char>((number >> shift) & 0xFF);
}

void append_with_length(std::string& text, std::string_view octets) {
  append_number(text, octets.size());
  text += octets;
}

}  // namespace

// A private number in `epk` is either a slip that gives the content away or a probe; and a key of another
// curve would be computed with as if it were of ours (CVE-2017-16007).
std::optional<Key> read_ephemeral(const json::Value& header, Curve curve) {
  const auto epk = header.find("epk");
  if (!epk) return std::nullopt;
  auto key = Key::from_jwk(*epk);
  if (!key || key->curve() != curve || key->is_private()) return std::nullopt;
  return *std::move(key);
}

std::optional<Secret> agree(const Key& own, const Key& other) {
  if (own.curve() != other.curve()) return std::nullopt;
  const OwnedContext context(
      require_memory(EVP_PKEY_CTX_new_from_pkey(nullptr, own.material().pkey.get(), nullptr)));
  std::array<unsigned char, 66> octets{};  // a coordinate of P-521
  std::size_t size = octets.size();
  const bool agreed = EVP_PKEY_derive_init(context.get()) == 1 &&
                      EVP_PKEY_derive_set_peer(context.get(), other.material().pkey.get()) == 1 &&
                      EVP_PKEY_derive(context.get(), octets.data(), &size) == 1;
  // With a point of small order all of it is zero, whoever computes; a coordinate of P-256 may be.
  const bool is_zero = std::ranges::all_of(octets, [](unsigned char octet) { return octet == 0; });
  std::optional<Secret> secret;
  if (agreed && !(is_zero && own.type() == KeyType::okp))
    secret.emplace(std::string_view(reinterpret_cast<const char*>(octets.data()), size));
  OPENSSL_cleanse(octets.data(), octets.size());
  if (!secret) ERR_clear_error();
  return secret;
}

Secret derive(const Secret& agreed, std::string_view algorithm, const Parties& parties, std::size_t octets) {
  std::string info;
  append_with_length(info, algorithm);
  append_with_length(info, parties.u);
  append_with_length(info, parties.v);
  append_number(info, octets * 8);

  thread_local const OwnedKdf kdf(require_memory(EVP_KDF_fetch(nullptr, "SSKDF", nullptr)));
  const OwnedKdfContext context(require_memory(EVP_KDF_CTX_new(kdf.get())));
  char hash[] = "SHA2-256";
  const std::array parameters = {
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, hash, 0),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SECRET, const_cast<char*>(agreed.reveal().data()),
                                        agreed.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info.data(), info.size()),
      OSSL_PARAM_construct_end()};
  std::string derived(octets, '\0');
  require_memory(EVP_KDF_derive(context.get(), reinterpret_cast<unsigned char*>(derived.data()),
                                derived.size(), parameters.data()) == 1);
  Secret key(derived);
  wipe(derived);
  return key;
}

}  // namespace gatehouse::jose
