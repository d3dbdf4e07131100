#include "gatehouse/tokens/claim_mapping.h"

#include <gtest/gtest.h>

namespace gatehouse::tokens {
namespace {

using claims::Claim;
using claims::ClaimsIdentity;
using claims::ValueType;

ClaimsIdentity identity(const char* payload, const TokenValidationParameters& parameters = {}) {
  return to_identity({.header = {}, .claims = ClaimSet::parse(payload, {.original_leniency = true}).value()},
                     parameters);
}

struct ValueCase {
  const char* name;
  const char* json;
  const char* value;
  ValueType type;
};

constexpr ValueCase value_cases[] = {
    {"Text", R"("x")", "x", ValueType::string},
    {"True", "true", "true", ValueType::boolean},
    {"AnInteger", "42", "42", ValueType::integer32},
    {"AWideInteger", "2147483648", "2147483648", ValueType::integer64},
    {"ANumber", "1.50", "1.5", ValueType::floating_point},
    {"ASmallNumber", "1e-7", "1E-07", ValueType::floating_point},
    {"ALargeNumber", "1e21", "1E+21", ValueType::floating_point},
    {"Null", "null", "", ValueType::json_null},
    {"AnObject", R"({ "a" : 1 })", R"({ "a" : 1 })", ValueType::json},
    {"ARoundTripDate", R"("2026-06-01T12:34:56.1234567Z")", "2026-06-01T12:34:56.1234567Z",
     ValueType::date_time},
    {"ARoundTripDateOfNines", R"("2029-09-09T19:39:59.9999999Z")", "2029-09-09T19:39:59.9999999Z",
     ValueType::date_time},
    {"ADateThatIsNone", R"("2026-13-01T12:34:56.1234567Z")", "2026-13-01T12:34:56.1234567Z",
     ValueType::string},
    {"ADateOfSixDigitsAndAnOffset", R"("2026-06-01T12:34:56.123456+01:00")",
     "2026-06-01T12:34:56.123456+01:00", ValueType::string},
    {"Zero", "0.0", "0", ValueType::floating_point},
    {"ZeroFromBelow", "-0.0", "-0", ValueType::floating_point},
    {"TheSmallestFixedNumber", "0.00001", "0.00001", ValueType::floating_point},
    {"TheLargestFixedNumber", "999999999999999.5", "999999999999999.5", ValueType::floating_point},
    {"TheSmallestLargeNumber", "1000000000000000.0", "1E+15", ValueType::floating_point},
    {"TheLargestNarrowInteger", "2147483647", "2147483647", ValueType::integer32},
    {"TheLeastNarrowInteger", "-2147483648", "-2147483648", ValueType::integer32},
    {"AWideNegativeInteger", "-2147483649", "-2147483649", ValueType::integer64},
    {"AnotherDate", R"("2026-06-01T12:34:56Z")", "2026-06-01T12:34:56Z", ValueType::string},
};

class Value : public testing::TestWithParam<ValueCase> {};

TEST_P(Value, BecomesTextWithItsType) {
  const ClaimsIdentity mapped = identity((std::string(R"({"iss":"i","c":)") + GetParam().json + "}").c_str());
  const Claim expected{.type = "c", .value = GetParam().value, .value_type = GetParam().type, .issuer = "i"};
  EXPECT_EQ(mapped.claims.at(1), expected);
}

INSTANTIATE_TEST_SUITE_P(Claims, Value, testing::ValuesIn(value_cases),
                         [](const auto& test) { return test.param.name; });

TEST(ToIdentity, AListIsOneClaimForEachElement) {
  const ClaimsIdentity mapped = identity(R"({"scope":["a","b"],"none":[]})");
  ASSERT_EQ(mapped.claims.size(), 2u);
  EXPECT_TRUE(mapped.has_claim("scope", "a") && mapped.has_claim("scope", "b"));
}

TEST(ToIdentity, KeepsNamesAndKnowsRolesAndNameByDefault) {
  const ClaimsIdentity mapped = identity(R"({"sub":"ada","roles":["Admin"],"role":"Clerk"})");
  EXPECT_EQ(*mapped.name(), "ada");
  EXPECT_TRUE(mapped.is_in_role("Admin") && mapped.is_in_role("Clerk"));
  EXPECT_EQ(mapped.claims.front().short_type, "");
}

TEST(ToIdentity, MapsNamesInTheCompatibilityProfile) {
  const ClaimsIdentity mapped =
      identity(R"({"sub":"ada","role":"Admin","scope":"a"})", TokenValidationParameters::aspnet_core());
  EXPECT_EQ(mapped.claims[0].type, claims::claim_types::name_identifier);
  EXPECT_EQ(mapped.claims[0].short_type, "sub");
  EXPECT_EQ(mapped.claims[2].type, "scope");
  EXPECT_TRUE(mapped.is_in_role("Admin"));
}

TEST(ToIdentity, OnlyTheCompatibilityProfileShowsAnActorNobodyVerified) {
  constexpr const char* payload = R"({"actort":"eyJhbGciOiJub25lIn0.eyJzdWIiOiJldmUifQ."})";
  EXPECT_EQ(identity(payload).actor, nullptr);
  EXPECT_TRUE(identity(payload, TokenValidationParameters::aspnet_core()).actor->has_claim("sub", "eve"));
}

TEST(ToIdentity, ShowsNoUnverifiedActorWithoutMappingOrWithoutAToken) {
  const auto original = TokenValidationParameters::aspnet_core();
  auto unmapped = original;
  unmapped.map_inbound_claims = false;
  auto ours = TokenValidationParameters();
  ours.map_inbound_claims = true;
  constexpr const char* payload = R"({"actort":"eyJhbGciOiJub25lIn0.eyJzdWIiOiJldmUifQ."})";
  EXPECT_EQ(identity(payload, unmapped).actor, nullptr);
  EXPECT_EQ(identity(payload, ours).actor, nullptr);
  for (const char* text :
       {R"({"actort":7})", R"({"actort":"garbage"})", R"({"actort":"eyJhbGciOiJub25lIn0.!."})",
        R"({"actort":"eyJhbGciOiJub25lIn0.AAAA."})"})
    EXPECT_EQ(identity(text, original).actor, nullptr) << text;
}

TEST(ToIdentity, ShowsTheActorThatWasVerified) {
  Token token{.header = {}, .claims = ClaimSet::parse(R"({"sub":"ada"})", {}).value()};
  EXPECT_EQ(to_identity(token, {}).actor, nullptr);
  token.actor =
      std::make_unique<Token>(Token{.header = {}, .claims = ClaimSet::parse(R"({"sub":"bob"})", {}).value()});
  EXPECT_TRUE(to_identity(token, {}).actor->has_claim("sub", "bob"));
}

TEST(ToIdentity, SaysOfATokenWithoutAnIssuerThatItIsLocal) {
  for (const char* payload : {R"({"a":"b"})", R"({"a":"b","iss":""})", R"({"a":"b","iss":" \t"})"})
    EXPECT_EQ(identity(payload).claims.front().issuer, claims::local_authority) << payload;
}

TEST(ToIdentity, KeepsDatesAsWholeSeconds) {
  const ClaimsIdentity mapped = identity(R"({"exp":20.4,"nbf":10.5,"iat":5.5})");
  EXPECT_TRUE(mapped.has_claim("exp", "20") && mapped.has_claim("nbf", "10") && mapped.has_claim("iat", "6"));
  EXPECT_TRUE(identity(R"({"exp":253402300800})").has_claim("exp", "253402300800"))
      << "no date, but a number";
  for (const Claim& claim : mapped.claims) EXPECT_EQ(claim.value_type, ValueType::integer64) << claim.type;
}

TEST(MapInbound, KnowsTheOriginalsNames) {
  EXPECT_EQ(map_inbound("roles"), claims::claim_types::role);
  EXPECT_EQ(map_inbound("unique_name"), claims::claim_types::name);
  EXPECT_EQ(map_inbound("name"), "name");
  EXPECT_EQ(map_inbound("Role"), "Role");
  EXPECT_EQ(map_inbound("zzz"), "zzz");
}

}  // namespace
}  // namespace gatehouse::tokens
