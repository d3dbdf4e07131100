#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <array>
#include <cstring>
#include <memory>
#include <utility>

#include "gatehouse/jose/eddsa.h"
#include "gatehouse/jose/jws.h"
#include "gatehouse/jose/key_material.h"

// Looking an algorithm up by name costs OpenSSL more than a hash of a token does. So every thread keeps, for
// the last few keys it used, a context that has been initialised once: an HMAC is then restarted with the key
// it holds, an RSA or EC context takes the next digest as it is. What is kept is found by the key's id, which
// no other key ever gets. It goes, and OpenSSL wipes it, when another key takes its place, when the thread
// ends, or at the thread's next call after the key itself went: threads share one counter of keys that are
// gone, and nothing else.

namespace gatehouse::jose {
namespace {

using OwnedMac = std::unique_ptr<EVP_MAC, Deleter<EVP_MAC_free>>;
using OwnedMacContext = std::unique_ptr<EVP_MAC_CTX, Deleter<EVP_MAC_CTX_free>>;
using OwnedDigest = std::unique_ptr<EVP_MD, Deleter<EVP_MD_free>>;
using OwnedDigestContext = std::unique_ptr<EVP_MD_CTX, Deleter<EVP_MD_CTX_free>>;
using OwnedPkeyContext = std::unique_ptr<EVP_PKEY_CTX, Deleter<EVP_PKEY_CTX_free>>;

constexpr std::size_t largest_hash = 64;

const unsigned char* octets_of(std::string_view text) noexcept {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* octets_of(std::string& text) noexcept { return reinterpret_cast<unsigned char*>(text.data()); }

const char* hash_name(const AlgorithmTraits& row) noexcept {
  return row.hash_octets == 32 ? "SHA2-256" : row.hash_octets == 48 ? "SHA2-384" : "SHA2-512";
}

// Fetched once a thread; the fetch is the expensive part.
const EVP_MD* digest_for(const AlgorithmTraits& row) {
  thread_local std::array<OwnedDigest, 3> digests;
  OwnedDigest& digest = digests[row.hash_octets / 16 - 2];
  if (!digest) digest.reset(require_memory(EVP_MD_fetch(nullptr, hash_name(row), nullptr)));
  return digest.get();
}

struct Hash {
  std::array<unsigned char, largest_hash> octets;
  std::size_t size = 0;
};

// False leaves no hash at all: of an empty or zero one anybody can make an ECDSA signature.
bool compute_hash(std::string_view input, const AlgorithmTraits& row, Hash& hash) {
  thread_local const OwnedDigestContext context(require_memory(EVP_MD_CTX_new()));
  unsigned size = 0;
  const bool computed = EVP_DigestInit_ex2(context.get(), digest_for(row), nullptr) == 1 &&
                        EVP_DigestUpdate(context.get(), input.data(), input.size()) == 1 &&
                        EVP_DigestFinal_ex(context.get(), hash.octets.data(), &size) == 1;
  hash.size = size;
  return computed && size == row.hash_octets;
}

enum class Purpose : std::uint8_t { verify, sign };

struct Prepared {
  std::uint64_t key_id = 0;  // 0 is no key's
  Algorithm algorithm = Algorithm::HS256;
  Purpose purpose = Purpose::verify;
  std::weak_ptr<const KeyMaterial> owner;
  OwnedMacContext mac;
  OwnedPkeyContext pkey;
};

OwnedMacContext prepare_mac(const KeyMaterial& key, const AlgorithmTraits& row) {
  const OwnedMac hmac(require_memory(EVP_MAC_fetch(nullptr, "HMAC", nullptr)));
  OwnedMacContext context(require_memory(EVP_MAC_CTX_new(hmac.get())));
  const std::array parameters = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, const_cast<char*>(hash_name(row)), 0),
      OSSL_PARAM_construct_end()};
  const std::string_view secret = key.secret.reveal();
  // OpenSSL takes an empty key to mean "the key set before"; there is none, and
  // an empty secret must not verify.
  if (secret.empty()) return {};
  if (EVP_MAC_init(context.get(), octets_of(secret), secret.size(), parameters.data()) != 1) return {};
  return context;
}

bool is_pss(Algorithm algorithm) noexcept {
  return algorithm == Algorithm::PS256 || algorithm == Algorithm::PS384 || algorithm == Algorithm::PS512;
}

OwnedPkeyContext prepare_pkey(const KeyMaterial& key, const AlgorithmTraits& row, Purpose purpose) {
  EVP_PKEY* pkey = purpose == Purpose::sign && key.token_key ? key.token_key.get() : key.pkey.get();
  OwnedPkeyContext context(require_memory(EVP_PKEY_CTX_new_from_pkey(nullptr, pkey, nullptr)));
  EVP_PKEY_CTX* raw = context.get();
  const bool started =
      (purpose == Purpose::verify ? EVP_PKEY_verify_init(raw) : EVP_PKEY_sign_init(raw)) == 1;
  if (!started || EVP_PKEY_CTX_set_signature_md(raw, digest_for(row)) != 1) return {};
  if (row.key_type != KeyType::rsa) return context;
  if (!is_pss(row.algorithm))
    return EVP_PKEY_CTX_set_rsa_padding(raw, RSA_PKCS1_PADDING) == 1 ? std::move(context) : nullptr;
  // RFC 7518 §3.5: the salt is as long as the hash, and MGF1 uses the same hash; nothing else verifies.
  const bool ok = EVP_PKEY_CTX_set_rsa_padding(raw, RSA_PKCS1_PSS_PADDING) == 1 &&
                  EVP_PKEY_CTX_set_rsa_pss_saltlen(raw, RSA_PSS_SALTLEN_DIGEST) == 1 &&
                  EVP_PKEY_CTX_set_rsa_mgf1_md(raw, digest_for(row)) == 1;
  return ok ? std::move(context) : nullptr;
}

// As many as a large key set has, in groups that are quickly looked through: keys of one set have ids in a
// row, and so are spread over all of them.
class PreparedKeys {
 public:
  Prepared& find(const Key& key, const AlgorithmTraits& row, Purpose purpose) {
    const KeyMaterial& material = key.material();
    if (const std::uint64_t gone = keys_gone(); gone != gone_) {
      gone_ = gone;
      drop_expired();
    }
    Group& group = groups_[material.id % groups_.size()];
    for (Prepared& entry : group.entries)
      if (entry.key_id == material.id && entry.algorithm == row.algorithm && entry.purpose == purpose)
        return entry;
    return prepare(group, key, row, purpose);
  }

 private:
  struct Group {
    std::array<Prepared, 4> entries;
    std::size_t oldest = 0;
  };

  void drop_expired() {
    for (Group& group : groups_)
      for (Prepared& entry : group.entries)
        if (entry.key_id != 0 && entry.owner.expired()) entry = {};
  }

  static Prepared& prepare(Group& group, const Key& key, const AlgorithmTraits& row, Purpose purpose) {
    Prepared& entry = group.entries[std::exchange(group.oldest, (group.oldest + 1) % group.entries.size())];
    entry = {.algorithm = row.algorithm, .purpose = purpose, .owner = key.shared_material()};
    if (row.key_type == KeyType::oct)
      entry.mac = prepare_mac(key.material(), row);
    else
      entry.pkey = prepare_pkey(key.material(), row, purpose);
    // What could not be prepared, for want of memory say, is tried again next time.
    entry.key_id = entry.mac || entry.pkey ? key.material().id : 0;
    return entry;
  }

  std::array<Group, 16> groups_;
  std::uint64_t gone_ = 0;
};

Prepared& prepared_for(const Key& key, const AlgorithmTraits& row, Purpose purpose) {
  thread_local PreparedKeys keys;
  return keys.find(key, row, purpose);
}

bool compute_mac(const Key& key, const AlgorithmTraits& row, std::string_view input,
                 std::array<unsigned char, largest_hash>& tag) {
  EVP_MAC_CTX* context = prepared_for(key, row, Purpose::verify).mac.get();
  std::size_t size = 0;
  return context && EVP_MAC_init(context, nullptr, 0, nullptr) == 1 &&
         EVP_MAC_update(context, octets_of(input), input.size()) == 1 &&
         EVP_MAC_final(context, tag.data(), &size, tag.size()) == 1 && size == row.hash_octets;
}

// DER (X.690 §8.3) of r and s from r||s: minimal, positive integers. At most 3 + 2 × (3 + 66) octets.
struct Der {
  std::array<unsigned char, 160> octets;
  std::size_t size = 0;
};

void append_integer(Der& der, std::string_view number) {
  while (number.size() > 1 && number.front() == '\0') number.remove_prefix(1);
  const bool needs_sign = static_cast<unsigned char>(number.front()) >= 0x80;
  der.octets[der.size++] = 0x02;
  der.octets[der.size++] = static_cast<unsigned char>(number.size() + (needs_sign ? 1 : 0));
  if (needs_sign) der.octets[der.size++] = 0;
  std::memcpy(der.octets.data() + der.size, number.data(), number.size());
  der.size += number.size();
}

Der to_der(std::string_view signature) {
  Der body;
  append_integer(body, signature.substr(0, signature.size() / 2));
  append_integer(body, signature.substr(signature.size() / 2));
  Der der;
  der.octets[der.size++] = 0x30;
  if (body.size >= 0x80) der.octets[der.size++] = 0x81;
  der.octets[der.size++] = static_cast<unsigned char>(body.size);
  std::memcpy(der.octets.data() + der.size, body.octets.data(), body.size);
  der.size += body.size;
  return der;
}

bool verify_asymmetric(const Key& key, const AlgorithmTraits& row, std::string_view input,
                       std::string_view signature) {
  EVP_PKEY_CTX* context = prepared_for(key, row, Purpose::verify).pkey.get();
  Hash hash;
  if (!context || !compute_hash(input, row, hash)) return false;
  int verdict = 0;
  if (row.key_type == KeyType::ec) {
    const Der der = to_der(signature);
    verdict = EVP_PKEY_verify(context, der.octets.data(), der.size, hash.octets.data(), hash.size);
  } else {
    verdict = EVP_PKEY_verify(context, octets_of(signature), signature.size(), hash.octets.data(), hash.size);
  }
  if (verdict != 1)
    ERR_clear_error();  // a forged signature leaves its traces in a queue that nobody else empties
  return verdict == 1;
}

bool has_right_length(const Key& key, const AlgorithmTraits& row, std::string_view signature) noexcept {
  const std::size_t expected = row.key_type == KeyType::rsa   ? (key.bits() + 7) / 8
                               : row.key_type == KeyType::okp ? traits(key.curve()).signature_octets
                                                              : row.signature_octets;
  return signature.size() == expected;
}

Result<std::string> sign_ec(EVP_PKEY_CTX* context, const AlgorithmTraits& row, const Hash& hash) {
  std::array<unsigned char, 160> der{};
  std::size_t size = der.size();
  if (EVP_PKEY_sign(context, der.data(), &size, hash.octets.data(), hash.size) != 1)
    return fail(Failure::internal, "signing failed");
  const unsigned char* at = der.data();
  const std::unique_ptr<ECDSA_SIG, Deleter<ECDSA_SIG_free>> pair(
      require_memory(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(size))));
  const std::size_t half = row.signature_octets / 2;
  std::string signature(row.signature_octets, '\0');
  BN_bn2binpad(ECDSA_SIG_get0_r(pair.get()), octets_of(signature), static_cast<int>(half));
  BN_bn2binpad(ECDSA_SIG_get0_s(pair.get()), octets_of(signature) + half, static_cast<int>(half));
  return signature;
}

Result<std::string> sign_rsa(EVP_PKEY_CTX* context, const Key& key, const Hash& hash) {
  std::string signature((key.bits() + 7) / 8, '\0');
  std::size_t size = signature.size();
  if (EVP_PKEY_sign(context, octets_of(signature), &size, hash.octets.data(), hash.size) != 1 ||
      size != signature.size())
    return fail(Failure::internal, "signing failed");
  return signature;
}

}  // namespace

Result<void> verify(std::string_view signing_input, std::string_view signature, const Key& key,
                    Algorithm algorithm) {
  const AlgorithmTraits& row = traits(algorithm);
  if (!key.fits(algorithm) || !key.permits({"verify"}))
    return fail(Failure::alg_not_allowed, std::string(row.name));
  if (!has_right_length(key, row, signature)) return fail(Failure::signature_invalid);
  if (row.key_type == KeyType::okp)
    return verify_eddsa(key.material(), signing_input, signature) ? Result<void>()
                                                                  : fail(Failure::signature_invalid);
  if (row.key_type != KeyType::oct)
    return verify_asymmetric(key, row, signing_input, signature) ? Result<void>()
                                                                 : fail(Failure::signature_invalid);
  std::array<unsigned char, largest_hash> tag;
  if (!compute_mac(key, row, signing_input, tag)) return fail(Failure::signature_invalid);
  const std::string_view expected(reinterpret_cast<const char*>(tag.data()), row.hash_octets);
  return equal_in_constant_time(expected, signature) ? Result<void>() : fail(Failure::signature_invalid);
}

Result<std::string> sign(std::string_view signing_input, const Key& key, Algorithm algorithm) {
  const AlgorithmTraits& row = traits(algorithm);
  if (!key.fits(algorithm)) return fail(Failure::alg_not_allowed, std::string(row.name));
  if (!key.is_private()) return fail(Failure::key_invalid, "a public key cannot sign");
  if (!key.permits({"sign"})) return fail(Failure::key_invalid, "key_ops does not name sign");
  GH_CHECK(check_strength(key, algorithm));
  if (row.key_type == KeyType::oct) {
    std::array<unsigned char, largest_hash> tag;
    if (!compute_mac(key, row, signing_input, tag)) return fail(Failure::internal, "signing failed");
    return std::string(reinterpret_cast<const char*>(tag.data()), row.hash_octets);
  }
  if (row.key_type == KeyType::okp) return sign_eddsa(key.material(), signing_input);
  EVP_PKEY_CTX* context = prepared_for(key, row, Purpose::sign).pkey.get();
  Hash hash;
  if (!context || !compute_hash(signing_input, row, hash)) return fail(Failure::internal, "signing failed");
  return row.key_type == KeyType::ec ? sign_ec(context, row, hash) : sign_rsa(context, key, hash);
}

}  // namespace gatehouse::jose
