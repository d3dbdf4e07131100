#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "gatehouse/base/base64url.h"
#include "gatehouse/base/json.h"
#include "gatehouse/jose/jws.h"
#include "gatehouse/jose/key.h"

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
  const Key back = Key::from_jwk(key.private_jwk().reveal()).value();
  EXPECT_EQ(back.thumbprint(), key.thumbprint());
  EXPECT_EQ(back.kid(), key.kid());
  EXPECT_NE(key.kid(), key.thumbprint());  // which would let a weak secret be guessed
}

TEST(KeyExport, ADerKeyHasNothingAfterIt) {
  const Key key = Key::generate(Algorithm::EdDSA).value();
  EXPECT_EQ(Key::from_der(key.public_der() + '\0').error().kind, Failure::key_invalid);
  EXPECT_EQ(Key::from_der("").error().kind, Failure::key_invalid);
  EXPECT_EQ(Key::from_der(key.public_pem()).error().kind, Failure::key_invalid);
}

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
    EXPECT_EQ(each.fits(KeyManagement::dir, ContentEncryption::A256GCM), expected.is_direct);
  }
}

INSTANTIATE_TEST_SUITE_P(Rfc7517, KeyUse, testing::ValuesIn(uses),
                         [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace gatehouse::jose
