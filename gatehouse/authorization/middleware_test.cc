#include "gatehouse/authorization/middleware.h"

#include <gtest/gtest.h>

#include "gatehouse/authentication/denial.h"
#include "gatehouse/authentication/middleware.h"

namespace gatehouse::authorization {
namespace {

// Knows whoever a header names, such as X-User, with the role of X-Role. "?" is somebody who was not
// authenticated,
// "!" somebody of whom nothing is known, and "-" nobody.
class HeaderHandler final : public authentication::AuthenticationHandler {
 public:
  explicit HeaderHandler(std::string header) : header_(std::move(header)) {}
  Task<authentication::AuthenticateResult> authenticate(http::HttpContext& context) override {
    const auto user = context.request.header(header_);
    if (!user) co_return authentication::AuthenticateResult::none();
    claims::ClaimsIdentity identity{.claims = {{.type = "sub", .value = std::string(*user)}},
                                    .authentication_type = "Header",
                                    .name_claim_types = {"sub"},
                                    .role_claim_types = {"role"}};
    if (const auto role = context.request.header("X-Role"))
      identity.claims.push_back({.type = "role", .value = std::string(*role)});
    if (*user == "?") identity.authentication_type.clear();
    if (*user == "-") identity = {};
    if (*user == "!") identity.claims.clear();
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
    context.response.headers.append("X-Forbidden-By", header_);
    co_return;
  }

 private:
  std::string header_;
};

class Authorization : public testing::Test {
 protected:
  Authorization() {
    options_.add_policy("AdminOnly", [](PolicyBuilder& policy) { policy.require_role("Admin"); });
    std::vector<authentication::AuthenticationScheme> schemes;
    schemes.push_back({.name = "Header", .handler = std::make_unique<HeaderHandler>("X-User")});
    schemes.push_back({.name = "Second", .handler = std::make_unique<HeaderHandler>("X-Second")});
    service_.emplace(authentication::AuthenticationOptions{.default_scheme = "Header"}, std::move(schemes));
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
    return send(request, with_middleware);
  }

  int send(const http::Request& request, bool with_middleware = true) {
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
    user_ = context.user();
    forbidden_by_ = context.response.headers.find("X-Forbidden-By").value_or("");
    return context.response.status;
  }

  AuthorizationOptions options_;
  http::RouteTable routes_;
  http::ServiceCollection services_;
  SystemClock clock_;
  std::optional<authentication::AuthenticationService> service_;
  std::optional<CompiledPolicies> policies_;
  authentication::Denial denial_;
  claims::ClaimsPrincipal user_;
  std::string forbidden_by_;
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

struct PreflightCase {
  const char* name;
  const char* method;
  const char* path;
  std::vector<const char*> headers;
  int expected;
};

const PreflightCase preflight_cases[] = {
    {"OfNoEndpoint", "OPTIONS", "/open", {"Origin", "Access-Control-Request-Method"}, 405},
    {"ByAnotherMethod", "GET", "/nowhere", {"Origin", "Access-Control-Request-Method"}, 401},
    {"WithoutAnOrigin", "OPTIONS", "/open", {"Access-Control-Request-Method"}, 401},
    {"WithoutAMethodToAskFor", "OPTIONS", "/open", {"Origin"}, 401},
    {"OfAnEndpointOfItsOwn", "OPTIONS", "/options", {"Origin", "Access-Control-Request-Method"}, 401},
};

class Preflight : public Authorization, public testing::WithParamInterface<PreflightCase> {};

TEST_P(Preflight, PassesTheFallbackPolicyOnlyAsAWhole) {
  options_.fallback_policy = PolicyBuilder().require_authenticated_user().build();
  routes_.add("OPTIONS", "/options", http::make_handler([] { return http::results::ok(); }));
  http::Request request{.method = GetParam().method, .path = GetParam().path};
  for (const char* header : GetParam().headers) request.headers.add(header, "x");
  EXPECT_EQ(send(request), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(Middleware, Preflight, testing::ValuesIn(preflight_cases),
                         [](const auto& test) { return test.param.name; });

// --- policies that name schemes

struct SchemeCase {
  const char* name;
  const char* first;
  const char* second;
  int expected;
  std::vector<std::string> users;  // of each identity, in order
};

const SchemeCase scheme_cases[] = {
    {"Neither", "", "", 401, {""}},
    {"TheFirst", "ada", "", 200, {"ada"}},
    {"TheSecond", "", "bob", 200, {"bob"}},
    {"BothAndTheLaterComesFirst", "ada", "bob", 200, {"bob", "ada"}},
    {"OneThatWasNotAuthenticatedIsKept", "?", "bob", 200, {"bob", "?"}},
    {"OneWithoutClaimsIsKept", "!", "bob", 200, {"bob", ""}},
    {"NobodyIsLeftOut", "-", "bob", 200, {"bob"}},
};

class Schemes : public Authorization, public testing::WithParamInterface<SchemeCase> {};

TEST_P(Schemes, OfAPolicyAreAllAskedAndMerged) {
  options_.add_policy("Both", [](PolicyBuilder& policy) {
    policy.add_authentication_scheme("Header")
        .add_authentication_scheme("Second")
        .require_authenticated_user();
  });
  routes_.add("GET", "/both", http::make_handler([] { return http::results::ok(); }))
      .metadata.add(AuthorizeData{.policy = "Both"});
  http::Request request{.path = "/both"};
  if (*GetParam().first) request.headers.add("X-User", GetParam().first);
  if (*GetParam().second) request.headers.add("X-Second", GetParam().second);
  EXPECT_EQ(send(request), GetParam().expected);
  std::vector<std::string> users;
  for (const auto& identity : user_.identities()) users.push_back(identity.name() ? *identity.name() : "");
  EXPECT_EQ(users, GetParam().users);
}

INSTANTIATE_TEST_SUITE_P(Middleware, Schemes, testing::ValuesIn(scheme_cases),
                         [](const auto& test) { return test.param.name; });

TEST_F(Authorization, APolicyOfOneSchemeKnowsNobodyOfAnother) {
  options_.add_policy("Second", [](PolicyBuilder& policy) {
    policy.add_authentication_scheme("Second").require_role("Admin");
  });
  routes_.add("GET", "/second", http::make_handler([] { return http::results::ok(); }))
      .metadata.add(AuthorizeData{.policy = "Second"});
  EXPECT_EQ(get("/second", "ada", "Admin"), 401);
  http::Request request{.path = "/second"};
  request.headers.add("X-Second", "bob");
  EXPECT_EQ(send(request), 403);
  EXPECT_EQ(forbidden_by_, "X-Second") << "the schemes of the policy answer, not the default one";
  EXPECT_EQ(get("/admin", "bob", "Clerk"), 403);
  EXPECT_EQ(forbidden_by_, "X-User");
}

TEST_F(Authorization, NobodyKnownIsToldNothingOfWhatWasMissing) {
  get("/admin");
  EXPECT_EQ(denial_.policy, "AdminOnly");
  EXPECT_TRUE(denial_.unmet.empty());
  options_.fallback_policy = PolicyBuilder().require_scope("orders.read").build();
  EXPECT_EQ(get("/open"), 401);
  EXPECT_EQ(denial_.missing_scope, "");
  EXPECT_EQ(get("/open", "bob"), 403);
  EXPECT_EQ(denial_.missing_scope, "orders.read");
}

TEST_F(Authorization, AProtectedEndpointIsNotReachedWithoutTheMiddleware) {
  EXPECT_EQ(get("/admin", "ada", "Admin", false), 500);
  EXPECT_EQ(get("/open", "", "", false), 200);
  const auto ok = http::make_handler([] { return http::results::ok(); });
  routes_.add("GET", "/inline", ok).metadata.add(PolicyBuilder().require_authenticated_user().build());
  routes_.add("GET", "/standing", ok).metadata.add(NotRevoked{});
  routes_.add("GET", "/for-all", ok).metadata.add(AllowAnonymous{});
  EXPECT_EQ(get("/inline", "ada", "Admin", false), 500);
  EXPECT_EQ(get("/standing", "ada", "Admin", false), 500);
  EXPECT_EQ(get("/for-all", "ada", "Admin", false), 200);  // it demands nothing
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
