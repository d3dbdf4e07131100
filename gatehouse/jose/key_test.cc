#include "gatehouse/jose/key.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "gatehouse/base/base64url.h"
#include "tests/support/test_keys.h"

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

std::string ec(const std::string& curve, const std::string& at_x, const std::string& at_y,
               const std::string& more = "") {
  return R"({"kty":"EC","crv":")" + curve + R"(","x":")" + at_x + R"(","y":")" + at_y + "\"" + more + "}";
}

const std::string d = "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI";
const std::string order = "_____wAAAAD__________7zm-q2nF56E87nKwvxjJVE";  // of P-256
const std::string prime = "_____wAAAAEAAAAAAAAAAAAAAAD_______________8";  // of its field
// The product of two primes that are powers of 65537 modulo every prime up to 167.
constexpr std::string_view weak_modulus =
    "viUJO65gfeWDIq8dT2hW6EZK13XeJ04TMlngzzOAkS-9ep9PEBs-vhbeC7bwYikJAXPUOpLNjz-b2v9E3QYqGC7UojXfo-ya"
    "7eI2-6QUYIwbTXruhCFIvuRMi4rpFBr3u7rIV686A7swAXgusXfhO4XgS1LG1ViUWdLMdYRgcXEFrmBLyp-aETI7P8VkknYQ"
    "StBv4IjNGqF83vqnlMY9vCBt1OSFpK-oc3saLwPg07Asi4a9bjQYgtGR5TZWQpoi51aOu-Vpz7yKX_SwFPtA3ygRHC88NL5n"
    "QWC_FJDHwYRuyp-cnND9GNLyeL50bnH2pIiIRz0-52m6GkX6TKdd8Q";
const std::string zero = base64url::encode(std::string(32, '\0'));

std::string rsa(std::string_view n, std::string_view e, const std::string& more = "") {
  return fmt::format(R"({{"kty":"RSA","n":"{}","e":"{}"{}}})", n, e, more);
}

namespace rsa512 = test_keys::rsa512;

struct PrivateNumbers {
  std::string_view d = rsa512::d, p = rsa512::p, q = rsa512::q, dp = rsa512::dp, dq = rsa512::dq,
                   qi = rsa512::qi;
};

std::string rsa_pair(const PrivateNumbers& is) {
  return rsa(rsa512::n, "AQAB",
             fmt::format(R"(,"d":"{}","p":"{}","q":"{}","dp":"{}","dq":"{}","qi":"{}")", is.d, is.p, is.q,
                         is.dp, is.dq, is.qi));
}

std::string with_d_only(std::string_view value) {
  return rsa(rsa512::n, "AQAB", fmt::format(R"(,"d":"{}")", value));
}

std::string of_ones(std::size_t octets, char last = '\xFF') {
  return base64url::encode(std::string(octets - 1, '\xFF') + last);
}

const BadKeyCase bad_keys[] = {
    {"NoType", R"({"k":"AAAA"})"},
    {"AnUnknownType", R"({"kty":"XYZ"})"},
    {"ATypeInAnotherCase", R"({"kty":"OCT","k":"AAAA"})"},
    {"ATypeThatIsNoString", R"({"kty":7,"k":"AAAA"})"},
    {"AnEmptySecret", R"({"kty":"oct","k":""})"},
    {"ASecretThatIsNoString", R"({"kty":"oct","k":[1]})"},
    {"ASecretWithPadding", R"({"kty":"oct","k":"AA=="})"},
    {"AKidThatIsNoString", R"({"kty":"oct","k":"AAAA","kid":7})"},
    {"AKidBeyondItsCap", R"({"kty":"oct","k":"AAAA","kid":")" + std::string(257, 'k') + "\"}"},
    {"AnAlgThatIsNoString", R"({"kty":"oct","k":"AAAA","alg":null})"},
    {"AUseThatIsNoString", R"({"kty":"oct","k":"AAAA","use":["sig"]})"},
    {"KeyOpsThatAreNoList", R"({"kty":"oct","k":"AAAA","key_ops":"verify"})"},
    {"KeyOpsThatAreNoStrings", R"({"kty":"oct","k":"AAAA","key_ops":[1]})"},
    {"AnIssuerThatIsNoString", R"({"kty":"oct","k":"AAAA","issuer":["https://a.example"]})"},
    {"KeyOpsTwiceTheSame", R"({"kty":"oct","k":"AAAA","key_ops":["verify","verify"]})"},

    {"APointOffTheCurve", ec("P-256", x, x)},
    {"APointOfZeros", ec("P-256", zero, zero)},
    {"ACoordinateBeyondTheField", ec("P-256", prime, y)},
    {"AShortCoordinate", ec("P-256", x, base64url::encode("short"))},
    {"ALongCoordinate", ec("P-256", base64url::encode(std::string(33, 'x')), y)},
    {"NoY", R"({"kty":"EC","crv":"P-256","x":")" + x + "\"}"},
    {"AnUnknownCurve", ec("P-224", x, y)},
    {"ThePointOfAnotherCurve", ec("P-384", x, y)},
    {"APrivateNumberOfAnotherKey", ec("P-256", x, y, R"(,"d":")" + x + "\"")},
    {"APrivateNumberOfZero", ec("P-256", x, y, R"(,"d":")" + zero + "\"")},
    {"APrivateNumberOfTheOrder", ec("P-256", x, y, R"(,"d":")" + order + "\"")},
    {"APrivateNumberThatIsNoString", ec("P-256", x, y, R"(,"d":1)")},

    {"NoExponent", fmt::format(R"({{"kty":"RSA","n":"{}"}})", rsa512::n)},
    {"AnEvenExponent", rsa(rsa512::n, "AQAA")},
    {"AnExponentOfOne", rsa(rsa512::n, "AQ")},
    {"AnExponentOfZero", rsa(rsa512::n, "AA")},
    {"AnExponentBeyond64Bits", rsa(rsa512::n, "AQAAAAAAAAAB")},
    {"AnEvenModulus", rsa(of_ones(256, '\xFE'), "AQAB")},
    {"AModulusWithASmallFactor", rsa(of_ones(256), "AQAB")},
    {"AModulusWhosePrimesCanBeFound", rsa(weak_modulus, "AQAB")},
    {"AModulusOf504Bits", rsa(of_ones(63), "AQAB")},
    {"AModulusOf16392Bits", rsa(of_ones(2049), "AQAB")},
    {"AnotherKeysPrivateExponent", rsa_pair({.d = rsa512::n})},
    {"AnotherKeysPrime", rsa_pair({.p = rsa512::dp})},
    {"TwiceTheSamePrime", rsa_pair({.q = rsa512::p})},
    {"AnotherKeysFirstExponent", rsa_pair({.dp = rsa512::dq})},
    {"AnotherKeysSecondExponent", rsa_pair({.dq = rsa512::dp})},
    {"AnotherKeysCoefficient", rsa_pair({.qi = rsa512::dq})},
    {"PrimesOfOneAndN", rsa_pair({.p = "AQ", .q = rsa512::n})},
    {"PrimesOfZero", rsa_pair({.p = "AA", .q = "AA"})},
    {"AnotherKeysPrivateExponentAlone", with_d_only(rsa512::p)},
    {"OnePrimeWithoutTheRest",
     rsa(rsa512::n, "AQAB", fmt::format(R"(,"d":"{}","q":"{}")", rsa512::d, rsa512::q))},
    {"ThreePrimes", rsa(rsa512::n, "AQAB", fmt::format(R"(,"d":"{}","oth":[])", rsa512::d))},
};

class BadKey : public testing::TestWithParam<BadKeyCase> {};

TEST_P(BadKey, IsNotRead) {
  const auto key = Key::from_jwk(GetParam().jwk);
  ASSERT_FALSE(key);
  EXPECT_EQ(key.error().kind, Failure::key_invalid);
}

INSTANTIATE_TEST_SUITE_P(Rfc7517, BadKey, testing::ValuesIn(bad_keys),
                         [](const auto& test) { return test.param.name; });

// Where OpenSSL refuses the numbers as well, the reason shows who looked.
struct ReasonCase {
  const char* name;
  std::string jwk;
  const char* why;
};

// The generator of P-256, whose private number is 1; order + 1 is as good, but no private number.
constexpr const char* generator_x = "axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY";
constexpr const char* generator_y = "T-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU";
const std::string one = base64url::encode(std::string(31, '\0') + '\1');
const std::string order_and_one = "_____wAAAAD__________7zm-q2nF56E87nKwvxjJVI";

constexpr const char* not_together = "the private numbers do not belong to the public ones";

const ReasonCase reasons[] = {
    {"AnUnknownType", R"({"kty":"XYZ"})", "'kty' is none of"},
    {"AnUnknownCurve", ec("P-224", x, y), "'crv' is none that is known"},
    {"AnOkpCurveOfAnEcKey", ec("Ed25519", x, y), "'crv' is none that is known"},
    {"AShortX", ec("P-256", base64url::encode("short"), y), "'x' or 'y' is not of full length"},
    {"AShortY", ec("P-256", x, base64url::encode("short")), "'x' or 'y' is not of full length"},
    {"AShortOkpX", R"({"kty":"OKP","crv":"X25519","x":"AAAA"})", "'x' is not of full length"},
    {"AShortPrivateNumber", ec("P-256", generator_x, generator_y, R"(,"d":"AQ")"),
     "'d' is not of full length"},
    {"APrivateNumberBeyondTheOrder",
     ec("P-256", generator_x, generator_y, R"(,"d":")" + order_and_one + "\""), ""},
    {"AModulusWhosePrimesCanBeFound", rsa(weak_modulus, "AQAB"),
     "the primes of 'n' can be found (CVE-2017-15361)"},
    {"AModulusOf504Bits", rsa(of_ones(63), "AQAB"), "an RSA modulus of 504 bits"},
    {"AModulusOf16392Bits", rsa(of_ones(2049), "AQAB"), "an RSA modulus of 16392 bits"},
    // d + (q - 1) and d + (p - 1): each undoes e for one prime only.
    {"APrivateExponentOfTheSecondPrimeOnly",
     rsa_pair(
         {.d = "iqjAu4YaKQD1DrmFN8MUuO6IgovchnCKVlCbTbohhMuHxvmCoPzNqGsFyTDqhsDM_9nDQvIvbZfcSyW_EGpXWw"}),
     not_together},
    {"APrivateExponentOfTheFirstPrimeOnly",
     rsa_pair(
         {.d = "iqjAu4YaKQD1DrmFN8MUuO6IgovchnCKVlCbTbohhMuLdzPGgST8CgF2_7geClaAUuaUxX1Nn6jYotOE6H3DnQ"}),
     not_together},
    // Primes of another key, and a private exponent that undoes e for all four: only their product shows it.
    {"ForeignPrimesUnderAnExponentOfBoth",
     rsa_pair(
         {.d =
              "m9UiKpakNMVcr4UZdf6WL30VmUwNGy2jpmhGjlLJcPtxUm_K9sHcCnZ6-2_HKE7CBp4nu1lC5rLO1VNhkTrEMlUwcAYfIM"
              "PryKCT8m_XbREtIagv_TujrlWMCh4Nx6g4zsaY99JwsSuzWwZNFF03ZznkKUv1AXsRYYXay74jeQ",
          .p = "6OjqJWMh6xj0zIlMjGCz1Hgx25HXl_TimWTGKMcmGXM",
          .q = "wRv748Nv5ojJlsEwAqqTzlgDsniTLCB_O1GrfNzxZ2M",
          .dp = "b0-JP6798dauf-YKUHiS2TNMWKx9xeDCPx8bWTe8LKM",
          .dq = "eT7UvICs9ZXU3G6XclUfUGM6jwfdf8s3l0sD3PXsK_k",
          .qi = "Hsir0YwwF3HqUEeiM_3-pRleT2eo17IKe_GQHd-khns"}),
     not_together},
};

class Reason : public testing::TestWithParam<ReasonCase> {};

TEST_P(Reason, IsTold) {
  const auto key = Key::from_jwk(GetParam().jwk);
  ASSERT_FALSE(key);
  EXPECT_TRUE(key.error().subject.starts_with(GetParam().why)) << key.error().subject;
}

INSTANTIATE_TEST_SUITE_P(Rfc7517, Reason, testing::ValuesIn(reasons),
                         [](const auto& test) { return test.param.name; });

TEST(Key, ReadsNumbersUpToTheirCaps) {
  EXPECT_TRUE(Key::from_jwk(ec("P-256", generator_x, generator_y, R"(,"d":")" + one + "\"")));
  EXPECT_TRUE(Key::from_jwk(rsa(rsa512::n, "__________8"))) << "an exponent of 64 bits";
  std::string n(2048, '\0');
  n.front() = '\x80';
  bool is_read = false;  // one of these has no small factor
  for (char last = 1; last < 40 && !is_read; last = static_cast<char>(last + 2)) {
    n.back() = last;
    is_read = Key::from_jwk(rsa(base64url::encode(n), "AQAB")).has_value();
  }
  EXPECT_TRUE(is_read) << "a modulus of 16384 bits";
}

TEST(BadKey, ThatIsNoObjectIsMalformed) {
  for (const char* text : {"", "[]", "7", "{"})
    EXPECT_EQ(Key::from_jwk(text).error().kind, Failure::malformed) << text;
  EXPECT_EQ(Key::from_jwk(R"({"kty":"oct","k":"AAAA","k":"BBBB"})").error().kind, Failure::duplicate_member);
}

TEST(Key, ReadsEveryFormOfAPrivateJwk) {
  for (const std::string& jwk :
       {rsa_pair({}), with_d_only(rsa512::d), ec("P-256", x, y, R"(,"d":")" + d + "\"")}) {
    const auto key = Key::from_jwk(jwk);
    ASSERT_TRUE(key) << describe(key.error());
    EXPECT_TRUE(key->is_private());
  }
  EXPECT_FALSE(Key::from_jwk(rsa(rsa512::n, "AQAB"))->is_private());
  EXPECT_EQ(Key::from_jwk(rsa(rsa512::n, "Aw"))->bits(), 512u);
}

TEST(Key, KeepsWhatTheJwkSaysOfIt) {
  const std::string kid(256, 'k');
  const auto key = Key::from_jwk(
      ec("P-256", x, y, R"(,"use":"sig","alg":"ES256","key_ops":["verify","sign"],"kid":")" + kid + "\""));
  ASSERT_TRUE(key);
  EXPECT_EQ(key->kid(), kid);
  EXPECT_EQ(key->use(), "sig");
  EXPECT_EQ(key->declared_algorithm(), Algorithm::ES256);
  EXPECT_EQ(key->operations(), (std::vector<std::string>{"verify", "sign"}));
  EXPECT_EQ(key->curve(), Curve::p256);
  EXPECT_FALSE(key->has_certificate());
  EXPECT_EQ(key->not_after(), Instant::max());
}

TEST(Key, CopiesShareTheirMaterialUnderAnotherName) {
  const Key key = Key::symmetric(Secret("secret"), "a");
  EXPECT_EQ(key.with_kid("b").kid(), "b");
  EXPECT_EQ(key.with_kid("b").identity(), key.identity());
  EXPECT_NE(Key::symmetric(Secret("secret"), "a").identity(), key.identity());
}

// RFC 7515 §6 of every confusion: the text of a public key is known to all, and no secret (CVE-2016-5431).
TEST(Key, TakesNoPemForASecret) {
  for (const std::string_view pem :
       {test_keys::rsa_public, test_keys::p256_public, test_keys::p256_certificate}) {
    for (const Algorithm algorithm : {Algorithm::HS256, Algorithm::HS384, Algorithm::HS512})
      EXPECT_FALSE(Key::symmetric(Secret(pem)).fits(algorithm));
    EXPECT_FALSE(
        Key::symmetric(Secret(pem)).fits(KeyManagement::PBES2_HS256_A128KW, ContentEncryption::A128GCM));
  }
}

TEST(Key, FitsOnlyTheAlgorithmsOfItsKindAndCurve) {
  const Key p256 = *Key::from_jwk(ec("P-256", x, y));
  EXPECT_TRUE(p256.fits(Algorithm::ES256));
  for (const Algorithm other : {Algorithm::ES384, Algorithm::HS256, Algorithm::RS256, Algorithm::PS256})
    EXPECT_FALSE(p256.fits(other));
}

struct MisfitCase {
  const char* name;
  Key key;
  KeyManagement management;
  ContentEncryption content = ContentEncryption::A128GCM;
};

const MisfitCase misfits[] = {
    {"APairWhoseOctetsAreAsMany", *Key::from_pem(test_keys::ed25519), KeyManagement::dir,
     ContentEncryption::A256CBC_HS512},
    {"AnRsaKeyForAPassword", *Key::from_pem(test_keys::rsa), KeyManagement::PBES2_HS256_A128KW},
    {"AnEcKeyForRsa", *Key::from_pem(test_keys::p256), KeyManagement::RSA_OAEP},
    {"ASecretTooShortToWrapWith", Key::symmetric(Secret(std::string(16, 'k'))), KeyManagement::A256KW},
    {"ASecretTooLongToWrapWith", Key::symmetric(Secret(std::string(32, 'k'))), KeyManagement::A128GCMKW},
};

class Misfit : public testing::TestWithParam<MisfitCase> {};

TEST_P(Misfit, IsNoKeyForIt) { EXPECT_FALSE(GetParam().key.fits(GetParam().management, GetParam().content)); }

INSTANTIATE_TEST_SUITE_P(Key, Misfit, testing::ValuesIn(misfits),
                         [](const auto& test) { return test.param.name; });

TEST(Key, ADeclaredAlgorithmIsItsOnlyOne) {
  EXPECT_TRUE(Key::from_jwk(rfc7638_key)->fits(Algorithm::RS256));
  EXPECT_FALSE(Key::from_jwk(rfc7638_key)->fits(Algorithm::PS256));
  const Key encryption = *Key::from_jwk(ec("P-256", x, y, R"(,"alg":"ECDH-ES")"));
  EXPECT_FALSE(encryption.fits(Algorithm::ES256));
  const Key wrapping = *Key::from_jwk(rsa(rsa512::n, "AQAB", R"(,"alg":"RSA-OAEP")"));
  EXPECT_EQ(wrapping.declared_algorithm(), std::nullopt);
  for (const AlgorithmTraits& row : algorithms()) EXPECT_FALSE(wrapping.fits(row.algorithm));
}

TEST(Key, PublishesNothingPrivate) {
  EXPECT_EQ(Key::symmetric(Secret("0123456789abcdef0123456789abcdef")).public_jwk(), "");
  const std::string published = Key::from_pem(test_keys::p256)->with_kid("k1").public_jwk();
  EXPECT_EQ(published.find("\"d\""), published.npos);
  const Key back = *Key::from_jwk(published);
  EXPECT_EQ(back.kid(), "k1");
  EXPECT_FALSE(back.is_private());
}

TEST(Key, PublishesItsNameAndAlgorithmWhereItHasThem) {
  const std::string plain = Key::from_pem(test_keys::p256)->public_jwk();
  EXPECT_EQ(plain.find("kid"), plain.npos);
  EXPECT_EQ(plain.find("alg"), plain.npos);
  EXPECT_NE(Key::from_jwk(rfc7638_key)->public_jwk().find(R"("alg":"RS256")"), plain.npos);
}

TEST(Key, PublishesEveryKindSoThatItReadsBack) {
  for (const std::string_view pem :
       {test_keys::rsa, test_keys::p256, test_keys::p384, test_keys::p521, test_keys::ed25519}) {
    const Key key = *Key::from_pem(pem);
    const Key back = Key::from_jwk(key.public_jwk()).value();
    EXPECT_EQ(back.thumbprint(), key.thumbprint());
    EXPECT_EQ(back.curve(), key.curve());
    EXPECT_FALSE(back.is_private());
  }
}

TEST(CheckStrength, DemandsWhatTheAlgorithmNeeds) {
  EXPECT_EQ(check_strength(Key::symmetric(Secret(std::string(31, 'k'))), Algorithm::HS256).error(),
            (Error{Failure::weak_key, "HS256 needs 256 bits, the key has 248"}));
  EXPECT_TRUE(check_strength(Key::symmetric(Secret(std::string(32, 'k'))), Algorithm::HS256));
  EXPECT_FALSE(check_strength(Key::symmetric(Secret(std::string(63, 'k'))), Algorithm::HS512));
  EXPECT_TRUE(
      check_strength(Key::symmetric(Secret("short")), Algorithm::HS256, {.hmac_as_long_as_hash = false}));
  EXPECT_TRUE(check_strength(*Key::from_pem(test_keys::rsa), Algorithm::RS256));
  EXPECT_FALSE(check_strength(*Key::from_pem(test_keys::rsa), Algorithm::RS256, {.rsa_bits = 3072}));
}

}  // namespace
}  // namespace gatehouse::jose
