#include <gtest/gtest.h>
#include <openssl/err.h>

#include <string>

#include "gatehouse/base/base64url.h"
#include "gatehouse/jose/jws.h"
#include "gatehouse/jose/key.h"

namespace gatehouse::jose {
namespace {

// RFC 8037 A.1 to A.5.
constexpr std::string_view rfc_key =
    R"({"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",)"
    R"("x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})";
constexpr std::string_view rfc_token =
    "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6d"
    "WbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";

TEST(Rfc8037, SignsItsExampleOctetForOctet) {
  const Jws jws = parse_jws(rfc_token).value();
  const Key key = Key::from_jwk(rfc_key).value();
  EXPECT_EQ(sign(jws.signing_input, key, Algorithm::EdDSA), jws.signature);
  EXPECT_TRUE(verify(jws.signing_input, jws.signature, key, Algorithm::EdDSA));
}

TEST(Rfc8037, ThumbprintOfItsExample) {
  EXPECT_EQ(Key::from_jwk(rfc_key)->thumbprint(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
}

// RFC 8032 §7.4, the first test vector.
TEST(Rfc8032, SignsNothingAsItsEd448ExampleDoes) {
  const Key key =
      Key::from_jwk(
          R"({"kty":"OKP","crv":"Ed448","d":"bIKlYsuAjRDWMr6JyFE-v2ySnzTd-oyfY8mWDvbjSKNSjIo_zC8ETjmj_FuUSS-PAy51SaIAmPlb",)"
          R"("x":"X9dEm1m0Yf0s54fsYWrUah2hNCSFpw4fig6nXYDpZ3jt8SR2m0bHBhvWeD3x5Q9s0foavq_oJWGA"})")
          .value();
  EXPECT_EQ(base64url::encode(*sign("", key, Algorithm::Ed448)),
            "Uzo39rvkVyUfAjwNiPl2ri37UEqEPjTSB0_YI9QaWR8rIz8DT2KCgfL9eiLd1H14KMWb0KIb_TmA_w0gKNSxip32Pg"
            "BsXRwtNFuSXY3AC0EEhS25msXHzdqFMKEToPTbthFJ8FpzYyaMcdlYCP8uZSYA");
}

struct OkpCase {
  const char* name;
  const char* jwk;
};

constexpr OkpCase bad_keys[] = {
    {"NoCurve", R"({"kty":"OKP","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})"},
    {"AnEcCurve", R"({"kty":"OKP","crv":"P-256","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})"},
    {"ACurveInAnotherCase",
     R"({"kty":"OKP","crv":"ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})"},
    {"AnOkpCurveOfAnEcKey",
     R"({"kty":"EC","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","y":"AA"})"},
    {"AShortX", R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHUQ"})"},
    {"AnXOfAnotherCurve", R"({"kty":"OKP","crv":"Ed448","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})"},
    {"NoX", R"({"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"})"},
    {"AShortD",
     R"({"kty":"OKP","crv":"Ed25519","d":"nWGx","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})"},
    // Under a key of small order one signature fits every message.
    {"AnEd25519PointOfOrder1",
     R"({"kty":"OKP","crv":"Ed25519","x":"AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"})"},
    {"AnEd25519PointOfOrder2",
     R"({"kty":"OKP","crv":"Ed25519","x":"7P_______________________________________38"})"},
    {"AnEd25519PointOfOrder4",
     R"({"kty":"OKP","crv":"Ed25519","x":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"})"},
    {"AnEd25519PointOfOrder8",
     R"({"kty":"OKP","crv":"Ed25519","x":"xxdqcD1N2E-6PAt2DRBnDyogU_osOczGTsf9d5KsA3o"})"},
    {"AnEd448PointOfOrder1",
     R"({"kty":"OKP","crv":"Ed448","x":"AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"})"},
    {"AnEd448PointOfOrder2",
     R"({"kty":"OKP","crv":"Ed448","x":"_v____________________________________7___________________________________8A"})"},
    {"AnEd448PointOfOrder4",
     R"({"kty":"OKP","crv":"Ed448","x":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"})"},
    {"AnEd448PointOfOrder4OnTheOtherSide",
     R"({"kty":"OKP","crv":"Ed448","x":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAACA"})"},
    {"ADThatMakesAnotherX",
     R"({"kty":"OKP","crv":"Ed25519","d":"oWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",)"
     R"("x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})"},
};

class BadOkpKey : public testing::TestWithParam<OkpCase> {};

TEST_P(BadOkpKey, IsRefused) { EXPECT_EQ(Key::from_jwk(GetParam().jwk).error().kind, Failure::key_invalid); }

INSTANTIATE_TEST_SUITE_P(Rfc8037, BadOkpKey, testing::ValuesIn(bad_keys),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(Ed448, AKeyMayBeginAsAPointOfSmallOrderDoes) {
  EXPECT_TRUE(Key::from_jwk(
      R"({"kty":"OKP","crv":"Ed448","x":"ASUZEnYHFa312_Q1XJ0TBohmxtRa7QFPm8BhQreK0kbFwRLjxrfATFjVTD0qLkdRhm4X6dHQwziA"})"));
}

TEST(Ed448, FitsItsOwnNameAndTheOlderOne) {
  const Key key = Key::from_pem(Key::generate(Algorithm::Ed448)->public_pem()).value();
  EXPECT_TRUE(key.fits(Algorithm::EdDSA));
  EXPECT_TRUE(key.fits(Algorithm::Ed448));
  EXPECT_FALSE(key.fits(Algorithm::Ed25519));
}

TEST(Ed448, AForgedSignatureLeavesNoTrace) {
  const Key key = Key::generate(Algorithm::Ed448).value();
  EXPECT_FALSE(verify("input", std::string(114, 'x'), key, Algorithm::Ed448));
  EXPECT_EQ(ERR_peek_error(), 0u);
}

TEST(Ed25519, FitsItsOwnNameAndTheOlderOne) {
  const Key key = Key::from_jwk(rfc_key).value();
  EXPECT_TRUE(key.fits(Algorithm::EdDSA));
  EXPECT_TRUE(key.fits(Algorithm::Ed25519));
  EXPECT_FALSE(key.fits(Algorithm::Ed448));
  EXPECT_FALSE(key.fits(Algorithm::ES256));
}

// The curve alone decides: no `alg` and no `use` says what these are for.
TEST(Montgomery, SignsNothing) {
  for (const Curve curve : {Curve::x25519, Curve::x448}) {
    const Key key = Key::from_pem(Key::generate(KeyManagement::ECDH_ES, curve)->public_pem()).value();
    for (const AlgorithmTraits& row : algorithms()) EXPECT_FALSE(key.fits(row.algorithm)) << row.name;
  }
}

}  // namespace
}  // namespace gatehouse::jose
