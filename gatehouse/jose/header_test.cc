#include "gatehouse/jose/header.h"

#include <gtest/gtest.h>

namespace gatehouse::jose {
namespace {

struct HeaderCase {
  const char* name;
  std::string text;
  Failure expected;
};

const HeaderCase header_cases[] = {
    {"NoObject", "[]", Failure::malformed},
    {"NoAlg", R"({"typ":"JWT"})", Failure::malformed},
    {"AlgNoString", R"({"alg":5})", Failure::malformed},
    {"KidNoString", R"({"alg":"HS256","kid":1})", Failure::malformed},
    {"TypNoString", R"({"alg":"HS256","typ":null})", Failure::malformed},
    {"TwoAlgs", R"({"alg":"HS256","alg":"none"})", Failure::duplicate_member},
    {"TwoAlgsInTwoSpellings", R"({"alg":"HS256","\u0061lg":"none"})", Failure::duplicate_member},
    {"Crit", R"({"alg":"HS256","crit":["exp"],"exp":1})", Failure::crit_unsupported},
    {"EmptyCrit", R"({"alg":"HS256","crit":[]})", Failure::crit_unsupported},
    {"UnencodedPayload", R"({"alg":"HS256","b64":false})", Failure::crit_unsupported},
    {"KidBeyondItsCap", R"({"alg":"HS256","kid":")" + std::string(257, 'k') + "\"}", Failure::too_large},
};

class RefusedHeader : public testing::TestWithParam<HeaderCase> {};

TEST_P(RefusedHeader, IsNotRead) {
  EXPECT_EQ(parse_header(GetParam().text).error().kind, GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(Rfc7515, RefusedHeader, testing::ValuesIn(header_cases),
                         [](const auto& test) { return test.param.name; });

TEST(Header, IsReadAsItStands) {
  const auto header =
      parse_header(R"({"alg":"RS256","kid":"k\u0031","typ":"at+jwt","x5t":"abc","jwk":{"kty":"oct"}})");
  ASSERT_TRUE(header);
  EXPECT_EQ(header->algorithm(), Algorithm::RS256);
  EXPECT_EQ(header->kid, "k1");
  EXPECT_EQ(header->typ, "at+jwt");
  EXPECT_EQ(header->x5t, "abc");
}

TEST(Header, ReadsAKidUpToItsCap) {
  EXPECT_TRUE(parse_header(R"({"alg":"HS256","kid":")" + std::string(256, 'k') + "\"}"));
}

TEST(Header, LeavesOutNullAndAMissingAlgOnlyWhereTheOriginalDoes) {
  const auto lenient = parse_header(R"({"typ":null})", Leniency::original);
  ASSERT_TRUE(lenient);
  EXPECT_FALSE(lenient->has_typ);
  EXPECT_EQ(parse_header(R"({"alg":"HS256","kid":7})", Leniency::original).error().subject, "header.kid");
  EXPECT_EQ(parse_header("[]", Leniency::original).error(), (Error{Failure::malformed, "header"}));
  EXPECT_EQ(parse_header(R"({"alg":""})").error(), (Error{Failure::malformed, "header.alg"}));
}

TEST(Header, TellsAnEmptyKidFromNone) {
  EXPECT_TRUE(parse_header(R"({"alg":"HS256","kid":""})")->has_kid);
  EXPECT_FALSE(parse_header(R"({"alg":"HS256"})")->has_kid);
}

}  // namespace
}  // namespace gatehouse::jose
