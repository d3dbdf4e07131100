#include "gatehouse/jose/key_text.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/test_keys.h"

namespace gatehouse::jose {
namespace {

const std::string drawn = "q8Zr2vXk0Tn5Wc9Yb3Lm7Hs1Jd6Fg4Pa";  // 32 octets: of as few as there may be

TEST(KeyText, IsAKeyOfItsKind) {
  EXPECT_EQ(read_key(test_keys::p256)->curve(), Curve::p256);
  EXPECT_EQ(read_key(Key::from_pem(test_keys::rsa)->private_jwk().reveal())->type(), KeyType::rsa);
  const Key key = Key::from_pem(test_keys::p256).value();
  EXPECT_EQ(read_key(key.private_jwk().reveal())->thumbprint(), key.thumbprint());
  // A quote at one end, and different ones, belong to the secret.
  for (const std::string& secret : {drawn, '"' + drawn, drawn + '"', '"' + drawn + '\'', 'x' + drawn + 'x',
                                    std::string("hgafbecdgbfacedgcafebdgfbacegdfe")}) {
    const auto read = read_key(secret);
    ASSERT_TRUE(read) << describe(read.error());
    EXPECT_EQ(read->type(), KeyType::oct);
    EXPECT_EQ(read->bits(), 8 * secret.size());
    EXPECT_EQ(read->thumbprint(), Key::symmetric(Secret(secret)).thumbprint());
  }
}

TEST(KeyText, EndsBeforeItsLineEnds) {
  for (const char* end : {"\n", "\r", "\r\n", "\n\n", "\r\n\n"})
    EXPECT_EQ(read_key(drawn + end)->thumbprint(), Key::symmetric(Secret(drawn)).thumbprint());
}

struct BadText {
  const char* name;
  std::string text;
  const char* why;
};

std::string garbled(std::string_view pem) {
  std::string text(pem);
  text.replace(100, 4, "!!!!");
  return text;
}

const std::vector<BadText> bad_texts = {
    {"Nothing", "", "the signing secret is empty"},
    {"Blanks", " \t ", "the signing secret is empty"},
    {"ALineEnd", "\n", "the signing secret is empty"},
    {"APlaceholder", "REPLACE_WITH_A_LONG_RANDOM_SECRET", "the signing secret is a placeholder"},
    {"APlaceholderWithDigits", "Your-256-bit-secret", "the signing secret is a placeholder"},
    {"APlaceholderAndMore", "Change-Me: 0123456789abcdefghijklmnop", "the signing secret is a placeholder"},
    {"Secret", "secret", "the signing secret is a placeholder"},
    {"Password", "Password", "the signing secret is a placeholder"},
    {"OneOctetTooFew", drawn.substr(1), "the signing secret has 31 octets and HS256 needs 32"},
    {"InDoubleQuotes", '"' + drawn + '"',
     "the signing secret begins and ends with a quote, and the quotes are part"},
    {"InSingleQuotes", '\'' + drawn + '\'', "the signing secret begins and ends with a quote"},
    {"AnExample", "a-string-secret-at-least-256-bits-long",
     "the signing secret is an example that everybody can read"},
    {"OfRfc7515", "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow",
     "the signing secret is an example"},
    {"PartOfAnExample", "a-valid-string-secret-that-is-at-least", "the signing secret is an example"},
    {"TheEndOfAnExample", "string-secret-at-least-256-bits-long", "the signing secret is an example"},
    {"SevenOctetsThatDiffer", "gafbecdgbfacedgcafebdgfbacegdfea", "the signing secret repeats itself"},
    {"FewLetters", std::string(20, 'a') + "bcdefg" + std::string(20, 'a'),
     "the signing secret repeats itself"},
    {"AWordAgainAndAgain", "hunter42hunter42hunter42hunter42hunt", "the signing secret repeats itself"},
    {"AWordTwiceAndAHalf", drawn.substr(0, 16) + drawn.substr(0, 16) + drawn.substr(0, 8),
     "the signing secret repeats itself"},
    {"AWordTwice", drawn + drawn, "the signing secret repeats itself"},
    {"AnAlphabet", "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", "the signing secret repeats itself"},
    {"AGarbledPem", garbled(test_keys::p256), "the signing key is not a readable PEM key"},
    {"APemOfNothing", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----",
     "the signing key is not a readable PEM key"},
    {"AGarbledJwk", R"({"kty":"EC"})", "the signing key is no usable JWK"},
    {"AJwkOfNothing", R"({"kty":"RSA"})", "the signing key is no usable JWK"},
};

class UnusableText : public testing::TestWithParam<BadText> {};

TEST_P(UnusableText, SaysWhyAndNeverWhatItWas) {
  const auto key = read_key(GetParam().text);
  ASSERT_FALSE(key);
  EXPECT_EQ(key.error().kind, Failure::configuration_invalid);
  EXPECT_TRUE(key.error().subject.starts_with(GetParam().why)) << key.error().subject;
  EXPECT_TRUE(GetParam().text.size() <= 8 || !key.error().subject.contains(GetParam().text));
}

INSTANTIATE_TEST_SUITE_P(KeyText, UnusableText, testing::ValuesIn(bad_texts),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace gatehouse::jose
