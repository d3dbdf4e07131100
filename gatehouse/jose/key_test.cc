#include "gatehouse/jose/key.h"

#include <gtest/gtest.h>

#include <string>

#include "gatehouse/base/base64url.h"
#include "gatehouse/jose/test_keys.h"

namespace gatehouse::jose {
namespace {

// RFC 7638 §3.1.
constexpr std::string_view rfc7638_key =
    R"({"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB","alg":"RS256","kid":"2011-04-29"})";

TEST(Rfc7638, ThumbprintOfItsExample) {
  EXPECT_EQ(Key::from_jwk(rfc7638_key)->thumbprint(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
}

struct BadKeyCase {
  const char* name;
  std::string jwk;
};

const std::string x = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";  // RFC 7515 A.3
const std::string y = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";

std::string ec(const std::string& curve, const std::string& at_x, const std::string& at_y, const std::string& more = "") {
  return R"({"kty":"EC","crv":")" + curve + R"(","x":")" + at_x + R"(","y":")" + at_y + "\"" + more + "}";
}

const BadKeyCase bad_keys[] = {
    {"NoType", R"({"k":"AAAA"})"},
    {"AnUnknownType", R"({"kty":"XYZ"})"},
    {"AnEmptySecret", R"({"kty":"oct","k":""})"},
    {"ASecretWithPadding", R"({"kty":"oct","k":"AA=="})"},
    {"AKidThatIsNoString", R"({"kty":"oct","k":"AAAA","kid":7})"},
    {"APointOffTheCurve", ec("P-256", x, x)},
    {"AShortCoordinate", ec("P-256", x, base64url::encode("short"))},
    {"AnUnknownCurve", ec("secp256k1", x, y)},
    {"APrivateNumberOfAnotherKey", ec("P-256", x, y, R"(,"d":")" + x + "\"")},
    {"AnEvenExponent", R"({"kty":"RSA","n":")" + base64url::encode(std::string(256, '\xFF')) + R"(","e":"AQAA"})"},
    {"AnExponentOfOne", R"({"kty":"RSA","n":")" + base64url::encode(std::string(256, '\xFF')) + R"(","e":"AQ"})"},
    {"AnEvenModulus", R"({"kty":"RSA","n":")" + base64url::encode(std::string(256, '\xFE')) + R"(","e":"AQAB"})"},
    {"ATinyModulus", R"({"kty":"RSA","n":"_____w","e":"AQAB"})"},
    {"KeyOpsThatAreNoList", R"({"kty":"oct","k":"AAAA","key_ops":"verify"})"},
};

class BadKey : public testing::TestWithParam<BadKeyCase> {};

TEST_P(BadKey, IsNotRead) {
  const auto key = Key::from_jwk(GetParam().jwk);
  ASSERT_FALSE(key);
  EXPECT_EQ(key.error().kind, Failure::key_invalid);
}

INSTANTIATE_TEST_SUITE_P(Rfc7517, BadKey, testing::ValuesIn(bad_keys), [](const auto& test) { return test.param.name; });

TEST(Key, FitsOnlyTheAlgorithmsOfItsKindAndCurve) {
  const Key p256 = *Key::from_jwk(ec("P-256", x, y));
  EXPECT_TRUE(p256.fits(Algorithm::ES256));
  for (const Algorithm other : {Algorithm::ES384, Algorithm::HS256, Algorithm::RS256, Algorithm::PS256})
    EXPECT_FALSE(p256.fits(other));
}

TEST(Key, ADeclaredAlgorithmIsItsOnlyOne) {
  EXPECT_TRUE(Key::from_jwk(rfc7638_key)->fits(Algorithm::RS256));
  EXPECT_FALSE(Key::from_jwk(rfc7638_key)->fits(Algorithm::PS256));
  const Key encryption = *Key::from_jwk(ec("P-256", x, y, R"(,"alg":"ECDH-ES")"));
  EXPECT_FALSE(encryption.fits(Algorithm::ES256));
}

TEST(Key, ReadsPemInEveryForm) {
  EXPECT_EQ(Key::from_pem(test_keys::rsa)->type(), KeyType::rsa);
  EXPECT_TRUE(Key::from_pem(test_keys::rsa)->is_private());
  EXPECT_EQ(Key::from_pem(test_keys::p384)->curve(), Curve::p384);
  EXPECT_FALSE(Key::from_pem(test_keys::p256_public)->is_private());
  EXPECT_EQ(Key::from_pem(test_keys::p256_public)->thumbprint(), Key::from_pem(test_keys::p256)->thumbprint());
}

TEST(Key, RefusesPemThatIsNone) {
  std::string garbled(test_keys::rsa);
  garbled.replace(200, 4, "!!!!");
  for (const std::string& pem : {std::string(), std::string("hello"), garbled, std::string("-----BEGIN PRIVATE KEY-----\n")})
    EXPECT_EQ(Key::from_pem(pem).error().kind, Failure::key_invalid);
}

TEST(Key, PublishesNothingPrivate) {
  EXPECT_EQ(Key::symmetric(Secret("0123456789abcdef0123456789abcdef")).public_jwk(), "");
  const std::string published = Key::from_pem(test_keys::p256)->with_kid("k1").public_jwk();
  EXPECT_EQ(published.find("\"d\""), published.npos);
  const Key back = *Key::from_jwk(published);
  EXPECT_EQ(back.kid(), "k1");
  EXPECT_FALSE(back.is_private());
}

TEST(CheckStrength, DemandsWhatTheAlgorithmNeeds) {
  EXPECT_EQ(check_strength(Key::symmetric(Secret(std::string(31, 'k'))), Algorithm::HS256).error(),
            (Error{Failure::weak_key, "HS256 needs 256 bits, the key has 248"}));
  EXPECT_TRUE(check_strength(Key::symmetric(Secret(std::string(32, 'k'))), Algorithm::HS256));
  EXPECT_FALSE(check_strength(Key::symmetric(Secret(std::string(63, 'k'))), Algorithm::HS512));
  EXPECT_TRUE(check_strength(*Key::from_pem(test_keys::rsa), Algorithm::RS256));
  EXPECT_FALSE(check_strength(*Key::from_pem(test_keys::rsa), Algorithm::RS256, {.rsa_bits = 3072}));
}

}  // namespace
}  // namespace gatehouse::jose
