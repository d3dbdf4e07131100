#include "gatehouse/jose/key_text.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/test_keys.h"

namespace gatehouse::jose {
namespace {

const std::string drawn = "q8Zr2vXk0Tn5Wc9Yb3Lm7Hs1Jd6Fg4Pa";  // 32 octets

TEST(ReadKey, TakesASecretAsItsOctets) {
  const Key key = read_key(drawn).value();
  EXPECT_EQ(key.type(), KeyType::oct);
  EXPECT_EQ(key.bits(), 256u);
  EXPECT_EQ(read_key(drawn + "\r\n\n").value().private_jwk().reveal(), key.private_jwk().reveal());
  // A quote at one end, and different ones, belong to the secret.
  for (const std::string& quoted : {'"' + drawn, drawn + '"', '"' + drawn + '\''})
    EXPECT_EQ(read_key(quoted).value().bits(), quoted.size() * 8) << quoted;
}

TEST(ReadKey, TakesPemAndJwk) {
  const Key key = read_key(test_keys::p256).value();
  EXPECT_EQ(key.curve(), Curve::p256);
  EXPECT_EQ(read_key(key.private_jwk().reveal()).value().thumbprint(), key.thumbprint());
}

struct BadText {
  const char* name;
  std::string text;
  const char* why;
};

class UnusableText : public testing::TestWithParam<BadText> {};

TEST_P(UnusableText, SaysWhyAndNeverWhatItWas) {
  const auto key = read_key(GetParam().text);
  ASSERT_FALSE(key);
  EXPECT_EQ(key.error().kind, Failure::configuration_invalid);
  EXPECT_TRUE(key.error().subject.contains(GetParam().why)) << key.error().subject;
  if (GetParam().text.size() > 8) EXPECT_FALSE(key.error().subject.contains(GetParam().text));
}

const std::vector<BadText> bad_texts = {
    {"Nothing", "", "is empty"},
    {"Blanks", " \t ", "is empty"},
    {"LineEnd", "\n", "is empty"},
    {"Placeholder", "Change-Me: 0123456789abcdefghijklmnop", "a placeholder"},
    {"Password", "Password", "a placeholder"},
    {"Secret", "secret", "a placeholder"},
    {"Short", drawn.substr(1), "has 31 octets and HS256 needs 32"},
    {"Quotes", '"' + drawn + '"', "take them off"},
    {"SingleQuotes", '\'' + drawn + '\'', "take them off"},
    {"Rfc7515", "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow",
     "everybody can read"},
    {"PartOfAnExample", "string-secret-at-least-256-bits-long", "everybody can read"},
    {"FewLetters", std::string(20, 'a') + "bcdefg" + std::string(20, 'a'), "repeats itself"},
    {"AWordAgain", drawn.substr(0, 16) + drawn.substr(0, 16) + drawn.substr(0, 8), "repeats itself"},
    {"TheAlphabet", "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", "repeats itself"},
    {"BadPem", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", "not a readable PEM key"},
    {"BadJwk", R"({"kty":"RSA"})", "no usable JWK"},
};

INSTANTIATE_TEST_SUITE_P(ReadKey, UnusableText, testing::ValuesIn(bad_texts),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace gatehouse::jose
