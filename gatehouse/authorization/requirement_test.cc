#include "gatehouse/authorization/requirement.h"

#include <gtest/gtest.h>

#include "gatehouse/authorization/policy.h"

namespace gatehouse::authorization {
namespace {

using claims::Claim;
using claims::ClaimsIdentity;
using claims::ClaimsPrincipal;
using claims::ValueType;

constexpr const char* home = "https://home.example";
constexpr const char* partner = "https://partner.example";

ClaimsPrincipal ada() {
  ClaimsIdentity identity{.authentication_type = "Bearer",
                          .name_claim_types = {"name", "sub"},
                          .role_claim_types = {"role", "roles"}};
  for (const auto& [type, value] : {std::pair{"sub", "ada"},
                                    {"role", "Admin"},
                                    {"scope", "orders.read orders.list"},
                                    {"scp", "files.read"},
                                    {"custom", "orders.delete"}})
    identity.claims.push_back({.type = type, .value = value, .issuer = home});
  identity.claims.push_back({.type = "role", .value = "Guest", .issuer = partner});
  identity.claims.push_back(
      {.type = "scope", .value = R"({"a":"orders.write"})", .value_type = ValueType::json, .issuer = home});
  identity.claims.push_back(
      {.type = "scope", .value = "orders.a\torders.b,orders.c\norders.d", .issuer = home});
  identity.claims.push_back({.type = "scope", .value = "orders.x  orders.y", .issuer = home});
  identity.claims.push_back(
      {.type = "scope", .value = "7", .value_type = ValueType::integer32, .issuer = home});
  identity.claims.push_back(
      {.type = "urn:scope", .value = "orders.mapped", .issuer = home, .short_type = "scp"});
  return ClaimsPrincipal(std::move(identity));
}

ClaimsPrincipal nobody() {
  return ClaimsPrincipal(ClaimsIdentity{.claims = {{.type = "scope", .value = "orders.read"}}});
}

struct RequirementCase {
  const char* name;
  Requirement requirement;
  Verdict expected;
  Verdict of_nobody = Verdict::unmet;
};

using Inner = std::vector<Requirement>;

class Wish final : public CustomRequirement {
 public:
  std::string describe() const override { return "a wish"; }
};
const Requirement wish = std::shared_ptr<const CustomRequirement>(std::make_shared<const Wish>());
const Requirement admin = RolesRequirement{{"Admin"}};
const Requirement clerk = RolesRequirement{{"Clerk"}};

constexpr auto met = Verdict::met;
constexpr auto unmet = Verdict::unmet;
constexpr auto unknown = Verdict::unknown;

const RequirementCase requirement_cases[] = {
    {"AuthenticatedUser", AuthenticatedRequirement{}, met},
    {"ARoleSheHas", RolesRequirement{{"Clerk", "Admin"}}, met},
    {"ARoleInAnotherCase", RolesRequirement{{"admin"}}, unmet},
    {"ARoleInAClaimThatIsNoRole", RolesRequirement{{"ada"}}, unmet},
    {"NoRoleAtAll", RolesRequirement{{}}, unmet},
    {"ARoleByItsIssuer", RolesRequirement{{"Admin"}, home}, met},
    {"ARoleThatAnotherIssuerGave", RolesRequirement{{"Admin"}, partner}, unmet},
    {"TheRoleThatThePartnerGave", RolesRequirement{{"Guest"}, partner}, met},
    {"AClaimOfThatType", ClaimRequirement{"scp", {}}, met},
    {"AClaimTypeInAnotherCase", ClaimRequirement{"Scp", {"files.read"}}, met},
    {"AClaimValueInAnotherCase", ClaimRequirement{"scp", {"Files.Read"}}, unmet},
    {"OneOfSeveralValues", ClaimRequirement{"scp", {"files.write", "files.read"}}, met},
    {"AValueOfAnotherClaim", ClaimRequirement{"scp", {"Admin"}}, unmet},
    {"AClaimSheLacks", ClaimRequirement{"tenant", {}}, unmet},
    {"AValueThatOnlyBeginsTheSame", ClaimRequirement{"scp", {"files"}}, unmet},
    {"AClaimThatAnotherIssuerMade", ClaimRequirement{"scp", {"files.read"}, partner}, unmet},
    {"AScopeOfTheList", ScopeRequirement{{"orders.list"}}, met},
    {"TheFirstScopeOfTheList", ScopeRequirement{{"orders.read"}}, met},
    {"AScopeInScp", ScopeRequirement{{"files.read"}}, met},
    {"OneOfSeveralScopes", ScopeRequirement{{"orders.write", "files.read"}}, met},
    {"AScopeInAnotherCase", ScopeRequirement{{"orders.Read"}}, unmet},
    {"AScopeThatOnlyBeginsTheSame", ScopeRequirement{{"orders"}}, unmet},
    {"ATabSeparatesNothing", ScopeRequirement{{"orders.a"}}, unmet},
    {"ACommaSeparatesNothing", ScopeRequirement{{"orders.c"}}, unmet},
    {"ALineEndSeparatesNothing", ScopeRequirement{{"orders.d"}}, unmet},
    {"AScopeWithinAnObject", ScopeRequirement{{"orders.write"}}, unmet},
    {"AScopeAfterTwoSpaces", ScopeRequirement{{"orders.y"}}, met},
    {"AScopeOfAClaimThatWasMapped", ScopeRequirement{{"orders.mapped"}}, met},
    {"AScopeThatIsANumber", ScopeRequirement{{"7"}}, unmet},
    {"AScopeInAnotherClaim", ScopeRequirement{{"orders.delete"}}, unmet},
    {"TheEmptyScope", ScopeRequirement{{""}}, unmet},
    {"AScopeOfAnotherIssuer", ScopeRequirement{{"orders.read"}, partner}, unmet},
    {"HerName", NameRequirement{"ada"}, met},
    {"AnotherName", NameRequirement{"Ada"}, unmet},
    {"AnAssertionThatHolds", AssertionRequirement{"yes", [](const ClaimsPrincipal&) { return true; }}, met,
     met},
    {"AnAssertionThatDoesNot", AssertionRequirement{"no", [](const ClaimsPrincipal&) { return false; }},
     unmet},
    {"AnyOfOneThatHolds", AnyOfRequirement{{clerk, admin}}, met},
    {"AnyOfNoneThatHolds", AnyOfRequirement{{clerk}}, unmet},
    {"AnyOfNothing", AnyOfRequirement{}, unmet},
    {"AnyOfAnUnknownOne", AnyOfRequirement{{clerk, wish}}, unknown, unknown},
    {"AllOfThoseThatHold", AllOfRequirement{{admin, AuthenticatedRequirement{}}}, met},
    {"AllOfButOne", AllOfRequirement{{admin, clerk}}, unmet},
    {"AllOfNothing", AllOfRequirement{}, unknown, unknown},
    {"AllOfWithAnUnknownOne", AllOfRequirement{{admin, wish}}, unknown, unmet},
    {"NoneOfThoseSheLacks", NoneOfRequirement{{clerk}}, met},
    {"NoneOfOneSheHas", NoneOfRequirement{{clerk, admin}}, unmet},
    {"NoneOfNothing", NoneOfRequirement{}, unknown, unknown},
    {"NoneOfAnUnknownOne", NoneOfRequirement{{wish}}, unknown, unknown},
    {"NotAnythingButHerself", AllOfRequirement{{NoneOfRequirement{{clerk}}, AnyOfRequirement{{admin, wish}}}},
     met},
    {"ACustomOneThatNobodyJudged", wish, unknown, unknown},
};

class RequirementTest : public testing::TestWithParam<RequirementCase> {};

TEST_P(RequirementTest, IsMetUnmetOrUnknown) {
  EXPECT_EQ(judge(GetParam().requirement, ada()), GetParam().expected);
  EXPECT_EQ(judge(GetParam().requirement, *ClaimsPrincipal::anonymous()), GetParam().of_nobody);
}

INSTANTIATE_TEST_SUITE_P(Requirement, RequirementTest, testing::ValuesIn(requirement_cases),
                         [](const auto& test) { return test.param.name; });

TEST(Requirement, AScopeOfAnIdentityThatNobodyAuthenticatedCountsForNothing) {
  EXPECT_EQ(judge(ScopeRequirement{{"orders.read"}}, nobody()), unmet);
}

TEST(Requirement, SaysWhatItDemands) {
  const auto policy = PolicyBuilder()
                          .require_any_of([](PolicyBuilder& any) {
                            any.require_role("Admin").require_all_of([](PolicyBuilder& all) {
                              all.require_scope("orders.write").require_claim("tenant", "acme");
                            });
                          })
                          .from_issuer(home)
                          .require_none_of([](PolicyBuilder& none) { none.require_roles({"A", "B"}); })
                          .require<Wish>()
                          .build();
  ASSERT_EQ(policy.requirements.size(), 3u);
  EXPECT_EQ(describe(policy.requirements[0]),
            "any of (role Admin; all of (scope orders.write; claim tenant = acme))");
  EXPECT_EQ(describe(policy.requirements[1]), "none of (role A or B said by https://home.example)");
  EXPECT_EQ(describe(policy.requirements[2]), "a wish");
  EXPECT_EQ(describe(ClaimRequirement{"tenant", {}}), "claim tenant");
}

}  // namespace
}  // namespace gatehouse::authorization
