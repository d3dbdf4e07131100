#include "gatehouse/settings/guard_settings.h"

#include <gtest/gtest.h>

#include "gatehouse/jose/jws.h"
#include "gatehouse/tokens/token_descriptor.h"

namespace gatehouse::settings {
namespace {

using authorization::Guard;
using configuration::ConfigurationBuilder;
using configuration::Environment;
using configuration::Faults;

constexpr const char* secret = "kJ8v2QpXz7LmN4sT9wYb3RcF6hGd1AeU0iOq";

authorization::GuardBuilder read(const std::string& authorization, Faults& faults) {
  ConfigurationBuilder builder(faults);
  builder.add_json_text(
      "appsettings.json",
      R"({"Jwt":{"Issuer":"https://i","Audience":"api"},"Authorization":)" + authorization + "}");
  builder.add_environment({{"Jwt__SigningKey", secret}});
  std::vector<std::string> warnings;
  return read_guard_settings(builder.build(), Environment("Production"), warnings, faults);
}

std::string bearer(const char* role) {
  const Instant now = SystemClock().now();
  tokens::TokenDescriptor descriptor{.issuer = "https://i",
                                     .audiences = {"api"},
                                     .subject = "ada",
                                     .issued_at = now,
                                     .not_before = now,
                                     .expires = now + Seconds(600)};
  descriptor.claims.emplace_back("role", std::string(role));
  return "Bearer " +
         tokens::write(descriptor, jose::Key::symmetric(Secret(secret)), jose::Algorithm::HS256).value();
}

TEST(GuardSettings, GuardRoutesByNamedPoliciesAndByTexts) {
  Faults faults;
  auto builder = read(R"({"Policies": {"CanRead": "role Reader or Admin"}, "FallbackPolicy": "authenticated",
                          "Routes": ["GET /orders/{id:int}: CanRead", "/admin/{*path}: role Admin", "/open: anonymous"]})",
                      faults);
  ASSERT_TRUE(faults.empty()) << faults.all().front().message;
  const Guard guard = builder.build().value();
  const auto status = [&](const char* method, const char* target, const std::string& authorization) {
    return guard.check({.method = method, .target = target, .authorization = authorization}).status;
  };
  EXPECT_EQ(status("GET", "/orders/7", bearer("Reader")), 200);
  EXPECT_EQ(status("GET", "/orders/7", bearer("Clerk")), 403);
  EXPECT_EQ(status("DELETE", "/admin/x", bearer("Reader")), 403);
  EXPECT_EQ(status("DELETE", "/admin/x", bearer("Admin")), 200);
  EXPECT_EQ(status("GET", "/open", ""), 200);
  EXPECT_EQ(status("GET", "/else", ""), 401);
  EXPECT_EQ(status("GET", "/else", bearer("Clerk")), 200);
}

struct FaultCase {
  const char* name;
  const char* authorization;
  const char* expected;
};

constexpr FaultCase fault_cases[] = {
    {"AnUnknownSetting", R"({"Policy": {}, "Polices": "x"})", "did you mean 'Authorization:Policies'?"},
    {"APolicyThatIsNone", R"({"Policies": {"P": "rolle Admin"}})", "'rolle Admin' is no requirement"},
    {"ARouteWithoutAPolicy", R"({"Routes": ["GET /orders"]})", "write a route as"},
    {"ARouteWithoutAPath", R"({"Routes": ["orders: role Admin"]})", "write a route as"},
    {"ARouteOfAnUndefinedPolicy", R"({"Routes": ["/orders: CanReed"]})", "'CanReed' is no requirement"},
    {"AFallbackThatIsNone", R"({"FallbackPolicy": "everybody"})", "'everybody' is no requirement"},
};

class GuardFault : public testing::TestWithParam<FaultCase> {};

TEST_P(GuardFault, NamesTheSettingAndTheFix) {
  Faults faults;
  read(GetParam().authorization, faults);
  ASSERT_EQ(faults.all().size(), 1u);
  EXPECT_TRUE(faults.all().front().message.contains(GetParam().expected)) << faults.all().front().message;
  EXPECT_TRUE(faults.all().front().where.starts_with("appsettings.json:1:")) << faults.all().front().where;
}

INSTANTIATE_TEST_SUITE_P(Settings, GuardFault, testing::ValuesIn(fault_cases),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace gatehouse::settings
