#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/rsa.h>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>

#include "gatehouse/jose/eddsa.h"
#include "gatehouse/jose/key_material.h"
#include "gatehouse/jose/key_numbers.h"

// Whether numbers are a key. OpenSSL's own check of an RSA key proves its primes prime again, which takes 30
// ms at 2048 bits and a fifth of a second at 4096. Here it is only asked whether the numbers belong together,
// and one trial signature settles the rest: whoever could choose the numbers could as well sign with them.

namespace gatehouse::jose {
namespace {

using OwnedArithmetic = std::unique_ptr<BN_CTX, Deleter<BN_CTX_free>>;
using OwnedContext = std::unique_ptr<EVP_PKEY_CTX, Deleter<EVP_PKEY_CTX_free>>;

constexpr int fewest_rsa_bits = 512;
constexpr int most_rsa_bits = 16'384;

std::unexpected<Error> invalid(std::string why) { return fail(Failure::key_invalid, std::move(why)); }

// A garbled modulus is divisible by one of the primes from 3 to 29, whose product
// this is, two times out of three.
bool has_small_factor(const BIGNUM* n) {
  constexpr BN_ULONG primorial = 3'234'846'615u;
  return std::gcd(primorial, BN_mod_word(n, primorial)) != 1;
}

// A chip maker's primes were powers of 65537 modulo every small prime, and so are their products; factors of
// such a modulus can be found (CVE-2017-15361).
bool has_weak_primes(const BIGNUM* n) {
  constexpr std::array<BN_ULONG, 38> primes = {
      3,  5,  7,  11, 13, 17,  19,  23,  29,  31,  37,  41,  43,  47,  53,  59,  61,  67,  71,
      73, 79, 83, 89, 97, 101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167};
  return std::ranges::all_of(primes, [&](BN_ULONG prime) {
    const BN_ULONG remainder = BN_mod_word(n, prime);
    BN_ULONG power = 1;
    do {
      if (power == remainder) return true;
      power = power * 65'537 % prime;
    } while (power != 1);
    return false;
  });
}

// An even or tiny exponent makes forging easy (CVE-2006-4339), one beyond 64 bits makes verifying slow.
Result<void> check_public_rsa(const EVP_PKEY* pkey) {
  const OwnedNumber n = number(pkey, OSSL_PKEY_PARAM_RSA_N);
  const OwnedNumber e = number(pkey, OSSL_PKEY_PARAM_RSA_E);
  const int bits = BN_num_bits(n.get());
  if (bits < fewest_rsa_bits || bits > most_rsa_bits)
    return invalid(fmt::format("an RSA modulus of {} bits", bits));
  if (!BN_is_odd(n.get()) || has_small_factor(n.get())) return invalid("'n' is no RSA modulus");
  if (has_weak_primes(n.get())) return invalid("the primes of 'n' can be found (CVE-2017-15361)");
  if (!BN_is_odd(e.get()) || BN_is_one(e.get()) || BN_num_bits(e.get()) > 64)
    return invalid("'e' is no RSA exponent");
  return {};
}

bool are_inverse(const OwnedNumber& a, const OwnedNumber& b, const OwnedNumber& modulus, BN_CTX* arithmetic) {
  const OwnedNumber product(require_memory(BN_new()));
  return BN_mod_mul(product.get(), a.get(), b.get(), modulus.get(), arithmetic) == 1 &&
         BN_is_one(product.get());
}

// p × q is n, and each exponent undoes e (RFC 8017 §3.2). OpenSSL signs with
// dp, dq and qi and never looks at d.
bool primes_belong(const EVP_PKEY* pkey) {
  const OwnedNumber n = number(pkey, OSSL_PKEY_PARAM_RSA_N), e = number(pkey, OSSL_PKEY_PARAM_RSA_E);
  const OwnedNumber p = number(pkey, OSSL_PKEY_PARAM_RSA_FACTOR1),
                    q = number(pkey, OSSL_PKEY_PARAM_RSA_FACTOR2);
  const OwnedNumber d = number(pkey, OSSL_PKEY_PARAM_RSA_D), dp = number(pkey, OSSL_PKEY_PARAM_RSA_EXPONENT1);
  const OwnedNumber dq = number(pkey, OSSL_PKEY_PARAM_RSA_EXPONENT2);
  const OwnedNumber qi = number(pkey, OSSL_PKEY_PARAM_RSA_COEFFICIENT1);

  const OwnedArithmetic arithmetic(require_memory(BN_CTX_secure_new()));
  const OwnedNumber product(require_memory(BN_secure_new()));
  if (BN_mul(product.get(), p.get(), q.get(), arithmetic.get()) != 1 || BN_cmp(product.get(), n.get()) != 0)
    return false;
  const OwnedNumber p_less_one(require_memory(BN_dup(p.get()))), q_less_one(require_memory(BN_dup(q.get())));
  require_memory(BN_sub_word(p_less_one.get(), 1) == 1 && BN_sub_word(q_less_one.get(), 1) == 1);
  return are_inverse(e, d, p_less_one, arithmetic.get()) && are_inverse(e, d, q_less_one, arithmetic.get()) &&
         are_inverse(e, dp, p_less_one, arithmetic.get()) &&
         are_inverse(e, dq, q_less_one, arithmetic.get()) && are_inverse(q, qi, p, arithmetic.get());
}

bool signs_for_itself(EVP_PKEY* pkey) {
  const OwnedContext signer(require_memory(EVP_PKEY_CTX_new_from_pkey(nullptr, pkey, nullptr)));
  const OwnedContext verifier(require_memory(EVP_PKEY_CTX_new_from_pkey(nullptr, pkey, nullptr)));
  constexpr std::array<unsigned char, 32> digest = {0x47, 0x48};
  std::array<unsigned char, most_rsa_bits / 8> signature;
  std::size_t size = signature.size();
  return EVP_PKEY_sign_init(signer.get()) == 1 &&
         EVP_PKEY_CTX_set_rsa_padding(signer.get(), RSA_PKCS1_PADDING) == 1 &&
         EVP_PKEY_sign(signer.get(), signature.data(), &size, digest.data(), digest.size()) == 1 &&
         EVP_PKEY_verify_init(verifier.get()) == 1 &&
         EVP_PKEY_CTX_set_rsa_padding(verifier.get(), RSA_PKCS1_PADDING) == 1 &&
         EVP_PKEY_verify(verifier.get(), signature.data(), size, digest.data(), digest.size()) == 1;
}

Result<void> check_private_rsa(EVP_PKEY* pkey) {
  const bool has_primes = has_number(pkey, OSSL_PKEY_PARAM_RSA_FACTOR1);
  if ((has_primes && !primes_belong(pkey)) || !signs_for_itself(pkey))
    return invalid("the private numbers do not belong to the public ones");
  return {};
}

// A curve that is spelled out may differ from the named one in the generator alone (CVE-2020-0601).
Result<void> check_ec(EVP_PKEY* pkey, bool is_private) {
  int is_explicit = 0;
  require_memory(
      EVP_PKEY_get_int_param(pkey, OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS, &is_explicit) == 1);
  if (is_explicit != 0) return invalid("the curve is spelled out instead of named");
  const OwnedContext context(require_memory(EVP_PKEY_CTX_new_from_pkey(nullptr, pkey, nullptr)));
  if (EVP_PKEY_public_check(context.get()) != 1) return invalid("the point is not on the curve");
  if (is_private &&
      (EVP_PKEY_private_check(context.get()) != 1 || EVP_PKEY_pairwise_check(context.get()) != 1))
    return invalid("the private number does not belong to the public ones");
  return {};
}

Result<Curve> curve_of(const EVP_PKEY* pkey) {
  std::array<char, 64> group{};
  if (EVP_PKEY_is_a(pkey, "EC")) EVP_PKEY_get_group_name(pkey, group.data(), group.size(), nullptr);
  for (const CurveTraits& row : curves())
    if (row.key_type == KeyType::ec ? std::string_view(group.data()) == row.openssl_name
                                    : EVP_PKEY_is_a(pkey, row.openssl_name) == 1)
      return row.curve;
  return invalid("neither an RSA key nor one of a curve that is known");
}

// What libsodium signs with: the seed, and the public key after it.
Result<void> keep_octets(KeyMaterial& material, const EVP_PKEY* pkey, bool is_private) {
  material.octets = raw_public_key(pkey);
  if (traits(material.curve).signature_octets != 0 && !is_public_point(material.curve, material.octets))
    return invalid("'x' is no public key of the curve");
  if (!is_private || material.curve != Curve::ed25519) return {};
  std::array<unsigned char, 32> seed{};
  std::size_t size = seed.size();
  if (EVP_PKEY_get_raw_private_key(pkey, seed.data(), &size) != 1)
    return invalid("the private number is missing");
  std::string both(reinterpret_cast<const char*>(seed.data()), size);
  OPENSSL_cleanse(seed.data(), seed.size());
  both += material.octets;
  material.secret = Secret(both);
  wipe(both);
  return {};
}

Result<void> check(KeyMaterial& material, EVP_PKEY* pkey, bool is_private) {
  if (EVP_PKEY_is_a(pkey, "RSA")) {
    material.type = KeyType::rsa;
    GH_CHECK(check_public_rsa(pkey));
    return is_private ? check_private_rsa(pkey) : Result<void>();
  }
  GH_TRY(material.curve, curve_of(pkey));
  material.type = traits(material.curve).key_type;
  return material.type == KeyType::ec ? check_ec(pkey, is_private) : keep_octets(material, pkey, is_private);
}

}  // namespace

Result<void> adopt(KeyMaterial& material, OwnedPkey pkey, bool is_private) {
  const Result<void> checked = check(material, pkey.get(), is_private);
  ERR_clear_error();  // what was refused leaves its traces in a queue that nobody else empties
  if (!checked) return checked;
  material.bits = static_cast<std::size_t>(EVP_PKEY_get_bits(pkey.get()));
  material.is_private = is_private;
  material.pkey = std::move(pkey);
  return {};
}

}  // namespace gatehouse::jose
