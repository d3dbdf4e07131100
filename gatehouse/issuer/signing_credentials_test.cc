#include "gatehouse/issuer/signing_credentials.h"

#include <gtest/gtest.h>

#include "tests/support/test_keys.h"

namespace gatehouse::issuer {
namespace {

const std::string good_secret = "kJ8v2QpXz7LmN4sT9wYb3RcF6hGd1AeU0iOq";

struct RefusedCase {
  const char* name;
  std::string text;
  const char* expected;
};

const RefusedCase refused_cases[] = {
    {"TheSeedsPlaceholder", "REPLACE_WITH_A_LONG_RANDOM_SECRET", "placeholder"},
    {"APlaceholderInAnotherSpelling", "replace-with-a-long-random-secret-please", "placeholder"},
    {"JwtIosPlaceholder", "your-256-bit-secret-your-256-bit-secret", "placeholder"},
    {"AChangeMe", "changeme-changeme-changeme-changeme-42", "placeholder"},
    {"Nothing", "", "empty"},
    {"Blanks", "   ", "empty"},
    {"AShortSecret", "kJ8v2QpXz7LmN4sT9wYb3RcF6hGd1Ae", "has 31 octets and HS256 needs 32"},
    {"OneCharacterRepeated", std::string(48, 'a'), "repeats itself"},
    {"AWordRepeated", "hunter42hunter42hunter42hunter42hunter42", "repeats itself"},
    {"AlphabetInOrder", "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", "repeats itself"},
    {"QuotesAroundIt", "\"" + good_secret + "\"", "quotes are part of the value"},
    {"GarbledPem", "-----BEGIN PRIVATE KEY-----\nnope\n-----END PRIVATE KEY-----\n",
     "not a readable PEM key"},
    {"APublicPem", std::string(test_keys::p256_public), "public key"},
    {"AGarbledJwk", R"({"kty":"EC"})", "no usable JWK"},
};

class Refused : public testing::TestWithParam<RefusedCase> {};

TEST_P(Refused, StopsTheStartWithAFixAndWithoutShowingTheSecret) {
  const auto read = read_signing_credentials(GetParam().text);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().kind, Failure::configuration_invalid);
  EXPECT_NE(read.error().subject.find(GetParam().expected), std::string::npos) << read.error().subject;
  if (GetParam().text.size() > 8) {
    EXPECT_EQ(read.error().subject.find(GetParam().text), std::string::npos);
  }
}

INSTANTIATE_TEST_SUITE_P(SigningCredentials, Refused, testing::ValuesIn(refused_cases),
                         [](const auto& test) { return test.param.name; });

TEST(SigningCredentials, ChooseTheAlgorithmByTheKey) {
  EXPECT_EQ(read_signing_credentials(good_secret)->algorithm, jose::Algorithm::HS256);
  EXPECT_EQ(read_signing_credentials(good_secret + "\n")->key.bits(), good_secret.size() * 8);
  EXPECT_EQ(read_signing_credentials(test_keys::rsa)->algorithm, jose::Algorithm::RS256);
  EXPECT_EQ(read_signing_credentials(test_keys::p256)->algorithm, jose::Algorithm::ES256);
  EXPECT_EQ(read_signing_credentials(test_keys::p384)->algorithm, jose::Algorithm::ES384);
  EXPECT_EQ(read_signing_credentials(test_keys::rsa, "PS512")->algorithm, jose::Algorithm::PS512);
}

TEST(SigningCredentials, RefuseAnAlgorithmThatDoesNotFit) {
  EXPECT_FALSE(read_signing_credentials(test_keys::rsa, "ES256"));
  EXPECT_FALSE(read_signing_credentials(good_secret, "none"));
  EXPECT_FALSE(read_signing_credentials(good_secret, "HS512"));
}

TEST(SigningCredentials, NameTheKey) {
  const auto rsa = read_signing_credentials(test_keys::rsa);
  EXPECT_EQ(rsa->key.kid(), rsa->key.thumbprint());
  EXPECT_EQ(read_signing_credentials(good_secret, "", "k1")->key.kid(), "k1");
  const std::string kid = read_signing_credentials(good_secret)->key.kid();
  EXPECT_EQ(kid.size(), 12u);
  EXPECT_EQ(kid, read_signing_credentials(good_secret)->key.kid());
  EXPECT_NE(kid, read_signing_credentials(good_secret + "x")->key.kid());
}

}  // namespace
}  // namespace gatehouse::issuer
