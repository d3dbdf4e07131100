#include <fmt/format.h>
#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <array>
#include <charconv>
#include <memory>
#include <string>

#include "gatehouse/base/base64url.h"
#include "gatehouse/jose/jws.h"
#include "gatehouse/jose/key_material.h"
#include "tests/support/test_keys.h"

// Signatures that somebody without the key can write down.

namespace gatehouse::jose {
namespace {

std::string from_hex(std::string_view digits) {
  std::string octets;
  for (std::size_t i = 0; i < digits.size(); i += 2) {
    unsigned octet = 0;
    std::from_chars(digits.data() + i, digits.data() + i + 2, octet, 16);
    octets += static_cast<char>(octet);
  }
  return octets;
}

struct CurveCase {
  Algorithm algorithm;
  std::string_view pem;
  std::string order;  // SEC 2 §2.4–2.6
};

const CurveCase curve_cases[] = {
    {Algorithm::ES256, test_keys::p256,
     from_hex("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551")},
    {Algorithm::ES384, test_keys::p384,
     from_hex("FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF"
              "581A0DB248B0A77AECEC196ACCC52973")},
    {Algorithm::ES512, test_keys::p521,
     from_hex("01FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"
              "FFFA51868783BF2F966B7FCC0148F709A5D03BB5C9B8899C47AEBB6FB71E91386409")},
};

class Ecdsa : public testing::TestWithParam<CurveCase> {
 protected:
  Key key = *Key::from_pem(GetParam().pem);
  std::string good = *sign("input", key, GetParam().algorithm);
  std::string r = good.substr(0, good.size() / 2);
  std::string s = good.substr(good.size() / 2);

  void expect_refused(const std::string& signature) const {
    const auto verdict = verify("input", signature, key, GetParam().algorithm);
    ASSERT_FALSE(verdict) << base64url::encode(signature);
    EXPECT_EQ(verdict.error().kind, Failure::signature_invalid);
  }
};

// CVE-2022-21449: zeros, and what counts as zero.
TEST_P(Ecdsa, RefusesNumbersOutOfRange) {
  const std::string& order = GetParam().order;
  const std::string zero(order.size(), '\0');
  std::string one = zero, order_less_one = order, order_plus_one = order;
  one.back() = 1;
  order_less_one.back() = static_cast<char>(order.back() - 1);
  order_plus_one.back() = static_cast<char>(order.back() + 1);
  const std::string all_ones(order.size(), '\xFF');
  for (const std::string& a : {zero, one, order_less_one, order, order_plus_one, all_ones})
    for (const std::string& b : {zero, one, order_less_one, order, order_plus_one, all_ones})
      expect_refused(a + b);
  for (const std::string& other : {zero, one, order, all_ones}) {
    expect_refused(r + other);
    expect_refused(other + s);
  }
}

TEST_P(Ecdsa, RefusesTheSamePairInAnotherForm) {
  const std::string padding(1, '\0');
  expect_refused(s + r);
  expect_refused(padding + r + padding + s);
  expect_refused(r.substr(1) + s.substr(1));
  expect_refused(r + s + r + s);
  expect_refused(r);
  const auto integer = [](const std::string& number) {
    const std::string positive = static_cast<unsigned char>(number.front()) >= 0x80 ? '\0' + number : number;
    return "\x02" + std::string(1, static_cast<char>(positive.size())) + positive;
  };
  const std::string body = integer(r) + integer(s);
  expect_refused("\x30" + std::string(1, static_cast<char>(body.size())) + body);
}

// DER writes a number with one octet more or less, as its highest bits fall out.
TEST_P(Ecdsa, AcceptsNumbersOfEveryLength) {
  for (int i = 0; i < 32; ++i) {
    const std::string input = fmt::format("input {}", i);
    EXPECT_TRUE(verify(input, *sign(input, key, GetParam().algorithm), key, GetParam().algorithm));
  }
}

INSTANTIATE_TEST_SUITE_P(Forgery, Ecdsa, testing::ValuesIn(curve_cases),
                         [](const auto& test) { return std::string(name(test.param.algorithm)); });

// One signature of 128 has such a number: one octet shorter in DER, or the least that DER makes longer.
TEST(EcdsaNumbers, KeepTheirFirstOctet) {
  const Key key = *Key::from_pem(test_keys::p256);
  for (const char first : {'\0', '\x80'})
    for (int i = 0;; ++i) {
      const std::string input = fmt::format("input {}", i);
      const std::string signature = *sign(input, key, Algorithm::ES256);
      ASSERT_EQ(signature.size(), 64u);
      if (signature[0] != first && signature[32] != first) continue;
      EXPECT_TRUE(verify(input, signature, key, Algorithm::ES256));
      break;
    }
}

TEST(EcdsaNumbers, BelongToOneCurveOnly) {
  constexpr std::array pairs = {
      std::pair(Algorithm::ES256, test_keys::p384), std::pair(Algorithm::ES384, test_keys::p256),
      std::pair(Algorithm::ES512, test_keys::p384), std::pair(Algorithm::ES256, test_keys::p521)};
  for (const auto& [algorithm, pem] : pairs) {
    const Key key = *Key::from_pem(pem);
    const std::string signature(traits(algorithm).signature_octets, '\1');
    EXPECT_EQ(verify("input", signature, key, algorithm).error().kind, Failure::alg_not_allowed);
  }
}

class Rsa : public testing::Test {
 protected:
  Key key = *Key::from_pem(test_keys::rsa);

  std::string modulus() const {
    json::Parser parser;
    return *base64url::decode(*parser.parse(key.public_jwk())->find_string("n"));
  }

  void expect_refused(const std::string& signature) const {
    for (const Algorithm algorithm : {Algorithm::RS256, Algorithm::RS384, Algorithm::RS512, Algorithm::PS256,
                                      Algorithm::PS384, Algorithm::PS512})
      EXPECT_EQ(verify("input", signature, key, algorithm).error().kind, Failure::signature_invalid);
  }
};

TEST_F(Rsa, RefusesNumbersThatAreTheirOwnPower) {
  const std::string n = modulus();
  std::string zero(n.size(), '\0'), one = zero, n_less_one = n;
  one.back() = 1;
  n_less_one.back() = static_cast<char>(n.back() - 1);
  for (const std::string& signature : {zero, one, n_less_one, n, std::string(n.size(), '\xFF')})
    expect_refused(signature);
}

// Whoever asks OpenSSL for its errors next must not get those of somebody's forgery.
TEST_F(Rsa, ARefusedSignatureLeavesNoErrorBehind) {
  EXPECT_FALSE(verify("input", std::string(256, '\1'), key, Algorithm::PS256));
  EXPECT_EQ(ERR_peek_error(), 0u);
}

TEST_F(Rsa, RefusesEveryOtherLength) {
  const std::string good = *sign("input", key, Algorithm::RS256);
  for (const std::string& signature : {std::string(), good.substr(1), good.substr(0, 255), '\0' + good,
                                       good + '\0', good + good, std::string(4096, '\1')})
    expect_refused(signature);
}

// s + n is the same number to the modulus; where it fits 256 octets it must still be refused.
TEST_F(Rsa, RefusesASignatureBeyondTheModulus) {
  const std::string n = modulus();
  for (int i = 0, tried = 0; tried < 3 && i < 100; ++i) {
    const std::string input = fmt::format("input {}", i);
    std::string sum = *sign(input, key, Algorithm::RS256);
    unsigned carry = 0;
    for (std::size_t k = sum.size(); k-- > 0;) {
      carry += static_cast<unsigned char>(sum[k]) + unsigned{static_cast<unsigned char>(n[k])};
      sum[k] = static_cast<char>(carry & 0xFF);
      carry >>= 8;
    }
    if (carry != 0) continue;
    ++tried;
    EXPECT_FALSE(verify(input, sum, key, Algorithm::RS256));
  }
}

using OwnedDigestContext = std::unique_ptr<EVP_MD_CTX, Deleter<EVP_MD_CTX_free>>;

// As a signer with other parameters would do it.
std::string sign_pss(const Key& key, int salt, const EVP_MD* mask) {
  const OwnedDigestContext context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* parameters = nullptr;
  EVP_DigestSignInit(context.get(), &parameters, EVP_sha256(), nullptr, key.material().pkey.get());
  EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING);
  EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, salt);
  EVP_PKEY_CTX_set_rsa_mgf1_md(parameters, mask);
  std::string signature(256, '\0');
  std::size_t size = signature.size();
  EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                 reinterpret_cast<const unsigned char*>("input"), 5);
  return signature;
}

// RFC 7518 §3.5: salt and mask are given by the algorithm, not by who signs.
TEST_F(Rsa, AcceptsTheSaltAndMaskOfThePssAlgorithmOnly) {
  EXPECT_TRUE(verify("input", sign_pss(key, 32, EVP_sha256()), key, Algorithm::PS256));
  for (const int salt : {0, 20, 31, 33, 64})
    EXPECT_FALSE(verify("input", sign_pss(key, salt, EVP_sha256()), key, Algorithm::PS256)) << salt;
  for (const EVP_MD* mask : {EVP_sha1(), EVP_sha384(), EVP_sha512()})
    EXPECT_FALSE(verify("input", sign_pss(key, 32, mask), key, Algorithm::PS256));
}

// CVE-2015-9235: an HMAC keyed with the text of the public key.
TEST(Confusion, NoKeyIsTakenForAnotherKind) {
  const std::string tag(32, '\0');
  for (const std::string_view pem : {test_keys::rsa_public, test_keys::p256_public})
    for (const Algorithm algorithm : {Algorithm::HS256, Algorithm::HS384, Algorithm::HS512})
      EXPECT_EQ(verify("input", tag, *Key::from_pem(pem), algorithm).error().kind, Failure::alg_not_allowed);
  const Key text = Key::symmetric(Secret(test_keys::rsa_public));
  EXPECT_EQ(sign("input", text, Algorithm::HS256).error().kind, Failure::alg_not_allowed);
  EXPECT_EQ(verify("input", tag, text, Algorithm::HS256).error().kind, Failure::alg_not_allowed);
}

TEST(Confusion, AKeyForOneAlgorithmServesNoOther) {
  std::string jwk = Key::from_pem(test_keys::rsa)->public_jwk();
  jwk.insert(1, R"("alg":"PS256",)");
  const Key key = Key::from_jwk(jwk).value();
  const std::string signature = *sign("input", *Key::from_pem(test_keys::rsa), Algorithm::RS256);
  EXPECT_EQ(verify("input", signature, key, Algorithm::RS256).error().kind, Failure::alg_not_allowed);
}

TEST(Hmac, RefusesEveryTagButTheWholeOne) {
  const Key key = Key::symmetric(Secret(std::string(64, 'k')));
  for (const Algorithm algorithm : {Algorithm::HS256, Algorithm::HS384, Algorithm::HS512}) {
    const std::string tag = *sign("input", key, algorithm);
    ASSERT_EQ(tag.size(), traits(algorithm).hash_octets);
    for (std::size_t length = 0; length < tag.size(); ++length)
      EXPECT_FALSE(verify("input", tag.substr(0, length), key, algorithm));
    EXPECT_FALSE(verify("input", tag + tag, key, algorithm));
    EXPECT_FALSE(verify("", tag, key, algorithm));
  }
}

}  // namespace
}  // namespace gatehouse::jose
