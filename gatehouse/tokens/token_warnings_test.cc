#include "gatehouse/tokens/token_warnings.h"

#include <gtest/gtest.h>

#include <optional>

namespace gatehouse::tokens {
namespace {

struct ClaimCase {
  const char* name;
  const char* claim;
  ClaimValue value;
  std::optional<TokenWarning> expected;
};

const ClaimCase claims[] = {
    {"APassword", "password", "x", TokenWarning::secret_name},
    {"APasswordWithinAName", "User_Password2", "x", TokenWarning::secret_name},
    {"AClientSecret", "client-secret", "x", TokenWarning::secret_name},
    {"APasswordWithOtherMarksWithinIt", "p ass-wo.rd", "x", TokenWarning::secret_name},
    {"AnApiKey", "ApiKey", "x", TokenWarning::secret_name},
    {"ASocialSecurityNumber", "SSN", "x", TokenWarning::personal_name},
    {"ACreditCard", "credit_card", std::int64_t{4111}, TokenWarning::personal_name},
    {"APrivateKey", "note", "-----BEGIN EC PRIVATE KEY-----\nMHc=", TokenWarning::secret_value},
    {"AJwkOfASecret", "note", R"({"kty":"oct","k":"AAAA"})", TokenWarning::secret_value},
    {"AnotherToken", "upstream", "eyJhbGciOiJIUzI1NiJ9.e30.AA", TokenWarning::secret_value},
    {"ATokenInAList", "upstream", std::vector<std::string>{"a", "eyJhbGciOiJIUzI1NiJ9.e30.AA"},
     TokenWarning::secret_value},
    {"AnActorsToken", "actort", "eyJhbGciOiJIUzI1NiJ9.e30.AA", {}},
    {"APublicKey", "cnf", R"({"kty":"EC","crv":"P-256","x":"AA","y":"AA"})", {}},
    {"AnEncryptedToken", "upstream", "eyJhbGciOiJkaXIifQ..AA.AA.AA", TokenWarning::secret_value},
    {"APublicKeyInPem", "note", "-----BEGIN PUBLIC KEY-----\nMHc=", {}},
    {"WordsAboutAPrivateKey", "note", "it ends with PRIVATE KEY-----", {}},
    {"AMemberNamedLikeANumberOfAKey", "note", R"({"d":1,"k":2})", {}},
    {"AJwkOfAPrivateKey", "note", R"({"kty":"EC","d":"AAAA"})", TokenWarning::secret_value},
    {"AVersion", "version", "1.2.3", {}},
    {"AWordLikeAToken", "note", "eyJhbGci", {}},
    {"AListOfWords", "tags", std::vector<std::string>{"a", "b"}, {}},
    {"ATruthValue", "verified", true, {}},
    {"TheBeginningOfAToken", "upstream", "eyJhbGciOiJIUzI1NiJ9", {}},
    {"ACertificate", "note", "-----BEGIN CERTIFICATE-----\nMHc=", {}},
    {"ANameWithDotsAndBlanks", "my.pass word", "x", TokenWarning::secret_name},
    {"AListOfNothing", "upstream", std::vector<std::string>{}, {}},
    {"ANumber", "count", std::int64_t{7}, {}},
    {"ARole", "role", "Admin", {}},
    {"AnEmailAddress", "email", "ada@example.com", {}},
    {"AShoppingCart", "pinned", "x", {}},
};

class Claim : public testing::TestWithParam<ClaimCase> {};

TEST_P(Claim, IsRemarkedUponByItsNameAlone) {
  const TokenDescriptor descriptor{.claims = {{GetParam().claim, GetParam().value}}};
  std::vector<TokenRemark> expected;
  if (GetParam().expected) expected.push_back({.kind = *GetParam().expected, .subject = GetParam().claim});
  EXPECT_EQ(warnings(descriptor), expected);
}

INSTANTIATE_TEST_SUITE_P(TokenWarnings, Claim, testing::ValuesIn(claims),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(TokenWarnings, BeginBeyondFourKilobytes) {
  EXPECT_TRUE(warnings({}, std::string(4096, 'a')).empty());
  EXPECT_EQ(warnings({}, std::string(4097, 'a')),
            (std::vector<TokenRemark>{{.kind = TokenWarning::too_long, .subject = "4097"}}));
}

TEST(TokenWarnings, SayWhatIsWrongInWordsOfTheirOwn) {
  EXPECT_TRUE(
      describe({.kind = TokenWarning::secret_name, .subject = "a"}).contains("'a' is named like a secret"));
  EXPECT_TRUE(
      describe({.kind = TokenWarning::personal_name, .subject = "b"}).contains("'b' is named like personal"));
  EXPECT_TRUE(describe({.kind = TokenWarning::secret_value, .subject = "c"}).contains("'c' holds"));
  EXPECT_TRUE(describe({.kind = TokenWarning::too_long, .subject = "5000"}).contains("5000 characters"));
}

TEST(TokenWarnings, NeverPrintAValue) {
  const TokenDescriptor descriptor{.claims = {{"password", "hunter2"}, {"x", "eyJhbGciOiJIUzI1NiJ9.e30.AA"}}};
  for (const TokenRemark& remark : warnings(descriptor)) {
    EXPECT_FALSE(describe(remark).contains("hunter2"));
    EXPECT_FALSE(describe(remark).contains("eyJ"));
  }
}

}  // namespace
}  // namespace gatehouse::tokens
