#include "gatehouse/tokens/claim_set.h"

#include <gtest/gtest.h>

namespace gatehouse::tokens {
namespace {

TEST(ClaimSet, KeepsMembersInOrderWithTheirTexts) {
  const auto claims =
      ClaimSet::parse(R"({"sub":"a\u0064a","n":1.50,"o":{ "x" : 1 },"l":["a","b\n"],"\u006B":null})", {});
  ASSERT_TRUE(claims);
  std::string seen;
  for (const auto& [name, value] : claims->members()) {
    seen += name;
    seen += '=';
    seen += value.text;
    seen += ';';
  }
  EXPECT_EQ(seen, R"(sub=ada;n=1.50;o={ "x" : 1 };l=["a","b\n"];k=null;)");
  EXPECT_EQ(claims->subject(), "ada");
  EXPECT_EQ(claims->elements(*claims->find("l"))[1].text, "b\n");
  EXPECT_TRUE(claims->elements(*claims->find("o")).empty());
}

TEST(ClaimSet, StaysValidWhenItMovesAndWhenOthersAreParsed) {
  auto first = ClaimSet::parse(R"({"iss":"https://issuer.example","aud":["a","b"],"jti":"1"})", {});
  const ClaimSet moved = *std::move(first);
  for (int i = 0; i < 10; ++i)
    ASSERT_TRUE(ClaimSet::parse(R"({"iss":"zzzzzzzzzzzzzzzzzzzzz","aud":"y"})", {}));
  EXPECT_EQ(moved.issuer(), "https://issuer.example");
  EXPECT_EQ(moved.audiences(), (std::vector<std::string_view>{"a", "b"}));
  EXPECT_EQ(moved.id(), "1");
}

struct WrongCase {
  const char* name;
  const char* text;
  Failure expected;
};

constexpr WrongCase wrong_cases[] = {
    {"NoObject", "7", Failure::malformed},
    {"Nothing", "", Failure::malformed},
    {"ASubjectThatIsANumber", R"({"sub":7})", Failure::claim_type_invalid},
    {"AnIdThatIsANumber", R"({"jti":7})", Failure::claim_type_invalid},
    {"AnIssuerThatIsNull", R"({"iss":null})", Failure::claim_type_invalid},
    {"AnAudienceThatIsAnObject", R"({"aud":{}})", Failure::claim_type_invalid},
    {"AnIssueTimeThatIsTrue", R"({"iat":true})", Failure::claim_type_invalid},
    {"ADateBeyondTheYear9999", R"({"exp":253402300800})", Failure::claim_type_invalid},
};

class Wrong : public testing::TestWithParam<WrongCase> {};

TEST_P(Wrong, IsNotRead) {
  EXPECT_EQ(ClaimSet::parse(GetParam().text, {}).error().kind, GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(ClaimSet, Wrong, testing::ValuesIn(wrong_cases),
                         [](const auto& test) { return test.param.name; });

TEST(ClaimSet, CapsTheAudiences) {
  EXPECT_TRUE(ClaimSet::parse(R"({"aud":["a","b"]})", {.audiences = 2}));
  EXPECT_EQ(ClaimSet::parse(R"({"aud":["a","b","c"]})", {.audiences = 2}).error(),
            (Error{Failure::too_large, "aud"}));
}

TEST(ClaimSet, KeepsAFractionToTheMillisecond) {
  EXPECT_EQ(ClaimSet::parse(R"({"exp":1.25})", {})->expires(), Instant(std::chrono::milliseconds(1250)));
  EXPECT_EQ(ClaimSet::parse(R"({"exp":253402300799})", {})->expires(), Instant(Seconds(253'402'300'799)));
}

}  // namespace
}  // namespace gatehouse::tokens
