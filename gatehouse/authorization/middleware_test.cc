#include "gatehouse/authorization/middleware.h"

#include <gtest/gtest.h>

#include "gatehouse/authentication/denial.h"
#include "gatehouse/authentication/middleware.h"

namespace gatehouse::authorization {
namespace {

// Knows whoever an X-User header names, with the role of X-Role.
class HeaderHandler final : public authentication::AuthenticationHandler {
 public:
  Task<authentication::AuthenticateResult> authenticate(http::HttpContext& context) override {
    const auto user = context.request.header("X-User");
    if (!user) co_return authentication::AuthenticateResult::none();
    claims::ClaimsIdentity identity{.claims = {{.type = "sub", .value = std::string(*user)}},
                                    .authentication_type = "Header",
                                    .name_claim_types = {"sub"},
                                    .role_claim_types = {"role"}};
    if (const auto role = context.request.header("X-Role"))
      identity.claims.push_back({.type = "role", .value = std::string(*role)});
    auto principal = std::make_shared<const claims::ClaimsPrincipal>(std::move(identity));
    co_return authentication::AuthenticateResult::success(
        {.principal = std::move(principal), .scheme = "Header"});
  }
  Task<void> challenge(http::HttpContext& context, const authentication::AuthenticateResult&) override {
    context.response.status = 401;
    co_return;
  }
  Task<void> forbid(http::HttpContext& context) override {
    context.response.status = 403;
    co_return;
  }
};

class Authorization : public testing::Test {
 protected:
  Authorization() {
    options_.add_policy("AdminOnly", [](PolicyBuilder& policy) { policy.require_role("Admin"); });
    std::vector<authentication::AuthenticationScheme> schemes;
    schemes.push_back({.name = "Header", .handler = std::make_unique<HeaderHandler>()});
    service_.emplace(authentication::AuthenticationOptions{}, std::move(schemes));
    const auto ok = http::make_handler([] { return http::results::ok(); });
    routes_.add("GET", "/open", ok);
    routes_.add("GET", "/any", ok).metadata.add(AuthorizeData{});
    routes_.add("GET", "/admin", ok).metadata.add(AuthorizeData{.policy = "AdminOnly"});
    routes_.add("GET", "/wrong", ok).metadata.add(AuthorizeData{.policy = "Nobody"});
    http::Endpoint& anonymous = routes_.add("GET", "/anonymous", ok);
    anonymous.metadata.add(AuthorizeData{.policy = "AdminOnly"});
    anonymous.metadata.add(AllowAnonymous{});
  }

  int get(std::string_view path, std::string_view user = "", std::string_view role = "",
          bool with_middleware = true) {
    http::Request request{.path = path};
    if (!user.empty()) request.headers.add("X-User", user);
    if (!role.empty()) request.headers.add("X-Role", role);
    policies_.emplace(options_, routes_);
    http::Pipeline pipeline;
    pipeline.use(http::use_routing(routes_));
    pipeline.use(authentication::use_authentication(*service_));
    if (with_middleware) pipeline.use(use_authorization(*policies_, *service_));
    pipeline.use(require_decision());
    pipeline.use(http::run_endpoint);
    http::HttpContext context(request, services_, clock_);
    start(pipeline.run(context), [] {});
    if (const auto* denial = context.features.find<authentication::Denial>()) denial_ = *denial;
    return context.response.status;
  }

  AuthorizationOptions options_;
  http::RouteTable routes_;
  http::ServiceCollection services_;
  SystemClock clock_;
  std::optional<authentication::AuthenticationService> service_;
  std::optional<CompiledPolicies> policies_;
  authentication::Denial denial_;
};

struct RequestCase {
  const char* name;
  const char* path;
  const char* user;
  const char* role;
  int expected;
};

constexpr RequestCase request_cases[] = {
    {"AnOpenEndpointIsOpen", "/open", "", "", 200},
    {"NobodyIsChallenged", "/any", "", "", 401},
    {"AnybodyKnownPassesTheDefaultPolicy", "/any", "bob", "", 200},
    {"NobodyIsChallengedBeforeAPolicyForbids", "/admin", "", "", 401},
    {"SomebodyWithoutTheRoleIsForbidden", "/admin", "bob", "Clerk", 403},
    {"SomebodyWithTheRolePasses", "/admin", "ada", "Admin", 200},
    {"AllowAnonymousLetsEverybodyIn", "/anonymous", "", "", 200},
    {"AnUndefinedPolicyFailsClosed", "/wrong", "ada", "Admin", 500},
    {"AnUnmatchedPathIsNotFound", "/nowhere", "", "", 404},
};

class Request : public Authorization, public testing::WithParamInterface<RequestCase> {};

TEST_P(Request, IsDecidedBeforeTheEndpoint) {
  EXPECT_EQ(get(GetParam().path, GetParam().user, GetParam().role), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(Middleware, Request, testing::ValuesIn(request_cases),
                         [](const auto& test) { return test.param.name; });

TEST_F(Authorization, AFallbackPolicyGuardsWhatSaysNothingAndWhatIsNotThere) {
  options_.fallback_policy = PolicyBuilder().require_authenticated_user().build();
  EXPECT_EQ(get("/open"), 401);
  EXPECT_EQ(get("/nowhere"), 401);
  EXPECT_EQ(get("/open", "bob"), 200);
  EXPECT_EQ(get("/anonymous"), 200);
}

TEST_F(Authorization, AProtectedEndpointIsNotReachedWithoutTheMiddleware) {
  EXPECT_EQ(get("/admin", "ada", "Admin", false), 500);
  EXPECT_EQ(get("/open", "", "", false), 200);
}

TEST_F(Authorization, AForbiddenRequestSaysWhatWasMissing) {
  get("/admin", "bob", "Clerk");
  EXPECT_EQ(denial_.policy, "AdminOnly");
  EXPECT_EQ(denial_.unmet, std::vector<std::string>{"role Admin"});
}

TEST_F(Authorization, FaultsNameTheEndpointAndThePolicy) {
  const CompiledPolicies compiled(options_, routes_);
  ASSERT_EQ(compiled.faults().size(), 1u);
  EXPECT_TRUE(
      compiled.faults().front().starts_with("GET /wrong: no authorization policy 'Nobody' is defined"));
}

}  // namespace
}  // namespace gatehouse::authorization
