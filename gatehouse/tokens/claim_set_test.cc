#include "gatehouse/tokens/claim_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gatehouse::tokens {
namespace {

TEST(ClaimSet, KeepsMembersInOrderWithTheirTexts) {
  const auto claims = ClaimSet::parse(
      R"({"sub":"a\u0064a","n":1.50,"o":{ "x" : 1 },"l":["a","b\n",1.50],"\u006B":null})", {});
  ASSERT_TRUE(claims);
  std::string seen;
  for (const auto& [name, value] : claims->members()) {
    seen += name;
    seen += '=';
    seen += value.text;
    seen += ';';
  }
  EXPECT_EQ(seen, R"(sub=ada;n=1.50;o={ "x" : 1 };l=["a","b\n",1.50];k=null;)");
  EXPECT_EQ(claims->subject(), "ada");
  EXPECT_EQ(claims->elements(*claims->find("l"))[1].text, "b\n");
  EXPECT_EQ(claims->elements(*claims->find("l"))[2].text, "1.50");
  EXPECT_TRUE(claims->elements(*claims->find("o")).empty());
}

TEST(ClaimSet, StaysValidWhenItMovesAndWhenOthersAreParsed) {
  auto first = ClaimSet::parse(R"({"iss":"https://issuer.example","aud":["a","b"],"jti":"1"})", {});
  const ClaimSet moved = *std::move(first);
  for (int i = 0; i < 10; ++i)
    ASSERT_TRUE(ClaimSet::parse(R"({"iss":"zzzzzzzzzzzzzzzzzzzzz","aud":"y"})", {}));
  EXPECT_EQ(moved.issuer(), "https://issuer.example");
  EXPECT_THAT(moved.audiences(), testing::ElementsAre("a", "b"));
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
    {"AnAudienceThatIsNull", R"({"aud":null})", Failure::claim_type_invalid},
    {"NullAmongTheAudiences", R"({"aud":["a",null]})", Failure::claim_type_invalid},
    {"ASubjectThatIsNull", R"({"sub":null})", Failure::claim_type_invalid},
    {"ADateBeforeAllDates", R"({"exp":-1})", Failure::claim_type_invalid},
    {"AnIssueTimeThatIsTrue", R"({"iat":true})", Failure::claim_type_invalid},
    {"ADateBeyondTheYear9999", R"({"exp":253402300800})", Failure::claim_type_invalid},
};

class Wrong : public testing::TestWithParam<WrongCase> {};

TEST_P(Wrong, IsNotRead) {
  EXPECT_EQ(ClaimSet::parse(GetParam().text, {}).error().kind, GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(ClaimSet, Wrong, testing::ValuesIn(wrong_cases),
                         [](const auto& test) { return test.param.name; });

// What the original lets through, as text of what was read; "!" when it does not.
struct LenientCase {
  const char* name;
  const char* text;
  const char* expected;
};

constexpr LenientCase lenient_cases[] = {
    {"ADate", R"({"exp":7})", "exp 7000"},
    {"ADateWithAFraction", R"({"exp":1.5})", "exp 2000"},
    {"ADateBeforeAllDates", R"({"exp":-5})", "exp 0"},
    {"ADateBeyondTheYear9999", R"({"exp":253402300800})", "exp 253402300799000"},
    {"TheLargestInteger", R"({"exp":9223372036854775807})", "exp 253402300799000"},
    {"ANumberAsLarge", R"({"exp":9.2e18})", "exp 253402300799000"},
    {"ANumberBeyond64Bits", R"({"exp":9.3e18})", "!"},
    {"ANumberBelow64Bits", R"({"exp":-9.3e18})", "!"},
    {"AnIntegerBeyond63Bits", R"({"exp":9223372036854775808})", "!"},
    {"ADateInWords", R"({"exp":"7"})", "!"},
    {"NoAudience", R"({"aud":null})", ""},
    {"NoAudienceAmongThem", R"({"aud":["a",null,"b"]})", "aud a aud b"},
    {"ANumberAmongThem", R"({"aud":["a",1]})", "!"},
    {"AnAudienceThatIsANumber", R"({"aud":1})", "!"},
    {"ASubjectThatIsANumber", R"({"sub":7})", "sub 7"},
    {"ASubjectThatIsNull", R"({"sub":null})", ""},
    {"ASubjectThatIsAList", R"({"sub":["a"]})", "!"},
    {"ASubjectThatIsAnObject", R"({"sub":{}})", "!"},
    {"AnIssuerThatIsANumber", R"({"iss":7})", "!"},
};

class Lenient : public testing::TestWithParam<LenientCase> {};

TEST_P(Lenient, IsReadAsTheOriginalDoes) {
  const auto claims = ClaimSet::parse(GetParam().text, {.original_leniency = true});
  std::string seen = claims ? "" : "!";
  if (claims && claims->expires())
    seen = "exp " + std::to_string(claims->expires()->time_since_epoch() / std::chrono::milliseconds(1));
  if (claims && claims->subject()) seen = "sub " + std::string(*claims->subject());
  if (claims)
    for (const std::string_view audience : claims->audiences())
      seen += (seen.empty() ? "aud " : " aud ") + std::string(audience);
  EXPECT_EQ(seen, GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(ClaimSet, Lenient, testing::ValuesIn(lenient_cases),
                         [](const auto& test) { return test.param.name; });

TEST(ClaimSet, FindsTextOnlyWhereThereIsText) {
  const auto claims = ClaimSet::parse(R"({"a":"x","b":7})", {});
  EXPECT_EQ(claims->find_string("a"), "x");
  EXPECT_EQ(claims->find_string("b"), std::nullopt);
  EXPECT_EQ(claims->find_string("c"), std::nullopt);
  EXPECT_EQ(claims->find("c"), nullptr);
}

TEST(ClaimSet, CapsTheAudiences) {
  EXPECT_TRUE(ClaimSet::parse(R"({"aud":["a","b"]})", {.audiences = 2}));
  EXPECT_EQ(ClaimSet::parse(R"({"aud":["a","b","c"]})", {.audiences = 2}).error(),
            (Error{Failure::too_large, "aud"}));
}

TEST(ClaimSet, KeepsAFractionToTheMillisecond) {
  EXPECT_EQ(ClaimSet::parse(R"({"exp":1.25})", {})->expires(), Instant(std::chrono::milliseconds(1250)));
  EXPECT_EQ(ClaimSet::parse(R"({"exp":0})", {})->expires(), Instant());
  EXPECT_EQ(ClaimSet::parse(R"({"exp":253402300799})", {})->expires(), Instant(Seconds(253'402'300'799)));
}

}  // namespace
}  // namespace gatehouse::tokens
