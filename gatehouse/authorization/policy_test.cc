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

TEST(Combine, SaysWhenNoPolicyIsDefinedAtAll) {
  const AuthorizeData statement{.policy = "A"};
  const auto combined = combine(AuthorizationOptions(), {&statement}, {});
  ASSERT_FALSE(combined);
  EXPECT_NE(combined.error().subject.find("'A' is defined (none is)"), std::string::npos)
      << combined.error().subject;
}

TEST(Combine, RefusesEmptyRoles) {
  for (const std::vector<std::string>& roles : {std::vector<std::string>{}, {" "}, {"", " "}}) {
    const AuthorizeData statement{.roles = roles};
    EXPECT_FALSE(combine(orders(), {&statement}, {}));
  }
}

struct FaultCase {
  const char* name;
  void (*configure)(PolicyBuilder&);
  const char* expected;  // "" when there is no fault
};

constexpr const char* no_role = "requires roles but names none";
constexpr const char* no_scope = "requires a scope that is empty or has a space in it";
constexpr const char* of_nothing = "has an any_of, all_of or none_of of nothing";

const FaultCase fault_cases[] = {
    {"ARole", [](auto& p) { p.require_role("Admin"); }, ""},
    {"ABlankRole", [](auto& p) { p.require_role(" "); }, no_role},
    {"ABlankRoleAmongOthers", [](auto& p) { p.require_roles({"Admin", "\t"}); }, no_role},
    {"NoRole", [](auto& p) { p.require_roles({}); }, no_role},
    {"AScope", [](auto& p) { p.require_scope("orders.read"); }, ""},
    {"ABlankScope", [](auto& p) { p.require_scope(""); }, no_scope},
    {"TwoScopesInOne", [](auto& p) { p.require_scope("orders.read orders.write"); }, no_scope},
    {"NoScope", [](auto& p) { p.require_any_scope({}); }, no_scope},
    {"AnyOfNothing", [](auto& p) { p.require_any_of([](auto&) {}); }, of_nothing},
    {"AllOfNothing", [](auto& p) { p.require_all_of([](auto&) {}); }, of_nothing},
    {"NoneOfNothing", [](auto& p) { p.require_none_of([](auto&) {}); }, of_nothing},
    {"AnyOfARole", [](auto& p) { p.require_any_of([](auto& any) { any.require_role("A"); }); }, ""},
    {"AnyOfABlankRole", [](auto& p) { p.require_any_of([](auto& any) { any.require_role(""); }); }, no_role},
    {"AllOfABlankRole", [](auto& p) { p.require_all_of([](auto& all) { all.require_role(""); }); }, no_role},
    {"NoneOfABlankRole", [](auto& p) { p.require_none_of([](auto& none) { none.require_role(""); }); },
     no_role},
    {"ABlankRoleBeforeAGoodOne", [](auto& p) { p.require_role("").require_role("A"); }, no_role},
};

class PolicyFault : public testing::TestWithParam<FaultCase> {
 protected:
  static void expect_fault(const Error* found) {
    EXPECT_EQ(found == nullptr, *GetParam().expected == '\0') << (found ? found->subject : "");
    if (found) EXPECT_NE(found->subject.find(GetParam().expected), std::string::npos) << found->subject;
  }
};

TEST_P(PolicyFault, IsFoundAtTheStart) {
  AuthorizationOptions named;
  named.add_policy("P", GetParam().configure);
  const auto checked = named.check();
  expect_fault(checked ? nullptr : &checked.error());
}

TEST_P(PolicyFault, IsFoundInAPolicyOfAnEndpoint) {
  PolicyBuilder builder;
  GetParam().configure(builder);
  const AuthorizationPolicy policy = builder.build();
  const auto combined = combine(orders(), {}, {&policy});
  expect_fault(combined ? nullptr : &combined.error());
}

INSTANTIATE_TEST_SUITE_P(AuthorizationOptions, PolicyFault, testing::ValuesIn(fault_cases),
                         [](const auto& test) { return test.param.name; });

TEST(AuthorizationOptions, ChecksTheDefaultAndTheFallbackPolicyToo) {
  AuthorizationOptions options;
  options.fallback_policy = AuthorizationPolicy{};
  EXPECT_FALSE(options.check());
  options.fallback_policy = named_ada;
  EXPECT_TRUE(options.check());
  options.default_policy = {};
  EXPECT_FALSE(options.check());
}

TEST(AuthorizationOptions, AsksTheProviderForWhatNobodyDefined) {
  AuthorizationOptions options = orders();
  EXPECT_FALSE(options.find("Else"));
  options.policy_provider = [](std::string_view name) -> std::optional<AuthorizationPolicy> {
    if (name == "Nobody") return std::nullopt;
    AuthorizationPolicy made = named_ada;
    made.name = name == "Own" ? "its own name" : "";
    return made;
  };
  EXPECT_EQ(options.find("Else")->name, "Else");
  EXPECT_EQ(options.find("Own")->name, "its own name");
  EXPECT_FALSE(options.find("Nobody"));
  EXPECT_EQ(described(*options.find("ADMINONLY")), std::vector<std::string>{"role Admin"});
}

TEST(Combine, TakesNamesAndSchemesTogether) {
  AuthorizationOptions options = orders();
  const AuthorizeData both{.policy = "AdminOnly", .schemes = {"A", "B"}},
      more{.policy = "CanReadOrders", .schemes = {"B"}};
  AuthorizationPolicy unnamed =
      PolicyBuilder().require_user_name("ada").add_authentication_scheme("C").build();
  const auto combined = combine(options, {&both, &more}, {&unnamed});
  ASSERT_TRUE(combined && *combined);
  EXPECT_EQ((*combined)->name, "AdminOnly+CanReadOrders");
  EXPECT_EQ((*combined)->schemes, (std::vector<std::string>{"A", "B", "C"}));
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

TEST(Policies, TakeSeveralValuesOfAClaimInBraces) {
  const auto policy =
      PolicyBuilder().require_claim("tenant", {"blue", "green"}).require_claim("x", {"y"}).build();
  EXPECT_EQ(describe(policy.requirements.at(0)), "claim tenant = blue or green");
  EXPECT_EQ(describe(policy.requirements.at(1)), "claim x = y");
}

}  // namespace
}  // namespace gatehouse::authorization
