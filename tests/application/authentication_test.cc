#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/application/application_fixture.h"

namespace gatehouse {
namespace {

using Authentication = ApplicationTest;
using testing::TestIssuer;
using testing::TestRequest;

Response who(HttpContext& context) {
  return results::text(std::string(context.user().name().value_or("nobody")));
}

TEST_F(Authentication, TwoTokensInARequestAre400) {
  add_bearer([](JwtBearerOptions& options) { options.token_sources.query = true; });
  builder.services.add_authorization();
  auto& api = serve([](WebApplication& on) { on.map_get("/", who).require_authorization(); });
  const std::string token = issuer.token().subject("ada");
  EXPECT_EQ(api.get("/?access_token=" + token).body, "ada");
  const auto both = api.get("/?access_token=" + token, token);
  EXPECT_EQ(both.status, 400);
  EXPECT_EQ(both.challenge(), R"(Bearer error="invalid_request")");
  EXPECT_EQ(count_logged(R"("code":"several_tokens")"), 1u);
  EXPECT_EQ(count_logged(token.substr(token.size() / 2)), 0u);
}

TEST_F(Authentication, ACookieCountsOnlyWhereItIsNamed) {
  add_bearer([](JwtBearerOptions& options) { options.token_sources.cookie = "session"; });
  builder.services.add_authorization();
  auto& api = serve([](WebApplication& on) { on.map_get("/", who).require_authorization(); });
  const std::string token = issuer.token().subject("ada");
  const auto with = [&](const std::string& cookie) {
    return api.send(TestRequest{.target = "/"}.with_header("Cookie", cookie + "=" + token)).status;
  };
  EXPECT_EQ(with("session"), 200);
  EXPECT_EQ(with("other"), 401);
}

TEST_F(Authentication, ATransformationAddsClaimsOnceARequest) {
  int runs = 0;
  add_bearer();
  builder.services.add_claims_transformation([&runs](authentication::ClaimsTransformationContext& context) {
    ++runs;
    context.add_claim({.type = "role", .value = "Member"});
  });
  builder.services.add_authorization([](AuthorizationOptions& options) {
    options.add_policy("Member", [](PolicyBuilder& p) {
      p.add_authentication_scheme("Bearer").require_role("Member");  // the scheme is asked a second time
    });
  });
  auto& api = serve([](WebApplication& on) { on.map_get("/", who).require_authorization("Member"); });
  EXPECT_EQ(api.get("/", issuer.token()).status, 200);
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(api.get("/", issuer.token().expired_by(Seconds(100))).status, 401);
  EXPECT_EQ(runs, 1) << "nobody was authenticated";
}

TEST_F(Authentication, ATransformationMayWait) {
  WorkerPool pool("claims", 1, 8);
  add_bearer();
  builder.services.add_claims_transformation(
      [&pool](authentication::ClaimsTransformationContext& context) -> Task<void> {
        const auto load = [] { return std::string("Member"); };
        auto role = co_await run_blocking(pool, load);
        context.add_claim({.type = "role", .value = role.value()});
      });
  builder.services.add_authorization();
  auto& api = serve([](WebApplication& on) { on.map_get("/", who).require_role("Member"); });
  EXPECT_EQ(api.get("/", issuer.token()).status, 200);
}

TEST_F(Authentication, EachOfSeveralIssuersIsJudgedByItsOwnRules) {
  const TestIssuer partner(*clock, "https://partner.test", "api://partner");
  add_bearer([&](JwtBearerOptions& options) {
    JwtBearerOptions theirs;
    partner.configure(theirs);
    theirs.token_validation_parameters.role_claim_types = {"groups"};
    options.issuers = {{.parameters = options.token_validation_parameters},
                       {.parameters = theirs.token_validation_parameters}};
  });
  builder.services.add_authorization();
  auto& api = serve([](WebApplication& on) { on.map_get("/", who).require_role("Admin"); });
  const auto groups = std::vector<std::string>{"Admin"};
  EXPECT_EQ(api.get("/", issuer.token().role("Admin")).status, 200);
  EXPECT_EQ(api.get("/", issuer.token().claim("groups", groups)).status, 403);
  EXPECT_EQ(api.get("/", partner.token().claim("groups", groups)).status, 200);
  EXPECT_EQ(api.get("/", partner.token().role("Admin")).status, 403);
  EXPECT_EQ(api.get("/", partner.token().for_audience("api://test")).status, 401);
  EXPECT_EQ(api.get("/", issuer.token().from_issuer("https://else.test")).status, 401);
  EXPECT_EQ(count_logged(R"("code":"audience_invalid","actual":"api://test","expected":"api://partner")"),
            1u);
  EXPECT_EQ(count_logged(R"("code":"issuer_invalid","actual":"https://else.test")"), 1u);
}

TEST_F(Authentication, ASelectorSendsEachRequestToItsScheme) {
  const TestIssuer partner(*clock, "https://partner.test");
  auto& schemes = builder.services.add_authentication("Any");
  schemes.add_jwt_bearer("Ours", [this](JwtBearerOptions& options) { issuer.configure(options); });
  schemes.add_jwt_bearer("Theirs", [&](JwtBearerOptions& options) { partner.configure(options); });
  schemes.add_policy_scheme(
      "Any", {.forward_default_selector = [](const HttpContext& context) {
        return std::string(context.request.path.starts_with("/partner") ? "Theirs" : "Ours");
      }});
  builder.services.add_authorization();
  auto& api = serve([](WebApplication& on) {
    on.map_get("/ours", who).require_authorization();
    on.map_get("/partner", who).require_authorization();
    on.map_get("/both", who).require_authorization(AuthorizeData{.schemes = {"Ours", "Theirs"}});
  });
  EXPECT_EQ(api.get("/ours", issuer.token()).status, 200);
  EXPECT_EQ(api.get("/ours", partner.token()).status, 401);
  EXPECT_EQ(api.get("/partner", partner.token()).status, 200);
  EXPECT_EQ(api.get("/both", partner.token()).status, 200);
  EXPECT_EQ(api.get("/both").headers.find_all("WWW-Authenticate").size(), 2u) << "each scheme challenges";
}

TEST_F(Authentication, APreflightIsNeverAskedForAToken) {
  add_bearer();
  builder.services.add_authorization(
      [](AuthorizationOptions& options) { options.fallback_policy = options.default_policy; });
  auto& api = serve([](WebApplication& on) { on.map_get("/", who).require_authorization(); });
  const auto preflight = api.send(TestRequest{.method = "OPTIONS", .target = "/"}
                                      .with_header("Origin", "https://app.test")
                                      .with_header("Access-Control-Request-Method", "GET"));
  EXPECT_NE(preflight.status, 401);
  EXPECT_EQ(preflight.challenge(), "");
  EXPECT_EQ(api.send(TestRequest{.method = "OPTIONS", .target = "/"}).status, 401) << "this is no preflight";
}

// Knows whoever a header names: what a service behind a gateway of its own might have.
class GatewayHandler final : public AuthenticationHandler {
 public:
  Task<AuthenticateResult> authenticate(HttpContext& context) override {
    const auto name = context.request.header("X-Gateway-User");
    if (!name) co_return AuthenticateResult::none();
    auto user = std::make_shared<const ClaimsPrincipal>(testing::make_user({{"sub", std::string(*name)}}));
    AuthenticationTicket ticket{.principal = std::move(user), .scheme = "Gateway"};
    co_return AuthenticateResult::success(std::move(ticket));
  }
  Task<void> challenge(HttpContext& context, const AuthenticateResult&) override {
    context.response.status = 401;
    co_return;
  }
  Task<void> forbid(HttpContext& context) override {
    context.response.status = 403;
    co_return;
  }
};

TEST_F(Authentication, AHandlerOfTheApplicationsOwnIsASchemeLikeOthers) {
  add_bearer();
  builder.services.add_authentication("Gateway").add_scheme("Gateway", std::make_unique<GatewayHandler>());
  builder.services.add_authorization();
  auto& api = serve([](WebApplication& on) { on.map_get("/", who).require_authorization(); });
  EXPECT_EQ(api.send(TestRequest().with_header("X-Gateway-User", "bob")).body, "bob");
  EXPECT_EQ(api.get("/", issuer.token().subject("ada")).status, 401);
}

}  // namespace
}  // namespace gatehouse
