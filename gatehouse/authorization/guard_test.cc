#include "gatehouse/authorization/guard.h"

#include <gtest/gtest.h>

#include <thread>

#include "gatehouse/discovery/configuration_manager.h"
#include "gatehouse/tokens/claim_mapping.h"
#include "gatehouse/tokens/token_descriptor.h"
#include "gatehouse/tokens/validate.h"
#include "tests/support/allocation_counter.h"
#include "tests/support/fake_backchannel.h"

namespace gatehouse::authorization {
namespace {

constexpr Instant now{Seconds(1'780'272'000)};

class FixedClock final : public Clock {
 public:
  Instant now() const override { return authorization::now; }
};

const jose::Key key = jose::Key::symmetric(Secret("a secret of thirty-two octets !!"), "k1");

std::string bearer(std::string_view role, std::string_view scope, Seconds lifetime = Seconds(600)) {
  tokens::TokenDescriptor descriptor{.issuer = "https://issuer.example",
                                     .audiences = {"api://orders"},
                                     .subject = "ada",
                                     .id = "1",
                                     .issued_at = now,
                                     .not_before = now - Seconds(3600),
                                     .expires = now + lifetime};
  if (!role.empty()) descriptor.claims.emplace_back("role", std::string(role));
  if (!scope.empty()) descriptor.claims.emplace_back("scope", std::string(scope));
  return "Bearer " + tokens::write(descriptor, key, jose::Algorithm::HS256).value();
}

tokens::TokenValidationParameters parameters() {
  return {
      .valid_issuer = "https://issuer.example", .valid_audience = "api://orders", .issuer_signing_key = key};
}

// Orders as a server of somebody else's would have them guarded.
GuardBuilder orders(std::size_t cache_size = 32 << 20) {
  GuardBuilder builder;
  builder.use_clock(std::make_shared<const FixedClock>());
  builder.add_authentication("Bearer").add_jwt_bearer(
      [cache_size](authentication::JwtBearerOptions& options) {
        options.token_validation_parameters = parameters();
        options.validated_token_cache_size = cache_size;
      });
  builder.add_authorization([](AuthorizationOptions& options) {
    options.add_policy("CanRead", [](PolicyBuilder& policy) { policy.require_scope("orders.read"); });
    options.add_policy("AdminOnly", [](PolicyBuilder& policy) { policy.require_role("Admin"); });
  });
  builder.protect("GET", "/orders/{id:int}").require_authorization("CanRead");
  builder.protect("*", "/admin/{*path}").require_authorization("AdminOnly");
  builder.protect("GET", "/open").allow_anonymous();
  builder.protect("GET", "/plain");
  builder.protect("GET", "/shown").require_authorization("CanRead").allow_anonymous();
  return builder;
}

struct GuardCase {
  const char* name;  // reads as the end of "Guard …"
  const char* method;
  const char* target;
  std::string authorization;
  int status;
  bool allowed;
  const char* challenge;
  const char* user;
};

const char* const invalid =
    R"(Bearer error="invalid_token", error_description="The access token is not accepted")";

const GuardCase guard_cases[] = {
    {"LetsAReaderRead", "GET", "/orders/7?x=1", bearer("", "orders.read"), 200, true, "", "ada"},
    {"ChallengesNobody", "GET", "/orders/7", "", 401, false, "Bearer", ""},
    {"ChallengesAnExpiredToken", "GET", "/orders/7", bearer("", "orders.read", Seconds(-61)), 401, false,
     invalid, ""},
    {"AcceptsOneWithinTheSkew", "GET", "/orders/7", bearer("", "orders.read", Seconds(-60)), 200, true, "",
     "ada"},
    {"NamesTheMissingScope", "GET", "/orders/7", bearer("Admin", ""), 403, false,
     R"(Bearer error="insufficient_scope", scope="orders.read")", "ada"},
    {"ForbidsWithoutAChallenge", "PURGE", "/admin/a/b", bearer("Clerk", ""), 403, false, "", "ada"},
    {"CoversWhatIsBelow", "PURGE", "/admin/a/b", bearer("Admin", ""), 200, true, "", "ada"},
    {"CoversTheRootOfWhatIsBelow", "GET", "/admin", bearer("Clerk", ""), 403, false, "", "ada"},
    {"IsNotFooledByCase", "GET", "/ADMIN/a", bearer("Clerk", ""), 403, false, "", "ada"},
    {"DecodesBeforeItRoutes", "GET", "/%61dmin/a", bearer("Clerk", ""), 403, false, "", "ada"},
    {"RefusesAnEncodedSlash", "GET", "/admin%2fa", bearer("Admin", ""), 400, false, "", ""},
    {"RefusesDotSegments", "GET", "/open/../admin", bearer("Admin", ""), 400, false, "", ""},
    {"RefusesATargetThatIsNone", "GET", "orders/7", bearer("Admin", ""), 400, false, "", ""},
    {"TakesNoPathForTheRoot", "GET", "http://host", bearer("Admin", ""), 404, false, "", "ada"},
    {"ReadsAnAbsoluteTarget", "GET", "http://host/orders/7", bearer("", "orders.read"), 200, true, "", "ada"},
    {"KnowsNobodyOnAnOpenRoute", "GET", "/open", "Bearer x", 200, true, "", ""},
    {"KnowsWhoAsksOnAnOpenRoute", "GET", "/open", bearer("", ""), 200, true, "", "ada"},
    {"IsClosedWhereNothingWasSaid", "GET", "/else", bearer("Admin", "orders.read"), 404, false, "", "ada"},
    {"IsClosedForOtherMethods", "POST", "/orders/7", bearer("Admin", "orders.read"), 405, false, "", "ada"},
    {"IsClosedForTheServerItself", "OPTIONS", "*", "", 404, false, "", ""},
};

class GuardTable : public ::testing::TestWithParam<GuardCase> {};

std::string line(const GuardVerdict& verdict) {
  return std::to_string(verdict.status) + (verdict.allowed() ? " allowed '" : " refused '") +
         verdict.challenge + "' '" + std::string(verdict.user.find_first("sub")) + "'";
}

TEST_P(GuardTable, DecidesAsTheHostWould) {
  const Guard guard = orders().build().value();
  const GuardCase& row = GetParam();
  const GuardVerdict verdict =
      guard.check({.method = row.method, .target = row.target, .authorization = row.authorization});
  EXPECT_EQ(line(verdict), std::to_string(row.status) + (row.allowed ? " allowed '" : " refused '") +
                               row.challenge + "' '" + row.user + "'");
}

INSTANTIATE_TEST_SUITE_P(Routes, GuardTable, ::testing::ValuesIn(guard_cases),
                         [](const auto& test) { return test.param.name; });

TEST(Guards, SeeASecondAuthorizationHeader) {
  const Guard guard = orders().build().value();
  const std::string token = bearer("", "orders.read");
  http::RequestHeaders headers;
  headers.add("authorization", token);
  EXPECT_EQ(guard.check({.target = "/orders/7", .headers = &headers}).status, 200);
  headers.add("Authorization", token);
  EXPECT_EQ(guard.check({.target = "/orders/7", .headers = &headers}).status, 400);
}

TEST(Guards, LetAPreflightThroughAsNobodyWhereNoRouteAnswersIt) {
  const Guard guard = orders().build().value();
  http::RequestHeaders headers;
  headers.add("Origin", "https://app.example");
  headers.add("Access-Control-Request-Method", "GET");
  const std::string token = bearer("Admin", "orders.read");
  headers.add("Authorization", token);
  EXPECT_TRUE(guard.check({.method = "OPTIONS", .target = "/orders/7", .headers = &headers}).allowed());
  EXPECT_EQ(guard.check({.method = "OPTIONS", .target = "/admin/x", .headers = &headers}).status, 200);
  headers.clear();
  headers.add("Origin", "https://app.example");
  headers.add("Access-Control-Request-Method", "GET");
  EXPECT_EQ(guard.check({.method = "OPTIONS", .target = "/admin/x", .headers = &headers}).status, 401);
}

TEST(Guards, JudgeWhatNoRouteCoversByTheFallbackPolicy) {
  GuardBuilder builder = orders();
  builder.add_authorization(
      [](AuthorizationOptions& options) { options.fallback_policy = options.default_policy; });
  const Guard guard = builder.build().value();
  EXPECT_EQ(guard.check({.target = "/else"}).status, 401);
  EXPECT_TRUE(guard.check({.target = "/else", .authorization = bearer("", "")}).allowed());
}

TEST(Guards, DemandOnePolicyOfEveryRequestWhenTold) {
  const Guard guard = orders().build().value();
  const auto reading = guard.requiring({.policy = "canread"});
  ASSERT_TRUE(reading);
  EXPECT_EQ(reading->check({.target = "/anything", .authorization = bearer("Admin", "")}).status, 403);
  EXPECT_TRUE(reading->check({.target = "/", .authorization = bearer("", "orders.read")}).allowed());
  EXPECT_EQ(reading->check({.method = "OPTIONS", .target = "/x"}).status, 401);
  const auto undefined = guard.requiring({.policy = "CanReed"});
  ASSERT_FALSE(undefined);
  EXPECT_TRUE(undefined.error().subject.contains("'CanReed'")) << undefined.error().subject;
}

TEST(Guards, SayWhyForTheOperatorAlone) {
  const Guard guard = orders().build().value();
  const GuardVerdict verdict =
      guard.check({.target = "/orders/7", .authorization = bearer("", "orders.write")});
  ASSERT_TRUE(verdict.denial);
  EXPECT_EQ(verdict.denial->unmet, std::vector<std::string>{"scope orders.read"});
  EXPECT_EQ(verdict.denial->policy, "CanRead");
}

TEST(Guards, SayNothingOfATokenThatWasNotNeeded) {
  const Guard guard = orders().build().value();
  EXPECT_TRUE(guard.check({.target = "/orders/7", .authorization = "Bearer x"}).denial);
  const GuardVerdict open = guard.check({.target = "/open", .authorization = "Bearer x"});
  EXPECT_TRUE(open.allowed());
  EXPECT_FALSE(open.denial);
}

TEST(Guards, AnswerTheSameWhetherTheyAreAwaitedOrNot) {
  const Guard guard = orders().build().value();
  EXPECT_FALSE(guard.may_wait());
  const std::string token = bearer("", "orders.read");
  for (const GuardRequest& request :
       {GuardRequest{.target = "/orders/7", .authorization = token}, GuardRequest{.target = "/orders/7"},
        GuardRequest{.target = "/%zz", .authorization = token}}) {
    const std::string expected = line(guard.check(request));
    EXPECT_EQ(line(*run_inline(guard.check_async(request))), expected);
    EXPECT_EQ(line(guard.wait(request)), expected);
  }
}

TEST(Guards, GiveTheObserverTheTraceOfTheCaller) {
  GuardBuilder builder = orders();
  std::string trace;
  builder.on_finished([&trace](const http::HttpContext& context) { trace = context.trace.trace_id; });
  const Guard guard = builder.build().value();
  http::RequestHeaders headers;
  headers.add("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
  guard.check({.target = "/open", .headers = &headers});
  EXPECT_EQ(trace, "4bf92f3577b34da6a3ce929d0e0e4736");
}

TEST(Guards, TellTheObserverOfEveryRequest) {
  GuardBuilder builder = orders();
  std::vector<int> seen;
  builder.on_finished([&seen](const http::HttpContext& context) { seen.push_back(context.response.status); });
  const Guard guard = builder.build().value();
  EXPECT_EQ(guard.check({.target = "/orders/7"}).status, 401);
  EXPECT_TRUE(guard.check({.target = "/open"}).allowed());
  EXPECT_EQ(seen, (std::vector<int>{401, 200}));
}

TEST(Guards, KeepTheUserWithEveryCopyOfAVerdict) {
  const Guard guard = orders().build().value();
  std::optional<GuardVerdict> first =
      guard.check({.target = "/orders/7", .authorization = bearer("", "orders.read")});
  const GuardVerdict copy = *first;
  first.reset();
  EXPECT_EQ(copy.user.find_first("sub"), "ada");
}

// A hook that waits until another thread answers it.
struct Elsewhere {
  std::thread& thread;
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waiting) const {
    std::thread& resuming = thread;  // this awaiter may be gone once the other thread runs
    resuming = std::thread([waiting] { waiting.resume(); });
  }
  void await_resume() const noexcept {}
};

TEST(Guards, WaitForHooksThatWaitOnlyWhereThatIsAsked) {
  GuardBuilder builder = orders();
  std::thread thread;
  builder.add_claims_transformation(
      [&thread](authentication::ClaimsTransformationContext& context) -> Task<void> {
        co_await Elsewhere(thread);
        context.add_claim({.type = "role", .value = "Admin"});
      });
  const Guard guard = builder.build().value();
  EXPECT_TRUE(guard.may_wait());
  const std::string authorization = bearer("", "");
  const GuardRequest request{.target = "/admin/x", .authorization = authorization};
  const GuardVerdict at_once = guard.check(request);
  EXPECT_EQ(at_once.status, 503);
  EXPECT_EQ(at_once.headers.find("Retry-After"), "1");
  EXPECT_FALSE(thread.joinable());  // nothing was started that nobody would end
  EXPECT_TRUE(guard.wait(request).allowed());
  thread.join();
}

// Each of these alone is reason enough to wait.
class PatientHandler final : public WaitingAuthorizationHandler {
 public:
  Task<void> handle_async(AuthorizationHandlerContext&) const override { co_return; }
};

const std::function<void(GuardBuilder&)> reasons_to_wait[] = {
    [](GuardBuilder& builder) { builder.add_authorization_handler<PatientHandler>(); },
    [](GuardBuilder& builder) {
      builder.add_authorization([](AuthorizationOptions& options) {
        options.on_refused = [](AuthorizationResultContext&) -> Task<void> { co_return; };
      });
    },
    [](GuardBuilder& builder) {
      builder.add_claims_transformation(
          [](authentication::ClaimsTransformationContext&) -> Task<void> { co_return; });
    },
    [](GuardBuilder& builder) {
      builder.add_authentication("Other").add_jwt_bearer(
          "Other", [](authentication::JwtBearerOptions& options) {
            options.token_validation_parameters = parameters();
            options.events.on_challenge = [](authentication::ChallengeContext&) -> Task<void> { co_return; };
          });
    }};

TEST(Guards, NeverAnswerAtOnceWhereAHookMayWait) {
  const std::string token = bearer("", "orders.read");
  const GuardRequest request{.target = "/orders/7", .authorization = token};
  for (const auto& reason : reasons_to_wait) {
    GuardBuilder builder = orders();
    reason(builder);
    const Guard guard = builder.build().value();
    EXPECT_TRUE(guard.may_wait());
    EXPECT_EQ(guard.check(request).status, 503);
  }
}

TEST(Guards, AnswerWhatAHookThrowsWith500) {
  GuardBuilder builder = orders();
  builder.add_claims_transformation([](authentication::ClaimsTransformationContext&) { throw 7; });
  const Guard guard = builder.build().value();
  const GuardVerdict verdict = guard.check({.target = "/open", .authorization = bearer("", "")});
  EXPECT_EQ(line(verdict), "500 refused '' ''");
}

TEST(Guards, StopTheBuildWithALineForEachFault) {
  GuardBuilder builder;
  builder.add_authorization(
      [](AuthorizationOptions& options) { options.add_policy("Empty", [](PolicyBuilder&) {}); });
  builder.protect("GET", "orders").require_authorization("Nobody");
  const auto built = builder.build();
  ASSERT_FALSE(built);
  EXPECT_EQ(built.error().kind, Failure::configuration_invalid);
  for (const char* part : {"no scheme to ask", "'Empty' has no requirement", "begin with '/'", "'Nobody'"})
    EXPECT_TRUE(built.error().subject.contains(part)) << part;
}

// What validation and the identity allocate, a guard may; it adds the principal around them and nothing else.
TEST(Guards, AllocateNothingButTheClaimsAndTheRouteValuesForAYes) {
  const Guard guard = orders(0).build().value(), caching = orders().build().value();
  const auto validator = tokens::TokenValidator::make(parameters()).value();
  const std::string authorization = bearer("", "orders.read");
  const std::string_view token = std::string_view(authorization).substr(7);
  const auto claims_alone = [&] {
    const std::size_t before = allocations;
    const auto validated = validator.validate(token, now);
    const auto principal = std::make_shared<const claims::ClaimsPrincipal>(
        tokens::to_identity(*validated, validator.parameters()));
    return allocations - before;
  };
  const auto whole = [&](const Guard& asked) {
    const std::size_t before = allocations;
    const GuardVerdict verdict = asked.check({.target = "/orders/7", .authorization = authorization});
    return allocations - before;
  };
  claims_alone();
  whole(guard);  // pools and lists of the thread have grown
  whole(caching);
  constexpr std::size_t frames = frames_are_pooled ? 0 : frames_are_elided ? 8 : 11;
  constexpr std::size_t route_values = 1;
  constexpr std::size_t what_they_share = 1;
  EXPECT_EQ(whole(guard), claims_alone() + what_they_share + route_values + frames);
  EXPECT_EQ(whole(caching), route_values + frames);  // of a token seen before: nothing at all
}

struct DecisionCase {
  const char* name;
  const char* method;
  const char* target;
  const char* scope;  // of ada; null: nobody asks
  int status;
  const char* route;
  const char* policy;
};

constexpr DecisionCase decision_cases[] = {
    {"LetsAReaderRead", "GET", "/orders/7", "orders.read", 200, "GET /orders/{id:int}", "CanRead"},
    {"ForbidsAWriter", "GET", "/orders/7", "orders.write", 403, "GET /orders/{id:int}", "CanRead"},
    {"ChallengesNobody", "GET", "/orders/7", nullptr, 401, "GET /orders/{id:int}", "CanRead"},
    {"HasNoPolicyWhereAllMayPass", "GET", "/open", nullptr, 200, "GET /open", ""},
    {"HasNoPolicyWhereNothingWasSaid", "GET", "/plain", nullptr, 200, "GET /plain", ""},
    {"HasNoPolicyWhereAllMayPassDespiteOne", "GET", "/shown", nullptr, 200, "GET /shown", ""},
    {"KnowsNoSuchRoute", "GET", "/else", "orders.read", 404, "", ""},
    {"KnowsNoSuchMethod", "PUT", "/orders/7", "orders.read", 405, "", ""},
    {"ReadsNoSuchTarget", "GET", "/%zz", "orders.read", 400, "", ""},
};

class GuardDecision : public ::testing::TestWithParam<DecisionCase> {};

TEST_P(GuardDecision, SaysWhatTheRouteWouldAnswer) {
  const auto& [name, method, target, scope, status, route, policy] = GetParam();
  claims::ClaimsPrincipal user = *claims::ClaimsPrincipal::anonymous();
  if (scope)
    user = claims::ClaimsPrincipal(claims::ClaimsIdentity{.claims = {{.type = "scope", .value = scope}},
                                                          .authentication_type = "Bearer"});
  const RouteDecision decided = orders().build().value().decide({.method = method, .target = target}, user);
  EXPECT_EQ(decided.status, status);
  EXPECT_EQ(decided.route, route);
  EXPECT_EQ(decided.policy ? decided.policy->name : "", policy);
}

TEST(Guards, DecideByTheFallbackPolicyWhereThereIsNoRoute) {
  GuardBuilder builder = orders();
  builder.add_authorization(
      [](AuthorizationOptions& options) { options.fallback_policy = options.default_policy; });
  const Guard guard = builder.build().value();
  EXPECT_EQ(guard.decide({.target = "/else"}, *claims::ClaimsPrincipal::anonymous()).status, 401);
  const claims::ClaimsPrincipal ada(claims::ClaimsIdentity{.authentication_type = "Bearer"});
  EXPECT_EQ(guard.decide({.target = "/else"}, ada).status, 200);
}

INSTANTIATE_TEST_SUITE_P(Guard, GuardDecision, ::testing::ValuesIn(decision_cases),
                         [](const auto& test) { return test.param.name; });

// Keys that an authority publishes, for a server that never waits.
class GuardedByAuthority : public ::testing::Test {
 protected:
  GuardBuilder builder(const std::string& authority,
                       const std::function<void(authentication::JwtBearerOptions&)>& change = {}) {
    GuardBuilder made;
    made.use_clock(clock);
    made.use_backchannel(backchannel);
    made.add_authentication("Bearer").add_jwt_bearer([&](authentication::JwtBearerOptions& options) {
      options.authority = authority;
      options.audience = "api://orders";
      options.authority_options.require_https_metadata = !authority.starts_with("http:");
      if (change) change(options);
    });
    made.protect("GET", "/orders").require_authorization();
    return made;
  }

  std::function<void(const discovery::ConfigurationEvent&)> hear() {
    return [this](const discovery::ConfigurationEvent& event) { heard.push_back(event.detail); };
  }

  std::string bearer() const {
    tokens::TokenDescriptor descriptor{
        .issuer = "https://issuer.example", .audiences = {"api://orders"}, .subject = "ada"};
    descriptor = tokens::with_default_times(std::move(descriptor), clock->now());
    return "Bearer " + tokens::write(descriptor, pair, jose::Algorithm::ES256).value();
  }

  const jose::Key pair = jose::Key::generate(jose::Algorithm::ES256, "k1").value();
  std::shared_ptr<testing::FakeClock> clock = std::make_shared<testing::FakeClock>();
  std::shared_ptr<test_support::FakeBackchannel> backchannel =
      std::make_shared<test_support::FakeBackchannel>(*clock);
  std::vector<std::string> heard;
};

TEST_F(GuardedByAuthority, AnswersUnavailableUntilTheKeysHaveComeAndThenJudges) {
  GuardBuilder told = builder("https://issuer.example");
  told.on_configuration_event(hear());
  const Guard guard = told.build().value();
  const GuardVerdict early = guard.check({.target = "/orders", .authorization = bearer()});
  EXPECT_EQ(early.status, 503);
  EXPECT_EQ(early.headers.find("Retry-After"), "1");
  EXPECT_EQ(early.challenge, "");

  backchannel->publish("https://issuer.example", jose::KeySet({pair}).public_jwks());
  ASSERT_EQ(guard.authorities().size(), 1);
  EXPECT_TRUE(run_inline(guard.authorities().front()->refresh())->has_value());
  EXPECT_EQ(guard.check({.target = "/orders", .authorization = bearer()}).status, 200);
  ASSERT_EQ(heard.size(), 3);
  EXPECT_TRUE(heard[0].contains("answers 404")) << heard[0];
  EXPECT_EQ(heard[1], "1 key");
}

TEST_F(GuardedByAuthority, TellsTheSchemesOwnHookWhereTheServerHasNone) {
  backchannel->publish("https://issuer.example", jose::KeySet({pair}).public_jwks());
  const Guard silent = builder("https://issuer.example").build().value();
  EXPECT_TRUE(run_inline(silent.authorities().front()->refresh())->has_value());
  const Guard guard =
      builder("https://issuer.example", [&](auto& options) { options.on_configuration_event = hear(); })
          .build()
          .value();
  EXPECT_TRUE(run_inline(guard.authorities().front()->refresh())->has_value());
  EXPECT_EQ(heard, std::vector<std::string>{"1 key"});
}

TEST_F(GuardedByAuthority, AsksAboutATenantOnlyWhereItMayWait) {
  int asked = 0;
  const Guard guard =
      builder(
          "",
          [&](auto& options) {
            options.issuer_resolver = [&](std::string name) -> Task<std::optional<discovery::IssuerOptions>> {
              ++asked;
              co_return discovery::IssuerOptions{.parameters = {.valid_issuer = name,
                                                                .valid_audience = "api://orders",
                                                                .issuer_signing_key = pair}};
            };
          })
          .build()
          .value();
  EXPECT_EQ(guard.check({.target = "/orders", .authorization = bearer()}).status, 503);
  EXPECT_EQ(asked, 0);
  EXPECT_EQ(guard.wait({.target = "/orders", .authorization = bearer()}).status, 200);
  EXPECT_EQ(asked, 1);
}

TEST_F(GuardedByAuthority, KeepsTheClockThatASchemeHas) {
  backchannel->publish("https://issuer.example", jose::KeySet({pair}).public_jwks());
  const auto own = std::make_shared<testing::FakeClock>(clock->now() + std::chrono::hours(1));
  const Guard guard =
      builder("https://issuer.example", [&](auto& options) { options.clock = own; }).build().value();
  const auto authority = guard.authorities().front();
  EXPECT_TRUE(run_inline(authority->refresh())->has_value());
  EXPECT_EQ(authority->status(own->now()).fetched, own->now());
}

TEST_F(GuardedByAuthority, TakesKeysOverHttpInDevelopmentAlone) {
  const auto refused = builder("http://issuer.example").build();
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().subject.contains("require_https_metadata is off")) << refused.error().subject;
  GuardBuilder in_development = builder("http://issuer.example");
  in_development.use_development();
  EXPECT_TRUE(in_development.build());
}

}  // namespace
}  // namespace gatehouse::authorization
