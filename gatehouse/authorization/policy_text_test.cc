#include "gatehouse/authorization/policy_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

namespace gatehouse::authorization {
namespace {

struct TextCase {
  const char* name;  // reads as the end of "Policy text …"
  const char* text;
  const char* described;  // each requirement in describe()'s words; empty: refused
};

constexpr TextCase text_cases[] = {
    {"KnowsWhoIsKnown", "authenticated", "an authenticated user"},
    {"ReadsItsOwnWordsForThat", "an authenticated user", "an authenticated user"},
    {"ReadsARole", "role Admin", "role Admin"},
    {"ReadsRoles", "role Admin or Clerk", "role Admin or Clerk"},
    {"ReadsScopes", "scope orders.read or orders.write", "scope orders.read or orders.write"},
    {"ReadsAClaim", "claim tenant", "claim tenant"},
    {"ReadsAClaimWithValues", "claim tenant = blue or green", "claim tenant = blue or green"},
    {"NeedsNoBlanksAroundTheEqualsSign", "claim tenant=blue", "claim tenant = blue"},
    {"ReadsAName", "name ada", "name ada"},
    {"JoinsByAnd", "role Admin and scope a or b", "role Admin; scope a or b"},
    {"IgnoresBlanksAround", "  authenticated  and  role Admin ", "an authenticated user; role Admin"},
    {"RefusesNothing", "", ""},
    {"RefusesAnUnknownWord", "rolle Admin", ""},
    {"RefusesAWordAlone", "role", ""},
    {"RefusesAnOpenEnd", "role Admin or ", ""},
    {"RefusesAnOpenAnd", "role Admin and ", ""},
    {"RefusesTwoNames", "name ada or bob", ""},
    {"RefusesBlanksInsideAWord", "scope orders read", ""},
    {"RefusesAClaimOfNoType", "claim = blue", ""},
    {"RefusesAClaimOfNoValue", "claim tenant = ", ""},
    {"RefusesAClaimNamedAnd", "claim and=blue", ""},
    {"RefusesAClaimNamedOr", "claim or", ""},
    {"RefusesARoleNamedOr", "role or or Admin", ""},
    {"RefusesAValueNamedAnd", "claim tenant = and", ""},
    {"ComparesItsWordsWithCase", "Role Admin", ""},
};

class PolicyText : public testing::TestWithParam<TextCase> {};

TEST_P(PolicyText, IsJudgedByTheTable) {
  const auto policy = parse_policy(GetParam().text);
  std::vector<std::string> parts;
  if (policy)
    for (const Requirement& requirement : policy->requirements) parts.push_back(describe(requirement));
  EXPECT_EQ(fmt::format("{}", fmt::join(parts, "; ")), GetParam().described);
}

INSTANTIATE_TEST_SUITE_P(Settings, PolicyText, testing::ValuesIn(text_cases),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace gatehouse::authorization
