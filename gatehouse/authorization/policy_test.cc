#include "gatehouse/authorization/policy.h"

#include <gtest/gtest.h>

namespace gatehouse::authorization {
namespace {

AuthorizationOptions orders() {
  AuthorizationOptions options;
  options.add_policy("AdminOnly", [](PolicyBuilder& policy) { policy.require_role("Admin"); });
  options.add_policy("CanReadOrders",
                     [](PolicyBuilder& policy) { policy.require_claim("scope", "orders.read"); });
  return options;
}

std::vector<std::string> described(const AuthorizationPolicy& policy) {
  std::vector<std::string> all;
  for (const Requirement& requirement : policy.requirements) all.push_back(describe(requirement));
  return all;
}

struct CombineCase {
  const char* name;
  std::vector<AuthorizeData> statements;
  std::vector<AuthorizationPolicy> inline_policies;
  std::vector<std::string> expected;
};

const AuthorizationPolicy named_ada = PolicyBuilder().require_user_name("ada").build();

const CombineCase combine_cases[] = {
    {"PlainIsTheDefaultPolicy", {{}}, {}, {"an authenticated user"}},
    {"NamedPolicyReplacesTheDefault", {{.policy = "AdminOnly"}}, {}, {"role Admin"}},
    {"NamesCompareWithoutCase", {{.policy = "adminonly"}}, {}, {"role Admin"}},
    {"RolesReplaceTheDefault", {{.roles = {{"A", "B"}}}}, {}, {"role A or B"}},
    {"BlankRolesAreLeftOut", {{.roles = {{"A", ""}}}}, {}, {"role A"}},
    {"StatementsAddUp",
     {{.policy = "AdminOnly"}, {.policy = "CanReadOrders"}},
     {},
     {"role Admin", "claim scope = orders.read"}},
    {"PolicyAndRolesOfOneStatementAddUp",
     {{.policy = "AdminOnly", .roles = {{"B"}}}},
     {},
     {"role Admin", "role B"}},
    {"AnInlinePolicyReplacesTheDefault", {}, {named_ada}, {"name ada"}},
    {"APlainStatementBesideAnInlinePolicyAddsNothing", {{}}, {named_ada}, {"name ada"}},
};

class Combine : public testing::TestWithParam<CombineCase> {};

TEST_P(Combine, GivesTheRequirementsOfAllStatements) {
  std::vector<const AuthorizeData*> statements;
  for (const auto& statement : GetParam().statements) statements.push_back(&statement);
  std::vector<const AuthorizationPolicy*> inline_policies;
  for (const auto& policy : GetParam().inline_policies) inline_policies.push_back(&policy);

  const auto combined = combine(orders(), statements, inline_policies);

  ASSERT_TRUE(combined && *combined);
  EXPECT_EQ(described(**combined), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(AspNetCore, Combine, testing::ValuesIn(combine_cases),
                         [](const auto& test) { return test.param.name; });

TEST(Combine, SayingNothingMeansTheFallbackPolicyOrNone) {
  AuthorizationOptions options = orders();
  EXPECT_FALSE(combine(options, {}, {})->has_value());
  options.fallback_policy = named_ada;
  EXPECT_EQ(described(**combine(options, {}, {})), std::vector<std::string>{"name ada"});
}

TEST(Combine, RefusesAPolicyNobodyDefinedAndNamesThoseThatAre) {
  const AuthorizeData statement{.policy = "AdminsOnly"};
  const auto combined = combine(orders(), {&statement}, {});
  ASSERT_FALSE(combined);
  EXPECT_EQ(
      combined.error().subject,
      "no authorization policy 'AdminsOnly' is defined (defined are: AdminOnly, CanReadOrders); add it with "
      "add_policy(\"AdminsOnly\", …) in add_authorization");
}

TEST(Combine, RefusesEmptyRoles) {
  for (const std::vector<std::string>& roles : {std::vector<std::string>{}, {" "}, {"", " "}}) {
    const AuthorizeData statement{.roles = roles};
    EXPECT_FALSE(combine(orders(), {&statement}, {}));
  }
}

TEST(AuthorizationOptions, RefusesAPolicyThatWouldLetEverybodyIn) {
  AuthorizationOptions options = orders();
  EXPECT_TRUE(options.check());
  options.add_policy("Open", [](PolicyBuilder&) {});
  EXPECT_NE(options.check().error().subject.find("'Open'"), std::string::npos);
}

TEST(AuthorizationPolicy, NamesASchemeOnce) {
  PolicyBuilder builder;
  builder.require_authenticated_user().add_authentication_scheme("A").add_authentication_scheme("A");
  EXPECT_EQ(builder.build().schemes, std::vector<std::string>{"A"});
}

}  // namespace
}  // namespace gatehouse::authorization
