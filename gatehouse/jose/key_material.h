/// KeyMaterial — the OpenSSL side of a Key; private to this room.
#pragma once

#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <cstdint>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <vector>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/result.h"
#include "gatehouse/base/secret.h"
#include "gatehouse/jose/algorithm.h"

namespace gatehouse::jose {

/// Frees an OpenSSL object that a unique_ptr owns.
template <auto Free>
struct Deleter {
  template <class T>
  void operator()(T* object) const noexcept {
    Free(object);
  }
};
using OwnedPkey = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using OwnedNumber = std::unique_ptr<BIGNUM, Deleter<BN_clear_free>>;
using OwnedX509 = std::unique_ptr<X509, Deleter<X509_free>>;

/// For what OpenSSL fails at for want of memory only: a null pointer or `false` becomes std::bad_alloc. Going
/// on would end the process, or leave a key of zeros.
template <class Made>
Made require_memory(Made made) {
  if (!made) throw std::bad_alloc();
  return made;
}

struct KeyMaterial {
  KeyMaterial();
  ~KeyMaterial();
  KeyMaterial(const KeyMaterial&) = delete;
  KeyMaterial& operator=(const KeyMaterial&) = delete;

  /// Never used twice in a process: what a thread has prepared for a key can not be taken for another's.
  const std::uint64_t id;

  KeyType type = KeyType::oct;
  Curve curve = Curve::none;
  std::size_t bits = 0;
  bool is_private = false;
  Secret secret;          ///< of an oct key; of a private Ed25519 key the octets that libsodium signs with
  OwnedPkey pkey;         ///< of every other one; only the public half when a token holds the private one
  OwnedPkey token_key{};  ///< a handle of that private half: it signs, and gives no numbers
  std::string octets{};   ///< of a public OKP key

  std::string algorithm_name{};                   ///< `alg`
  std::optional<Algorithm> declared_algorithm{};  ///< when `alg` names a signature algorithm
  bool is_unfit = false;                          ///< a secret that is none
  std::string use;
  std::vector<std::string> operations;
  std::string issuer;

  bool has_certificate = false;
  std::string x5t;
  std::string x5t_s256;
  Instant not_before = Instant::min();
  Instant not_after = Instant::max();
};

/// How many keys of this process have gone; when it has changed, what was
/// prepared for one of them can be dropped.
std::uint64_t keys_gone() noexcept;

/// Fills type, curve, bits, is_private and pkey. Every key comes through here, whatever it was read from:
/// fails with key_invalid for what no algorithm here uses, and for numbers that are no key or no pair.
Result<void> adopt(KeyMaterial& material, OwnedPkey pkey, bool is_private);

/// The octets of an OKP key's public part.
std::string raw_public_key(const EVP_PKEY* pkey);

/// Thumbprints and dates of the certificate, and its public key. Fails with key_invalid.
Result<OwnedPkey> read_certificate(KeyMaterial& material, std::string_view der, std::string* hex_thumbprint);

}  // namespace gatehouse::jose
