#include "gatehouse/hosting/routes.h"

#include <gtest/gtest.h>

namespace gatehouse::hosting {
namespace {

using authorization::AuthorizeData;

http::Response ok() { return http::results::ok(); }

std::vector<std::string> policies_of(const http::Endpoint& endpoint) {
  std::vector<std::string> names;
  for (const AuthorizeData* statement : endpoint.metadata.all<AuthorizeData>())
    names.push_back(statement->policy);
  return names;
}

class RoutesTest : public testing::Test {
 protected:
  const http::Endpoint& only_endpoint() {
    routes_.add_to(table_);
    EXPECT_TRUE(table_.check());
    return *table_.endpoints().front();
  }
  Routes routes_;
  http::RouteTable table_;
};

struct PatternCase {
  const char* name;
  const char* prefix;
  const char* pattern;
  const char* expected;
};

constexpr PatternCase pattern_cases[] = {
    {"Joined", "/api/orders", "/{id:int}", "/api/orders/{id:int}"},
    {"RootOfAGroup", "/api/orders", "/", "/api/orders"},
    {"WithoutSlashes", "api/orders", "list", "/api/orders/list"},
    {"SlashesAtTheSeam", "/api/", "/orders", "/api/orders"},
    {"RootOfAll", "", "/", "/"},
};

class Pattern : public RoutesTest, public testing::WithParamInterface<PatternCase> {};

TEST_P(Pattern, IsTheGroupsPrefixAndItsOwn) {
  routes_.root().map_group(GetParam().prefix).map_get(GetParam().pattern, ok);
  EXPECT_EQ(only_endpoint().pattern, GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(Routes, Pattern, testing::ValuesIn(pattern_cases),
                         [](const auto& test) { return test.param.name; });

TEST_F(RoutesTest, AGroupsDemandsComeBeforeAnEndpointsOwnWheneverTheyWereSaid) {
  RouteGroup outer = routes_.root().map_group("/a").require_authorization("Outer");
  RouteGroup inner = outer.map_group("/b");
  inner.map_get("/c", ok).require_authorization("Own");
  inner.require_authorization("Inner");
  EXPECT_EQ(policies_of(only_endpoint()), (std::vector<std::string>{"Outer", "Inner", "Own"}));
}

TEST_F(RoutesTest, AnEndpointOutsideAGroupHasNoneOfItsDemands) {
  RouteGroup root = routes_.root();
  root.map_group("/a").require_authorization("Outer");
  root.map_get("/c", ok);
  EXPECT_TRUE(policies_of(only_endpoint()).empty());
}

TEST_F(RoutesTest, RolesAndAnonymityAreSaidLikePolicies) {
  routes_.root().map_get("/c", ok).require_role("Admin").allow_anonymous();
  const http::Endpoint& endpoint = only_endpoint();
  EXPECT_EQ(endpoint.metadata.all<AuthorizeData>().front()->roles, std::vector<std::string>{"Admin"});
  EXPECT_TRUE(endpoint.metadata.has<authorization::AllowAnonymous>());
}

}  // namespace
}  // namespace gatehouse::hosting
