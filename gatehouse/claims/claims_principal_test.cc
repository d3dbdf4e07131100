#include "gatehouse/claims/claims_principal.h"

#include <gtest/gtest.h>

namespace gatehouse::claims {
namespace {

ClaimsIdentity identity(std::string authentication_type, std::vector<Claim> claims) {
  return {.claims = std::move(claims),
          .authentication_type = std::move(authentication_type),
          .name_claim_types = {"name", "sub"},
          .role_claim_types = {"role", "roles"}};
}

TEST(ClaimsPrincipal, AnonymousHasAnIdentityThatIsNotAuthenticated) {
  const ClaimsPrincipal& nobody = *ClaimsPrincipal::anonymous();
  ASSERT_NE(nobody.identity(), nullptr);
  EXPECT_FALSE(nobody.is_authenticated());
  EXPECT_EQ(nobody.name(), std::nullopt);
}

TEST(ClaimsPrincipal, IsAuthenticatedWhenAnyIdentityIs) {
  EXPECT_FALSE(ClaimsPrincipal().is_authenticated());
  const ClaimsPrincipal mixed({identity("", {}), identity("Bearer", {})});
  EXPECT_TRUE(mixed.is_authenticated());
}

struct RoleCase {
  const char* name;
  const char* role;
  bool expected;
};

constexpr RoleCase role_cases[] = {
    {"FindsARoleOfTheFirstType", "Admin", true},
    {"FindsARoleOfTheSecondType", "Clerk", true},
    {"ComparesWithCase", "admin", false},
    {"FindsNoRoleInOtherClaims", "ada", false},
    {"FindsNoEmptyRole", "", false},
};

class Role : public testing::TestWithParam<RoleCase> {};

TEST_P(Role, IsLookedUpInEveryRoleClaim) {
  const ClaimsPrincipal ada(identity("Bearer", {{.type = "sub", .value = "ada"},
                                                {.type = "role", .value = "Admin"},
                                                {.type = "roles", .value = "Clerk"}}));
  EXPECT_EQ(ada.is_in_role(GetParam().role), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(ClaimsPrincipal, Role, testing::ValuesIn(role_cases),
                         [](const auto& test) { return test.param.name; });

TEST(ClaimsPrincipal, TakesItsNameFromTheFirstNameClaimThatIsPresent) {
  EXPECT_EQ(ClaimsPrincipal(identity("Bearer", {{.type = "sub", .value = "7"}})).name(), "7");
  EXPECT_EQ(
      ClaimsPrincipal(identity("Bearer", {{.type = "sub", .value = "7"}, {.type = "name", .value = "Ada"}}))
          .name(),
      "Ada");
}

TEST(ClaimsPrincipal, LooksForClaimsInEveryIdentityInOrder) {
  const ClaimsPrincipal two(
      {identity("A", {{.type = "scope", .value = "read"}}),
       identity("B", {{.type = "scope", .value = "write"}, {.type = "tid", .value = "t1"}})});
  EXPECT_EQ(two.find_first("scope"), "read");
  EXPECT_EQ(two.find_first("tid"), "t1");
  EXPECT_EQ(two.find_first("none"), "");
  EXPECT_EQ(two.find_claim("none"), nullptr);
  EXPECT_EQ(two.find_all("scope").size(), 2u);
  EXPECT_TRUE(two.has_claim("scope", "write"));
  EXPECT_FALSE(two.has_claim("scope", "Write"));
  EXPECT_FALSE(two.has_claim("tid", "write"));
  EXPECT_EQ(two.find_claim("none"), nullptr);
}

TEST(ClaimsPrincipal, HasARoleThatAnyIdentityHas) {
  const ClaimsPrincipal two({identity("A", {}), identity("B", {{.type = "role", .value = "Admin"}})});
  EXPECT_TRUE(two.is_in_role("Admin"));
  EXPECT_FALSE(two.is_in_role("Clerk"));
}

TEST(ClaimsPrincipal, IsNamedByTheFirstIdentityThatIsAuthenticated) {
  const ClaimsIdentity stranger = identity("", {{.type = "sub", .value = "eve"}});
  const ClaimsIdentity ada = identity("Bearer", {{.type = "sub", .value = "ada"}});
  EXPECT_EQ(ClaimsPrincipal({stranger, ada}).name(), "ada");
  EXPECT_EQ(ClaimsPrincipal(stranger).name(), "eve");
  EXPECT_EQ(ClaimsPrincipal().identity(), nullptr);
  EXPECT_EQ(ClaimsPrincipal().name(), std::nullopt);
}

TEST(WithClaim, AddsToTheFirstIdentityAndLeavesTheOriginalAlone) {
  const ClaimsPrincipal two({identity("A", {}), identity("B", {})});
  const auto more = with_claim(two, {.type = "role", .value = "Admin"});
  EXPECT_TRUE(more->identities().at(0).is_in_role("Admin"));
  EXPECT_EQ(more->identities().size(), 2u);
  EXPECT_FALSE(two.is_in_role("Admin"));
  EXPECT_TRUE(with_claim(ClaimsPrincipal(), {.type = "a", .value = "b"})->has_claim("a", "b"));
}

}  // namespace
}  // namespace gatehouse::claims
