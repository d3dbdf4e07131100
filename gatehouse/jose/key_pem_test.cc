#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "gatehouse/base/base64url.h"
#include "gatehouse/jose/key.h"
#include "tests/support/test_keys.h"

namespace gatehouse::jose {
namespace {

struct PemCase {
  const char* name;
  std::string pem;
  const char* why;
};

std::string garbled(std::string_view pem) {
  std::string text(pem);
  text.replace(100, 4, "!!!!");
  return text;
}

const PemCase bad_pems[] = {
    {"Nothing", "", "not a readable PEM key"},
    {"SomeText", "hello", "not a readable PEM key"},
    {"OnlyABeginning", "-----BEGIN PRIVATE KEY-----\n", "not a readable PEM key"},
    {"OnlyALabel", "-----BEGIN ", "not a readable PEM key"},
    {"AGarbledPrivateKey", garbled(test_keys::rsa), "not a readable PEM key"},
    {"AGarbledPublicKey", garbled(test_keys::rsa_public), "not a readable PEM key"},
    {"AGarbledCertificate", garbled(test_keys::p256_certificate), "not a readable PEM certificate"},
    {"AnEncryptedKey", std::string(test_keys::p256_encrypted),
     "the PEM key is encrypted; give it without a password"},
    {"ACurveSpelledOut", std::string(test_keys::p256_explicit), "the curve is spelled out instead of named"},
    {"TwoPrivateKeys", std::string(test_keys::p256) + std::string(test_keys::rsa),
     "more than one private key"},
    {"AnRsaKeyForPssOnly", std::string(test_keys::rsa_pss_public),
     "neither an RSA key nor one of a curve that is known"},
    {"AMegabyte", std::string((1 << 20) + 1, '-'), "not a readable PEM key"},
};

class BadPem : public testing::TestWithParam<PemCase> {};

TEST_P(BadPem, IsNotRead) {
  EXPECT_EQ(Key::from_pem(GetParam().pem).error(), (Error{Failure::key_invalid, GetParam().why}));
}

INSTANTIATE_TEST_SUITE_P(Pem, BadPem, testing::ValuesIn(bad_pems),
                         [](const auto& test) { return test.param.name; });

TEST(Pem, IsReadInEveryForm) {
  EXPECT_EQ(Key::from_pem(test_keys::rsa)->type(), KeyType::rsa);
  EXPECT_EQ(Key::from_pem(test_keys::rsa)->bits(), 2048u);
  EXPECT_TRUE(Key::from_pem(test_keys::rsa)->is_private());
  EXPECT_EQ(Key::from_pem(test_keys::p384)->curve(), Curve::p384);
  const std::string thumbprint = Key::from_pem(test_keys::p256)->thumbprint();
  for (const std::string_view pem :
       {test_keys::p256_public, test_keys::p256_sec1, test_keys::p256_certificate})
    EXPECT_EQ(Key::from_pem(pem)->thumbprint(), thumbprint);
  EXPECT_TRUE(Key::from_pem(test_keys::p256_sec1)->is_private());
  EXPECT_FALSE(Key::from_pem(test_keys::p256_public)->is_private());
  EXPECT_FALSE(Key::from_pem(test_keys::p256_certificate)->is_private());
}

TEST(Pem, APrivateKeyIsFoundBesideItsCertificate) {
  const auto key =
      Key::from_pem(std::string(test_keys::p256_certificate) + std::string(test_keys::p256), "k");
  ASSERT_TRUE(key);
  EXPECT_TRUE(key->is_private());
  EXPECT_EQ(key->kid(), "k");
}

TEST(Pem, OfAnotherCurveIsRefused) {
  constexpr std::string_view p224 = R"(-----BEGIN PUBLIC KEY-----
ME4wEAYHKoZIzj0CAQYFK4EEACEDOgAEPbFZCjnJSc+kC5xWDsQpbkIEgJlp7MZm
DLTjRUqOjw19H14UO9RELL8vCm5hjztshhb/Tk6yjn4=
-----END PUBLIC KEY-----
)";
  EXPECT_EQ(Key::from_pem(p224).error(),
            (Error{Failure::key_invalid, "neither an RSA key nor one of a curve that is known"}));
}

TEST(Pem, IsReadUpToItsCap) {
  const auto padded = [](std::size_t size) {
    return std::string(size - test_keys::p256.size(), '\n') + std::string(test_keys::p256);
  };
  EXPECT_TRUE(Key::from_pem(padded(1 << 20)));
  EXPECT_FALSE(Key::from_pem(padded((1 << 20) + 1)));
}

// What a certificate brings besides its key.
constexpr std::string_view x5t = "qZQPO0vvlaIB5AtTxm-GgQz_3hs";

std::string body_of(std::string_view pem) {
  std::string text(pem.substr(pem.find('\n') + 1));
  text.erase(text.find("-----END"));
  std::erase(text, '\n');
  return text;
}

std::string der_of(std::string_view pem) {
  std::string text = body_of(pem);
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  while (text.ends_with('=')) text.pop_back();
  return base64url::decode(text).value();
}

TEST(Certificate, GivesThumbprintsAndDates) {
  const Key key = Key::from_certificate(der_of(test_keys::p256_certificate)).value();
  EXPECT_TRUE(key.has_certificate());
  EXPECT_EQ(key.type(), KeyType::ec);
  EXPECT_EQ(key.bits(), 256u);
  EXPECT_EQ(key.kid(), "A9940F3B4BEF95A201E40B53C66F86810CFFDE1B");
  EXPECT_EQ(key.x5t(), x5t);
  EXPECT_EQ(key.x5t_s256(), "HRhFRXT8OhuOuuWRju6iBoKc7EbpPed7koHXcANCSKk");
  EXPECT_EQ(format_instant(key.not_before()), "2026-01-01T00:00:00Z");
  EXPECT_EQ(format_instant(key.not_after()), "2036-01-01T00:00:00Z");
  EXPECT_EQ(Key::from_certificate(der_of(test_keys::p256_certificate), "mine")->kid(), "mine");
}

TEST(Certificate, IsNotReadWhenItIsNone) {
  const std::string der = der_of(test_keys::p256_certificate);
  for (const std::string& bad :
       {std::string(), std::string("hello"), der + '\0', der.substr(1), der.substr(0, der.size() - 1)})
    EXPECT_EQ(Key::from_certificate(bad).error(), (Error{Failure::key_invalid, "not a DER certificate"}));
  std::string of_no_kind = der;  // the object identifier of EC keys, with its last number changed
  const std::size_t at = of_no_kind.find("\x2A\x86\x48\xCE\x3D\x02\x01");
  ASSERT_NE(at, der.npos);
  of_no_kind[at + 6] = '\x09';
  EXPECT_EQ(Key::from_certificate(of_no_kind).error(),
            (Error{Failure::key_invalid, "the certificate's key cannot be read"}));
}

std::string with(std::string_view pem, const std::string& members) {
  std::string jwk = Key::from_pem(pem)->public_jwk();
  jwk.pop_back();
  return jwk + "," + members + "}";
}

std::string chain(const std::string& certificate, int length = 1) {
  std::string text = "\"x5c\":[";
  for (int i = 0; i < length; ++i) text += fmt::format("{}\"{}\"", i == 0 ? "" : ",", certificate);
  return text + "]";
}

const std::string certificate = body_of(test_keys::p256_certificate);
const std::string hex_x5t = base64url::encode("A9940F3B4BEF95A201E40B53C66F86810CFFDE1B");

TEST(X5c, GivesThumbprintsAndDates) {
  const Key key = Key::from_jwk(with(test_keys::p256, chain(certificate))).value();
  EXPECT_TRUE(key.has_certificate());
  EXPECT_EQ(key.x5t(), x5t);
  EXPECT_EQ(format_instant(key.not_after()), "2036-01-01T00:00:00Z");
}

TEST(X5c, LeavesTheThumbprintAsTheJwkSpellsIt) {
  for (const std::string& stated : {std::string(x5t), hex_x5t}) {
    const auto key =
        Key::from_jwk(with(test_keys::p256, chain(certificate, 10) + ",\"x5t\":\"" + stated + "\""));
    ASSERT_TRUE(key) << describe(key.error());
    EXPECT_EQ(key->x5t(), stated);
  }
}

TEST(X5c, TakesTheRightSha256Thumbprint) {
  EXPECT_TRUE(Key::from_jwk(with(
      test_keys::p256, chain(certificate) + R"(,"x5t#S256":"HRhFRXT8OhuOuuWRju6iBoKc7EbpPed7koHXcANCSKk")")));
}

TEST(X5c, WithoutItTheThumbprintsAreTakenAsTheyStand) {
  const Key key = Key::from_jwk(with(test_keys::p256, R"("x5t":"abc","x5t#S256":"def")")).value();
  EXPECT_EQ(key.x5t(), "abc");
  EXPECT_EQ(key.x5t_s256(), "def");
  EXPECT_FALSE(key.has_certificate());
}

const PemCase bad_x5c[] = {
    {"OfAnotherKey", with(test_keys::p384, chain(certificate)), "'x5c' certifies another key"},
    {"NoList", with(test_keys::p256, "\"x5c\":\"" + certificate + "\""), "'x5c' is no chain"},
    {"AnEmptyList", with(test_keys::p256, "\"x5c\":[]"), "'x5c' is no chain"},
    {"AListOfNumbers", with(test_keys::p256, "\"x5c\":[1]"), "'x5c' is no chain"},
    {"ElevenCertificates", with(test_keys::p256, chain(certificate, 11)), "'x5c' is no chain"},
    {"NoBase64", with(test_keys::p256, chain("!" + certificate.substr(1))), "'x5c' is no base64"},
    {"Base64Url", with(test_keys::p256, chain(base64url::encode(der_of(test_keys::p256_certificate)))),
     "'x5c' is no base64"},
    {"NoPadding", with(test_keys::p256, chain(certificate.substr(0, certificate.size() - 1))),
     "'x5c' is no base64"},
    {"Base64UrlWithPadding", with(test_keys::p256, chain("-" + certificate.substr(1))), "'x5c' is no base64"},
    {"AnObject", with(test_keys::p256, "\"x5c\":{\"a\":\"" + certificate + "\"}"), "'x5c' is no chain"},
    {"OneOctet", with(test_keys::p256, chain("AA==")), "not a DER certificate"},
    {"TwoOctets", with(test_keys::p256, chain("AAA=")), "not a DER certificate"},
    {"ThreeOctets", with(test_keys::p256, chain("AABA")), "not a DER certificate"},
    {"AnEmptyCertificate", with(test_keys::p256, chain("")), "'x5c' is no base64"},
    {"NoCertificate", with(test_keys::p256, chain("AAAA")), "not a DER certificate"},
    {"AnotherThumbprint", with(test_keys::p256, chain(certificate) + R"(,"x5t":"AAAA")"),
     "'x5t' is another certificate's"},
    {"AnotherSha256Thumbprint", with(test_keys::p256, chain(certificate) + R"(,"x5t#S256":"AAAA")"),
     "'x5t' is another certificate's"},
    {"AThumbprintThatIsNoString", with(test_keys::p256, R"("x5t":1)"), "'x5t' is no string"},
};

class BadX5c : public testing::TestWithParam<PemCase> {};

TEST_P(BadX5c, IsNotRead) {
  EXPECT_EQ(Key::from_jwk(GetParam().pem).error(), (Error{Failure::key_invalid, GetParam().why}));
}

INSTANTIATE_TEST_SUITE_P(Rfc7517, BadX5c, testing::ValuesIn(bad_x5c),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace gatehouse::jose
