#include "gatehouse/hosting/application_pipeline.h"

#include <gtest/gtest.h>

namespace gatehouse::hosting {
namespace {

using configuration::Faults;
using enum StepKind;

struct OrderCase {
  const char* name;
  PipelineFacts facts;
  const char* expected;  // a part of the only fault; empty for none
};

const OrderCase order_cases[] = {
    {"TheRightOrder",
     {.steps = {https_redirection, authentication, authorization},
      .has_schemes = true,
      .protected_endpoints = {"GET /a"}},
     ""},
    {"NothingProtected", {}, ""},
    {"AuthorizationFirst",
     {.steps = {authorization, authentication}, .has_schemes = true},
     "comes before use_authentication()"},
    {"AuthorizationAlone",
     {.steps = {authorization}, .has_schemes = true},
     "has no use_authentication() before it"},
    {"AuthenticationWithoutAScheme", {.steps = {authentication}}, "has no scheme to ask"},
    {"AProtectedEndpointWithoutAuthorization",
     {.steps = {authentication}, .has_schemes = true, .protected_endpoints = {"GET /a"}},
     "GET /a demands authorization"},
    {"AFallbackPolicyWithoutAuthorization",
     {.steps = {authentication}, .has_schemes = true, .has_fallback_policy = true},
     "a fallback policy is set"},
};

class Order : public testing::TestWithParam<OrderCase> {};

TEST_P(Order, IsCheckedAtTheStart) {
  Faults faults;
  check_pipeline(GetParam().facts, faults);
  const std::string expected = GetParam().expected;
  ASSERT_EQ(faults.all().size(), expected.empty() ? 0u : 1u);
  if (!expected.empty()) {
    EXPECT_NE(faults.all().front().message.find(expected), std::string::npos) << faults.all().front().message;
  }
}

INSTANTIATE_TEST_SUITE_P(Pipeline, Order, testing::ValuesIn(order_cases),
                         [](const auto& test) { return test.param.name; });

struct RedirectCase {
  const char* name;
  http::Request request;
  int port;
  const char* expected;  // Location; empty when the request goes on
};

const RedirectCase redirect_cases[] = {
    {"KeepsHostPathAndQuery",
     {.path = "/a/b", .query = "x=1&y", .host = "localhost:5080"},
     5443,
     "https://localhost:5443/a/b?x=1&y"},
    {"LeavesOutTheUsualPort", {.path = "/", .host = "api.example"}, 443, "https://api.example/"},
    {"KeepsAnIpv6Literal", {.path = "/", .host = "[::1]:80"}, 8443, "https://[::1]:8443/"},
    {"EncodesWhatWasDecoded", {.path = "/a b\r\nX: y", .host = "h"}, 443, "https://h/a%20b%0D%0AX:%20y"},
    {"LetsHttpsThrough", {.path = "/", .host = "h", .is_https = true}, 443, ""},
    {"LetsThroughWithoutAnHttpsAddress", {.path = "/", .host = "h"}, 0, ""},
};

class Redirect : public testing::TestWithParam<RedirectCase> {};

TEST_P(Redirect, SendsHttpToHttps) {
  http::Pipeline pipeline;
  pipeline.use(use_https_redirection([] { return GetParam().port; }));
  const http::ServiceCollection services;
  const SystemClock clock;
  http::HttpContext context(GetParam().request, services, clock);
  start(pipeline.run(context), [] {});
  const std::string expected = GetParam().expected;
  EXPECT_EQ(context.response.status, expected.empty() ? 404 : 307);
  EXPECT_EQ(context.response.headers.find("Location").value_or(""), expected);
}

INSTANTIATE_TEST_SUITE_P(Https, Redirect, testing::ValuesIn(redirect_cases),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace gatehouse::hosting
