#include "gatehouse/testing/test_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gatehouse/hosting/web_application.h"
#include "gatehouse/testing/fake_clock.h"
#include "gatehouse/testing/test_issuer.h"

namespace gatehouse::testing {
namespace {

using ::testing::HasSubstr;

// An application as a user would write it, with everything a test may look at.
class TestServers : public ::testing::Test {
 protected:
  TestServers() {
    builder.use_clock(clock);
    builder.use_log_sink([this](diagnostics::Level, std::string_view line) { log.emplace_back(line); });
    builder.services.add_authentication().add_jwt_bearer(
        [this](auto& options) { issuer.configure(options); });
    builder.services.add_authorization(
        [](auto& options) { options.add_policy("AdminOnly", [](auto& p) { p.require_role("Admin"); }); });
    app.emplace(builder.build());
    app->use_authentication();
    app->use_authorization();
    app->map_get("/open", [](http::HttpContext& context) {
      return http::results::text(std::string(context.user().name().value_or("nobody")));
    });
    app->map_get("/me",
                 [](http::HttpContext& context) {
                   return http::results::text(std::string(context.user().name().value_or("nobody")));
                 })
        .require_authorization();
    app->map_post(
           "/admin",
           [](http::HttpContext& context) { return http::results::text(std::string(context.request.body)); })
        .require_authorization("AdminOnly");
    server.emplace(*app);
  }

  std::shared_ptr<FakeClock> clock = std::make_shared<FakeClock>();
  TestIssuer issuer{*clock};
  hosting::WebApplicationBuilder builder{"test"};
  std::vector<std::string> log;
  std::optional<hosting::WebApplication> app;
  std::optional<TestServer> server;
};

TEST_F(TestServers, AnswersAsTheHostWould) {
  EXPECT_EQ(server->get("/open").body, "nobody");
  EXPECT_EQ(server->get("/me").status, 401);
  EXPECT_EQ(server->get("/me").challenge(), "Bearer");
  EXPECT_EQ(server->get("/me", issuer.token().subject("ada")).body, "ada");
  EXPECT_EQ(server->post("/admin", issuer.token()).status, 403);
  EXPECT_EQ(server->post("/admin", issuer.token().role("Admin"), "said").body, "said");
  EXPECT_EQ(server->get("/a//b").status, 400);
  EXPECT_EQ(server->get("/nowhere").status, 404);
}

TEST_F(TestServers, TimeMovesByHand) {
  const std::string token = issuer.token().lifetime(Seconds(60));
  EXPECT_EQ(server->get("/me", token).status, 200);
  clock->advance(Seconds(121));  // the lifetime and the skew
  EXPECT_EQ(server->get("/me", token).status, 401);
}

TEST_F(TestServers, TakesAUserForGranted) {
  EXPECT_EQ(server->send(TestRequest{.target = "/me"}.with_user(make_user({{"name", "ada"}}))).body, "ada");
  const auto as = [this](const char* role) {
    return server
        ->send(TestRequest{.method = "POST", .target = "/admin"}.with_user(make_user({{"role", role}})))
        .status;
  };
  EXPECT_EQ(as("Admin"), 200);
  EXPECT_EQ(as("Clerk"), 403);
}

struct WrongToken {
  const char* code;
  TestToken& (*bend)(TestToken&);
};

const WrongToken wrong_tokens[] = {
    {"expired", [](TestToken& t) -> TestToken& { return t.expired_by(Seconds(61)); }},
    {"not_yet_valid", [](TestToken& t) -> TestToken& { return t.valid_only_in(Seconds(61)); }},
    {"audience_invalid", [](TestToken& t) -> TestToken& { return t.for_audience("api://other"); }},
    {"issuer_invalid", [](TestToken& t) -> TestToken& { return t.from_issuer("https://other.test"); }},
    {"type_invalid", [](TestToken& t) -> TestToken& { return t.of_type("logout+jwt"); }},
    {"signature_invalid", [](TestToken& t) -> TestToken& { return t.signed_by_another_key(); }},
    {"key_not_found", [](TestToken& t) -> TestToken& { return t.with_unknown_kid(); }},
    {"no_expiration", [](TestToken& t) -> TestToken& { return t.without_expiration(); }},
    {"no_signature", [](TestToken& t) -> TestToken& { return t.without_signature(); }},
    {"malformed", [](TestToken& t) -> TestToken& { return t.truncated(); }},
};

class WrongTokens : public TestServers, public ::testing::WithParamInterface<WrongToken> {};

TEST_P(WrongTokens, AreRefusedForTheReasonChosen) {
  TestToken token = issuer.token();
  GetParam().bend(token);
  EXPECT_EQ(server->get("/me", token).status, 401);
  ASSERT_EQ(log.size(), 1u);
  EXPECT_THAT(log[0], HasSubstr(std::string("\"code\":\"") + GetParam().code + '"'));
}

INSTANTIATE_TEST_SUITE_P(TestIssuer, WrongTokens, ::testing::ValuesIn(wrong_tokens),
                         [](const auto& test) { return test.param.code; });

}  // namespace
}  // namespace gatehouse::testing
