#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/application/application_fixture.h"

namespace gatehouse {
namespace {

using ::testing::HasSubstr;
using Authorization = ApplicationTest;

Response hello() { return results::text("hello"); }

// --- scopes -----------------------------------------------------------------------------------------------

TEST_F(Authorization, AMissingScopeIsNamedToTheClient) {
  add_bearer();
  builder.services.add_authorization([](AuthorizationOptions& options) {
    options.add_policy("CanReadOrders", [](PolicyBuilder& p) { p.require_scope("orders.read"); });
  });
  auto& api =
      serve([](WebApplication& on) { on.map_get("/", hello).require_authorization("CanReadOrders"); });
  EXPECT_EQ(api.get("/", issuer.token().scope("orders.read orders.write")).status, 200);
  EXPECT_EQ(api.get("/", issuer.token().claim("scp", std::vector<std::string>{"x", "orders.read"})).status,
            200);
  const auto refused = api.get("/", issuer.token().scope("orders.readonly"));
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(refused.challenge(), R"(Bearer error="insufficient_scope", scope="orders.read")");
  EXPECT_EQ(api.get("/").challenge(), "Bearer");
}

TEST_F(Authorization, ABareForbidTellsNothingOfScopes) {
  add_bearer([](JwtBearerOptions& options) { options.error_details = ErrorDetails::none; });
  builder.services.add_authorization();
  auto& api = serve([](WebApplication& on) { on.map_get("/", hello).require_scope("orders.read"); });
  const auto refused = api.get("/", issuer.token());
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(refused.challenge(), "");
}

// --- several issuers --------------------------------------------------------------------------------------

TEST_F(Authorization, ARoleOfOneIssuerIsNoRoleOfAnother) {
  const testing::TestIssuer partner(*clock, "https://partner.test");
  add_bearer([&](JwtBearerOptions& options) {
    options.token_validation_parameters.valid_issuers = {partner.issuer()};
  });
  builder.services.add_authorization([this](AuthorizationOptions& options) {
    options.add_policy("AnyAdmin", [](PolicyBuilder& p) { p.require_role("Admin"); });
    options.add_policy("OurAdmin",
                       [this](PolicyBuilder& p) { p.from_issuer(issuer.issuer()).require_role("Admin"); });
  });
  auto& api = serve([](WebApplication& on) {
    on.map_get("/any", hello).require_authorization("AnyAdmin");
    on.map_get("/ours", hello).require_authorization("OurAdmin");
  });
  EXPECT_EQ(api.get("/any", partner.token().role("Admin")).status, 200);
  EXPECT_EQ(api.get("/ours", partner.token().role("Admin")).status, 403);
  EXPECT_EQ(api.get("/ours", issuer.token().role("Admin")).status, 200);
}

// --- requirements of the application's own ----------------------------------------------------------------

struct MinimumAge final : CustomRequirement {
  explicit MinimumAge(int least) : years(least) {}
  std::string describe() const override { return "an age of " + std::to_string(years); }
  int years;
};

class MinimumAgeHandler final : public RequirementHandler<MinimumAge> {
  void judge(AuthorizationHandlerContext& context, const MinimumAge& required) const override {
    const claims::Claim* age = context.user.find_claim("age");
    if (age && std::stoi(age->value) >= required.years) context.succeed(required);
  }
};

struct Owner final : CustomRequirement {
  std::string describe() const override { return "the owner of the document"; }
};

struct Document {
  std::string owner;
};

class OwnerHandler final : public ResourceHandler<Owner, Document> {
  void judge(AuthorizationHandlerContext& context, const Owner& required,
             const Document& document) const override {
    if (context.user.name() == document.owner) context.succeed(required);
  }
};

// Answers from another thread, as one that asks a database would.
class SlowVeto final : public WaitingAuthorizationHandler {
 public:
  explicit SlowVeto(WorkerPool& pool) : pool_(pool) {}
  Task<void> handle_async(AuthorizationHandlerContext& context) const override {
    const auto is_eve = [&context] { return context.user.name() == "eve"; };
    const auto banned = co_await run_blocking(pool_, is_eve);
    if (!banned || *banned) context.fail("banned");
  }

 private:
  WorkerPool& pool_;
};

TEST_F(Authorization, AHandlerJudgesARequirementOfTheApplication) {
  add_bearer();
  builder.services.add_authorization([](AuthorizationOptions& options) {
    options.add_policy("Adult", [](PolicyBuilder& p) { p.require<MinimumAge>(18); });
  });
  builder.services.add_authorization_handler<MinimumAgeHandler>();
  auto& api = serve([](WebApplication& on) { on.map_get("/", hello).require_authorization("Adult"); });
  EXPECT_EQ(api.get("/", issuer.token().claim("age", std::int64_t{18})).status, 200);
  EXPECT_EQ(api.get("/", issuer.token().claim("age", std::int64_t{17})).status, 403);
  ASSERT_EQ(log.size(), 1u);
  EXPECT_THAT(log[0], HasSubstr(R"("expected":"an age of 18")"));
}

TEST_F(Authorization, AnEndpointAsksAboutTheResourceItHasLoaded) {
  add_bearer();
  builder.services.add_authorization([](AuthorizationOptions& options) {
    options.add_policy("Owner", [](PolicyBuilder& p) { p.require<Owner>(); });
  });
  builder.services.add_authorization_handler<OwnerHandler>();
  auto& api = serve([](WebApplication& on) {
    on.map_get("/documents/{owner}", [](HttpContext& context) -> Task<Response> {
        const Document document{.owner = std::string(context.route.get("owner"))};
        const auto decision =
            co_await context.service<AuthorizationService>().authorize(context.user(), "Owner", document);
        co_return decision.is_allowed() ? hello() : results::status(403);
      }).require_authorization();
    on.map_get("/", hello).require_authorization("Owner");
  });
  EXPECT_EQ(api.get("/documents/ada", issuer.token().subject("ada")).status, 200);
  EXPECT_EQ(api.get("/documents/bob", issuer.token().subject("ada")).status, 403);
  EXPECT_EQ(api.get("/", issuer.token().subject("ada")).status, 403) << "a request is no document";
}

TEST_F(Authorization, AHandlerMayWaitAndAVetoWins) {
  WorkerPool pool("veto", 1, 8);
  add_bearer();
  builder.services.add_authorization();
  builder.services.add_authorization_handler<SlowVeto>(pool);
  auto& api = serve([](WebApplication& on) { on.map_get("/", hello).require_authorization(); });
  EXPECT_EQ(api.get("/", issuer.token().subject("ada")).status, 200);
  EXPECT_EQ(api.get("/", issuer.token().subject("eve")).status, 403);
  EXPECT_EQ(count_logged(R"("expected":"banned")"), 1u);
}

// --- policies ---------------------------------------------------------------------------------------------

TEST_F(Authorization, AProviderMakesPoliciesThatNobodyDefined) {
  add_bearer();
  builder.services.add_authorization([](AuthorizationOptions& options) {
    options.policy_provider = [](std::string_view name) -> std::optional<AuthorizationPolicy> {
      if (!name.starts_with("Role:")) return std::nullopt;
      return PolicyBuilder().require_role(std::string(name.substr(5))).build();
    };
  });
  auto& api = serve([](WebApplication& on) { on.map_get("/", hello).require_authorization("Role:Clerk"); });
  EXPECT_EQ(api.get("/", issuer.token().role("Clerk")).status, 200);
  EXPECT_EQ(api.get("/", issuer.token().role("Admin")).status, 403);
  EXPECT_THAT(log[0], HasSubstr(R"("policy":"Role:Clerk")"));
}

TEST_F(Authorization, WhatTheProviderDoesNotKnowStopsTheStart) {
  add_bearer();
  builder.services.add_authorization(
      [](AuthorizationOptions& options) { options.policy_provider = [](auto) { return std::nullopt; }; });
  EXPECT_THROW(serve([](WebApplication& on) { on.map_get("/", hello).require_authorization("Nobody"); }),
               ConfigurationError);
}

TEST_F(Authorization, AHookMayAnswerARefusalItself) {
  add_bearer();
  builder.services.add_authorization([](AuthorizationOptions& options) {
    options.on_refused = [](authorization::AuthorizationResultContext& refused) {
      if (refused.decision.outcome != authorization::Outcome::forbidden) return;
      refused.http.response = results::not_found();  // hides that there is anything
      refused.handle_response();
    };
  });
  auto& api = serve([](WebApplication& on) {
    on.map_get("/", hello).require_authorization([](PolicyBuilder& p) { p.require_role("Admin"); });
  });
  EXPECT_EQ(api.get("/", issuer.token()).status, 404);
  EXPECT_EQ(api.get("/").status, 401);
}

TEST_F(Authorization, AGroupAndItsEndpointBothHaveToBeSatisfied) {
  add_bearer();
  builder.services.add_authorization();
  auto& api = serve([](WebApplication& on) {
    auto group = on.map_group("/orders");
    group.require_scope("orders.read");
    group.map_get("/all", hello).require_claim("tenant", "acme");
  });
  const auto status = [&](const char* scope, const char* tenant) {
    return api.get("/orders/all", issuer.token().scope(scope).claim("tenant", std::string(tenant))).status;
  };
  EXPECT_EQ(status("orders.read", "acme"), 200);
  EXPECT_EQ(status("orders.write", "acme"), 403);
  EXPECT_EQ(status("orders.read", "other"), 403);
}

}  // namespace
}  // namespace gatehouse
