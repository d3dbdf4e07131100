#include <gtest/gtest.h>
#include <openssl/err.h>

#include <string>
#include <vector>

#include "gatehouse/base/base64url.h"
#include "gatehouse/base/json.h"
#include "gatehouse/jose/jws.h"
#include "gatehouse/jose/key.h"
#include "tests/support/test_keys.h"

namespace gatehouse::jose {
namespace {

std::vector<Algorithm> every_pair() {
  return {Algorithm::RS256,  Algorithm::ES256, Algorithm::ES384, Algorithm::ES512,
          Algorithm::ES256K, Algorithm::EdDSA, Algorithm::Ed448};
}

class EveryKind : public testing::TestWithParam<Algorithm> {
 protected:
  const Key key = Key::generate(GetParam()).value();
};

TEST_P(EveryKind, LeavesAsJwkPemAndDerAndReadsBackPrivate) {
  for (const Key& back :
       {*Key::from_jwk(key.private_jwk().reveal()), *Key::from_pem(key.private_pem().reveal()),
        *Key::from_der(key.private_der().reveal())}) {
    EXPECT_TRUE(back.is_private());
    EXPECT_EQ(back.thumbprint(), key.thumbprint());
    EXPECT_TRUE(verify("input", *sign("input", back, GetParam()), key, GetParam()));
  }
}

TEST_P(EveryKind, LeavesAsJwkPemAndDerAndReadsBackPublic) {
  const std::string signature = *sign("input", key, GetParam());
  for (const Key& back : {*Key::from_jwk(key.public_jwk()), *Key::from_pem(key.public_pem()),
                          *Key::from_der(key.public_der())}) {
    EXPECT_FALSE(back.is_private());
    EXPECT_EQ(back.thumbprint(), key.thumbprint());
    EXPECT_TRUE(verify("input", signature, back, GetParam()));
    EXPECT_TRUE(back.private_jwk().empty());
    EXPECT_TRUE(back.private_pem().empty());
    EXPECT_TRUE(back.private_der().empty());
    EXPECT_EQ(ERR_peek_error(), 0u) << "OpenSSL was asked for a private key that is not there";
  }
}

TEST_P(EveryKind, PublishesNothingPrivate) {
  json::Parser parser;
  const json::Value jwk = parser.parse(key.public_jwk()).value();
  for (const char* member : {"d", "p", "q", "dp", "dq", "qi", "k"}) EXPECT_FALSE(jwk.find(member)) << member;
  EXPECT_FALSE(key.public_pem().contains("PRIVATE"));
  EXPECT_LT(key.public_der().size(), key.private_der().size());
}

TEST_P(EveryKind, IsNamedByItsThumbprintAndKnowsItsAlgorithm) {
  EXPECT_EQ(key.kid(), key.thumbprint());
  EXPECT_EQ(key.declared_algorithm(), GetParam());
  EXPECT_EQ(Key::generate(GetParam(), "k1")->kid(), "k1");
}

INSTANTIATE_TEST_SUITE_P(KeyExport, EveryKind, testing::ValuesIn(every_pair()),
                         [](const auto& test) { return std::string(name(test.param)); });

TEST(KeyExport, ASecretLeavesOnlyAsAPrivateJwk) {
  const Key key = Key::generate(Algorithm::HS384).value();
  EXPECT_EQ(key.bits(), 384u);
  EXPECT_EQ(key.public_jwk() + key.public_pem() + key.public_der(), "");
  EXPECT_TRUE(key.private_pem().empty());
  EXPECT_EQ(ERR_peek_error(), 0u) << "OpenSSL was asked for a key that it does not have";
  const Key back = Key::from_jwk(key.private_jwk().reveal()).value();
  EXPECT_EQ(back.thumbprint(), key.thumbprint());
  EXPECT_EQ(back.kid(), key.kid());
  EXPECT_NE(key.kid(), key.thumbprint());  // which would let a weak secret be guessed
}

TEST(KeyExport, ADerKeyHasNothingAfterIt) {
  const Key key = Key::generate(Algorithm::EdDSA).value();
  EXPECT_EQ(Key::from_der(key.public_der() + '\0').error().kind, Failure::key_invalid);
  for (const std::string& none : {std::string(), key.public_pem()})
    EXPECT_EQ(Key::from_der(none).error(), (Error{Failure::key_invalid, "not a readable DER key"}));
}

TEST(KeyExport, AnRsaKeyLeavesWithNoMoreNumbersThanItHas) {
  namespace rsa512 = test_keys::rsa512;
  const Key key =
      Key::from_jwk(json::object({{"kty", "RSA"}, {"n", rsa512::n}, {"e", "AQAB"}, {"d", rsa512::d}}))
          .value();
  const auto back = Key::from_jwk(key.private_jwk().reveal());
  ASSERT_TRUE(back) << describe(back.error());
  EXPECT_TRUE(back->is_private());
  EXPECT_EQ(back->thumbprint(), key.thumbprint());
}

struct PublishedCase {
  const char* name;
  std::string jwk;
  const char* use;
};

const std::string p256 = R"("kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
                         R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0")";

const PublishedCase published[] = {
    {"AKeyThatSaysNothing", p256, "sig"},
    {"AKeyThatSaysWhatItIsFor", p256 + R"(,"use":"enc")", "enc"},
    {"AnAlgorithmThatEncrypts", p256 + R"(,"alg":"ECDH-ES")", "enc"},
    {"X25519", R"("kty":"OKP","crv":"X25519","x":"hSDwCYkwp1R0i33ctD73Wg2_Og0mOBr066SpjqqbTmo")", "enc"},
    {"X448",
     R"("kty":"OKP","crv":"X448",)"
     R"("x":"mwj3zDG34-Z9ItWuoSEHSic70rg94Jxj-qc9LCLF2bvINmRyQdlT1AxbEtqIEg1TF3-A5TLEH6A")",
     "enc"},
};

class PublishedUse : public testing::TestWithParam<PublishedCase> {};

TEST_P(PublishedUse, IsWhatTheKeyIsFor) {
  const Key key = Key::from_jwk("{" + GetParam().jwk + "}").value();
  EXPECT_EQ(Key::from_jwk(key.public_jwk())->use(), GetParam().use);
}

INSTANTIATE_TEST_SUITE_P(Rfc7517, PublishedUse, testing::ValuesIn(published),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(GenerateKey, ToReceiveWithFitsThatAlone) {
  const Key agreement = Key::generate(KeyManagement::ECDH_ES_A256KW, Curve::p384).value();
  EXPECT_TRUE(agreement.fits(KeyManagement::ECDH_ES_A256KW, ContentEncryption::A128GCM));
  EXPECT_FALSE(agreement.fits(KeyManagement::ECDH_ES, ContentEncryption::A128GCM));
  EXPECT_FALSE(agreement.fits(Algorithm::ES384));
  EXPECT_EQ(agreement.curve(), Curve::p384);
  const Key direct = Key::generate(ContentEncryption::A256CBC_HS512).value();
  EXPECT_TRUE(direct.fits(KeyManagement::dir, ContentEncryption::A256CBC_HS512));
  EXPECT_FALSE(direct.fits(Algorithm::HS512));
  EXPECT_EQ(Key::generate(KeyManagement::A192KW)->bits(), 192u);
}

TEST(GenerateKey, RefusesWhatIsNoKeyOfTheAlgorithm) {
  for (const auto& made :
       {Key::generate(KeyManagement::dir), Key::generate(KeyManagement::PBES2_HS256_A128KW),
        Key::generate(KeyManagement::ECDH_ES, Curve::none),
        Key::generate(KeyManagement::ECDH_ES, Curve::ed25519),
        Key::generate(KeyManagement::ECDH_ES, Curve::secp256k1)})
    EXPECT_EQ(made.error().kind, Failure::configuration_invalid);
}

struct UseCase {
  const char* name;
  const char* members;
  bool verifies, signs, is_direct;
};

// A secret of 32 octets may be for HS256, or for dir with A256GCM, or for both when nothing says otherwise.
constexpr UseCase uses[] = {
    {"Nothing", "", true, true, true},
    {"UseSig", R"(,"use":"sig")", true, true, false},
    {"UseEnc", R"(,"use":"enc")", false, false, true},
    {"UseUnknown", R"(,"use":"other")", false, false, false},
    {"AlgHs256", R"(,"alg":"HS256")", true, true, false},
    {"AlgHs512", R"(,"alg":"HS512")", false, false, false},
    {"AlgDir", R"(,"alg":"dir")", false, false, true},
    {"AlgOfTheContent", R"(,"alg":"A256GCM")", false, false, true},
    {"AlgOfOtherContent", R"(,"alg":"A128CBC-HS256")", false, false, false},
    {"OpsVerify", R"(,"key_ops":["verify"])", true, false, false},
    {"OpsSign", R"(,"key_ops":["sign"])", false, true, false},
    {"OpsBoth", R"(,"key_ops":["sign","verify"])", true, true, false},
    {"OpsDecrypt", R"(,"key_ops":["decrypt"])", false, false, true},
    {"OpsWrap", R"(,"key_ops":["wrapKey","unwrapKey"])", false, false, false},
};

class KeyUse : public testing::TestWithParam<UseCase> {};

TEST_P(KeyUse, IsWhatTheKeySaysOfItself) {
  const UseCase& expected = GetParam();
  const std::string secret = base64url::encode("0123456789abcdef0123456789abcdef");
  const Key key = Key::from_jwk(R"({"kty":"oct","k":")" + secret + '"' + expected.members + '}').value();
  const Key plain = Key::from_jwk(R"({"kty":"oct","k":")" + secret + "\"}").value();
  const std::string tag = *sign("input", plain, Algorithm::HS256);
  const Key read_back = Key::from_jwk(key.private_jwk().reveal()).value();
  for (const Key& each : {key, read_back}) {
    EXPECT_EQ(verify("input", tag, each, Algorithm::HS256).has_value(), expected.verifies);
    EXPECT_EQ(sign("input", each, Algorithm::HS256).has_value(), expected.signs);
    EXPECT_EQ(each.fits(Algorithm::HS256), expected.verifies || expected.signs);
    EXPECT_EQ(each.fits(KeyManagement::dir, ContentEncryption::A256GCM), expected.is_direct);
  }
  EXPECT_EQ(key.private_jwk().reveal().contains("\"use\""), !key.use().empty());
}

TEST(KeyIssuer, LeavesWithTheKeyAndIsPartOfWhatItIs) {
  const Key unbound = Key::generate(Algorithm::ES256, "k1").value();
  std::string jwk(unbound.private_jwk().reveal());
  jwk.pop_back();
  const Key bound = Key::from_jwk(jwk + R"(,"issuer":"https://login.example/{tenantid}"})").value();
  for (const Key& each : {bound, bound.with_kid("k2"), *Key::from_jwk(bound.public_jwk()),
                          *Key::from_jwk(bound.private_jwk().reveal())})
    EXPECT_EQ(each.issuer(), "https://login.example/{tenantid}");
  EXPECT_EQ(unbound.issuer(), "");
  EXPECT_FALSE(unbound.public_jwk().contains("issuer"));
  EXPECT_NE(bound.public_jwk(), unbound.public_jwk());
  EXPECT_EQ(bound.thumbprint(), unbound.thumbprint());
}

INSTANTIATE_TEST_SUITE_P(Rfc7517, KeyUse, testing::ValuesIn(uses),
                         [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace gatehouse::jose
