#include "gatehouse/jose/eddsa.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <sodium.h>

namespace gatehouse::jose {
namespace {

using OwnedDigestContext = std::unique_ptr<EVP_MD_CTX, Deleter<EVP_MD_CTX_free>>;

const unsigned char* octets_of(std::string_view text) noexcept {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* octets_of(std::string& text) noexcept { return reinterpret_cast<unsigned char*>(text.data()); }

bool is_ready() {
  static const bool ready = sodium_init() >= 0;
  return ready;
}

// The points of small order on Ed448 have y = 1, -1 or 0 (RFC 8032 §5.2). The last octet is the sign of x.
bool is_small_ed448(std::string_view octets) {
  const std::string_view y = octets.substr(0, octets.size() - 1);
  std::string minus_one(y.size(), '\xFF');  // 2^448 - 2^224 - 2
  minus_one[0] = minus_one[y.size() / 2] = '\xFE';
  const bool is_zero_or_one = (y[0] == 0 || y[0] == 1) && y.find_first_not_of('\0', 1) == y.npos;
  return is_zero_or_one || y == minus_one;
}

bool verify_ed448(EVP_PKEY* pkey, std::string_view input, std::string_view signature) {
  const OwnedDigestContext context(require_memory(EVP_MD_CTX_new()));
  const bool verified =
      EVP_DigestVerifyInit_ex(context.get(), nullptr, nullptr, nullptr, nullptr, pkey, nullptr) == 1 &&
      EVP_DigestVerify(context.get(), octets_of(signature), signature.size(), octets_of(input),
                       input.size()) == 1;
  if (!verified)
    ERR_clear_error();  // a forged signature leaves its traces in a queue that nobody else empties
  return verified;
}

bool sign_ed448(EVP_PKEY* pkey, std::string_view input, std::string& signature) {
  const OwnedDigestContext context(require_memory(EVP_MD_CTX_new()));
  std::size_t size = signature.size();
  return EVP_DigestSignInit_ex(context.get(), nullptr, nullptr, nullptr, nullptr, pkey, nullptr) == 1 &&
         EVP_DigestSign(context.get(), octets_of(signature), &size, octets_of(input), input.size()) == 1 &&
         size == signature.size();
}

}  // namespace

bool verify_eddsa(const KeyMaterial& key, std::string_view input, std::string_view signature) {
  if (key.curve == Curve::ed448) return verify_ed448(key.pkey.get(), input, signature);
  return is_ready() && crypto_sign_ed25519_verify_detached(octets_of(signature), octets_of(input),
                                                           input.size(), octets_of(key.octets)) == 0;
}

bool is_public_point(Curve curve, std::string_view octets) {
  if (curve == Curve::ed448) return !is_small_ed448(octets);
  return is_ready() && crypto_core_ed25519_is_valid_point(octets_of(octets)) == 1;
}

Result<std::string> sign_eddsa(const KeyMaterial& key, std::string_view input) {
  std::string signature(traits(key.curve).signature_octets, '\0');
  const bool is_signed =
      key.curve == Curve::ed448
          ? sign_ed448(key.pkey.get(), input, signature)
          : is_ready() && crypto_sign_ed25519_detached(octets_of(signature), nullptr, octets_of(input),
                                                       input.size(), octets_of(key.secret.reveal())) == 0;
  if (!is_signed) return fail(Failure::internal, "signing failed");
  return signature;
}

}  // namespace gatehouse::jose
