#include "gatehouse/authentication/jwt_bearer_handler.h"

#include <gtest/gtest.h>

#include "gatehouse/authentication/denial.h"
#include "gatehouse/authentication/middleware.h"
#include "gatehouse/tokens/token_descriptor.h"
#include "tests/support/fake_backchannel.h"

namespace gatehouse::authentication {
namespace {

constexpr Instant now{Seconds(1'780'272'000)};

class FixedClock final : public Clock {
 public:
  Instant now() const override { return authentication::now; }
};

const jose::Key key = jose::Key::symmetric(Secret("a secret of thirty-two octets !!"), "k1");

std::string token(Seconds lifetime = Seconds(600), const std::string& audience = "api://orders") {
  const tokens::TokenDescriptor descriptor{.issuer = "https://issuer.example",
                                           .audiences = {audience},
                                           .subject = "ada",
                                           .issued_at = now,
                                           .not_before = now - Seconds(3600),
                                           .expires = now + lifetime};
  return tokens::write(descriptor, key, jose::Algorithm::HS256).value();
}

JwtBearerOptions options() {
  return {.token_validation_parameters = {.valid_issuer = "https://issuer.example",
                                          .valid_audience = "api://orders",
                                          .issuer_signing_key = key}};
}

// One request with an Authorization header, and what the handler made of it.
class JwtBearer : public ::testing::Test {
 protected:
  AuthenticateResult authenticate(JwtBearerOptions with, const std::string& authorization) {
    authorization_ = authorization;
    request_.headers.clear();
    context_.features.clear();  // what a handler said is remembered by its address
    if (!authorization_.empty()) request_.headers.add("authorization", authorization_);
    std::vector<AuthenticationScheme> schemes;
    schemes.push_back(
        {.name = "Bearer", .handler = JwtBearerHandler::make("Bearer", std::move(with)).value()});
    service_.emplace(AuthenticationOptions{}, std::move(schemes));
    return run_inline(service_->authenticate(context_, "")).value();
  }

  std::string challenge(JwtBearerOptions with, const std::string& authorization) {
    authenticate(std::move(with), authorization);
    start(service_->challenge(context_, ""), [] {});
    return std::string(context_.response.headers.find("WWW-Authenticate").value_or(""));
  }

  std::string authorization_;
  http::Request request_;
  http::ServiceCollection services_;
  FixedClock clock_;
  http::HttpContext context_{request_, services_, clock_};
  std::optional<AuthenticationService> service_;
};

TEST_F(JwtBearer, AcceptsAGoodToken) {
  const auto result = authenticate(options(), "Bearer " + token());
  ASSERT_TRUE(result.succeeded());
  EXPECT_EQ(result.ticket()->principal->find_first("sub"), "ada");
  EXPECT_EQ(result.ticket()->properties.expires_utc, now + Seconds(600));
  EXPECT_EQ(result.ticket()->properties.access_token, "");
}

struct HeaderCase {
  const char* name;
  std::string header;
  bool is_token;
};

const HeaderCase header_cases[] = {
    {"None", "", false},
    {"AnotherScheme", "Basic dXNlcjpwYXNz", false},
    {"TheSchemeAlone", "Bearer", false},
    {"TheSchemeAndBlanks", "Bearer    ", false},
    {"TheSchemeInAnotherCase", "bEARER " + token(), true},
    {"BlanksAroundTheToken", "Bearer   " + token() + "  ", true},
};

class Header : public JwtBearer, public ::testing::WithParamInterface<HeaderCase> {};

TEST_P(Header, HoldsATokenOrNone) {
  const auto result = authenticate(options(), GetParam().header);
  EXPECT_EQ(result.succeeded(), GetParam().is_token);
  EXPECT_EQ(result.is_none(), !GetParam().is_token);
}

INSTANTIATE_TEST_SUITE_P(Rfc6750, Header, ::testing::ValuesIn(header_cases),
                         [](const auto& test) { return test.param.name; });

TEST_F(JwtBearer, TwoAuthorizationHeadersMakeNoToken) {
  const std::string both = "Bearer " + token() + ",Bearer " + token();
  EXPECT_FALSE(authenticate(options(), both).succeeded());
}

// The client learns the same of every failure; only "no token at all" looks different, as RFC 6750 §3.1 asks.
TEST_F(JwtBearer, TellsTheClientOneSentenceWhateverFailed) {
  const std::string expected =
      "Bearer error=\"invalid_token\", error_description=\"The access token is not accepted\"";
  const std::string forged = token().substr(0, token().size() - 3) + "AAA";
  for (const std::string& bad :
       {token(Seconds(-3000)), token(Seconds(600), "api://other"), forged, std::string("garbage")})
    EXPECT_EQ(JwtBearer::challenge(options(), "Bearer " + bad), expected)
        << (context_.response.headers.clear(), bad);
}

TEST_F(JwtBearer, ChallengesBarelyWithoutAToken) { EXPECT_EQ(challenge(options(), ""), "Bearer"); }

TEST_F(JwtBearer, SaysAsMuchAsItsDetailLevel) {
  auto none = options();
  none.error_details = ErrorDetails::none;
  none.realm = "orders";
  EXPECT_EQ(challenge(none, "Bearer x"), "Bearer realm=\"orders\"");
  context_.response.headers.clear();
  context_.features.clear();
  auto values = options();
  values.error_details = ErrorDetails::values;
  EXPECT_EQ(challenge(values, "Bearer " + token(Seconds(600), "api://other")),
            "Bearer error=\"invalid_token\", error_description=\"The audience 'api://other' is invalid\"");
}

TEST_F(JwtBearer, LeavesTheReasonForTheOperator) {
  authenticate(options(), "Bearer " + token(Seconds(600), "api://other"));
  const Denial* denial = context_.features.find<Denial>();
  ASSERT_NE(denial, nullptr);
  EXPECT_EQ(denial->error, (Error{Failure::audience_invalid, "api://other"}));
  EXPECT_EQ(denial->validator->expectation(Failure::audience_invalid, now), "api://orders");
  EXPECT_EQ(denial->token_header, token().substr(0, token().find('.')));
}

TEST_F(JwtBearer, AHookMayBringTheTokenOrTheResult) {
  auto bringing = options();
  bringing.events.on_message_received = [](MessageReceivedContext& received) { received.token = token(); };
  EXPECT_TRUE(authenticate(bringing, "").succeeded());
  EXPECT_TRUE(authenticate(bringing, "Bearer garbage").succeeded()) << "the hook's token wins";
  bringing.events.on_message_received = [](MessageReceivedContext& received) { received.no_result(); };
  EXPECT_TRUE(authenticate(bringing, "Bearer " + token()).is_none());
  bringing.events.on_message_received = [](MessageReceivedContext&) {};
  EXPECT_TRUE(authenticate(bringing, "Bearer " + token()).succeeded());
}

TEST_F(JwtBearer, AHookMaySettleAFailure) {
  auto settling = options();
  settling.events.on_authentication_failed = [](AuthenticationFailedContext& failed) {
    if (failed.error.kind != Failure::malformed) return;
    failed.principal = claims::ClaimsPrincipal::anonymous();
    failed.success();
  };
  EXPECT_TRUE(authenticate(settling, "Bearer garbage").succeeded());
  EXPECT_FALSE(authenticate(settling, "Bearer " + token(Seconds(-3000))).succeeded());
}

TEST_F(JwtBearer, AHookMaySettleWhatAnotherOneThrew) {
  auto settling = options();
  std::string seen;
  settling.events.on_token_validated = [](TokenValidatedContext&) { throw 7; };
  settling.events.on_authentication_failed = [&](AuthenticationFailedContext& failed) {
    seen = failed.error.subject;
    EXPECT_TRUE(failed.exception);
    failed.fail("settled");
  };
  const auto result = authenticate(settling, "Bearer " + token());
  ASSERT_NE(result.failure(), nullptr);
  EXPECT_EQ(*result.failure(), (Error{Failure::refused, "settled"}));
  EXPECT_EQ(seen, "an exception of unknown type");
}

TEST_F(JwtBearer, WhatAHookRefusedIsLeftForTheOperator) {
  auto settling = options();
  settling.events.on_token_validated = [](TokenValidatedContext& context) { context.success(); };
  EXPECT_TRUE(authenticate(settling, "Bearer " + token()).succeeded());
  EXPECT_EQ(context_.features.find<Denial>(), nullptr);
  context_.features.clear();
  settling.events.on_token_validated = [](TokenValidatedContext& context) { context.fail("disabled"); };
  authenticate(settling, "Bearer " + token());
  ASSERT_NE(context_.features.find<Denial>(), nullptr);
  EXPECT_EQ(context_.features.find<Denial>()->error, (Error{Failure::refused, "disabled"}));
}

TEST_F(JwtBearer, AHookThatSucceedsWithoutAPrincipalIsAnError) {
  auto careless = options();
  std::string seen;
  careless.events.on_message_received = [](MessageReceivedContext& received) { received.success(); };
  careless.events.on_authentication_failed = [&](AuthenticationFailedContext& failed) {
    seen = failed.error.subject;
    failed.no_result();
  };
  EXPECT_TRUE(authenticate(careless, "").is_none());
  EXPECT_EQ(seen, "success() needs a principal: set context.principal first");
}

TEST_F(JwtBearer, SavesTheTokenOnlyWhenAskedTo) {
  auto saving = options();
  saving.save_token = true;
  const std::string text = token();
  EXPECT_EQ(authenticate(saving, "Bearer " + text).ticket()->properties.access_token, text);
}

TEST_F(JwtBearer, KeepsNoLongHeaderForTheOperator) {
  authenticate(options(), "Bearer " + std::string(2000, 'a') + ".e30.AA");
  EXPECT_EQ(context_.features.find<Denial>()->token_header.size(), 1024u);
}

// The operator reads what was expected of a token that no issuer of the table judges.
TEST_F(JwtBearer, SaysWhomAStrangerWouldHaveToComeFrom) {
  auto with = options();
  discovery::IssuerOptions ours{.parameters = with.token_validation_parameters}, theirs = ours;
  ours.parameters.valid_issuer = "https://ours.example";
  theirs.parameters.valid_issuer = "https://theirs.example";
  with.issuers = {ours, theirs};
  EXPECT_EQ(authenticate(with, "Bearer " + token()).failure()->kind, Failure::issuer_invalid);
  const Denial* denial = context_.features.find<Denial>();
  ASSERT_TRUE(denial && denial->validator);
  EXPECT_EQ(denial->validator->expectation(Failure::issuer_invalid, now), "https://ours.example");
}

struct ChallengeCase {
  const char* name;
  ErrorDetails details;
  const char* authorization;
  bool handled;
  int status;
  const char* expected;
};

constexpr ChallengeCase challenge_cases[] = {
    {"NoToken", ErrorDetails::code, "", false, 401, "Bearer"},
    {"ABadToken", ErrorDetails::none, "Bearer x", false, 401, "Bearer"},
    {"SeveralTokens", ErrorDetails::code, "twice", false, 400, R"(Bearer error="invalid_request")"},
    {"SeveralTokensWithoutDetails", ErrorDetails::none, "twice", false, 400, "Bearer"},
    {"ABadTokenThatAHookAnswers", ErrorDetails::code, "Bearer x", true, 418, ""},
};

class ChallengeAnswer : public JwtBearer, public ::testing::WithParamInterface<ChallengeCase> {};

TEST_P(ChallengeAnswer, IsTheOneOfRfc6750) {
  auto with = options();
  with.error_details = GetParam().details;
  with.events.on_challenge = [](ChallengeContext& context) {
    if (!GetParam().handled) return;
    context.http.response.status = 418;
    context.handle_response();
  };
  const bool twice = GetParam().authorization == std::string_view("twice");
  // The second header is there before the handler looks, and the first is added by the fixture.
  with.events.on_message_received = [twice, this](MessageReceivedContext&) {
    if (twice) request_.headers.add("authorization", "Bearer b");
  };
  EXPECT_EQ(JwtBearer::challenge(with, twice ? "Bearer a" : GetParam().authorization), GetParam().expected);
  EXPECT_EQ(context_.response.status, GetParam().status);
  const Denial* denial = context_.features.find<Denial>();
  if (!GetParam().handled) EXPECT_EQ(denial->status, GetParam().status);
}

INSTANTIATE_TEST_SUITE_P(Rfc6750, ChallengeAnswer, ::testing::ValuesIn(challenge_cases),
                         [](const auto& test) { return test.param.name; });

TEST_F(JwtBearer, AForbiddenAnswerNamesTheScopeThatWasMissing) {
  const auto forbid = [&](ErrorDetails details, const std::string& scope) {
    auto with = options();
    with.error_details = details;
    context_.features.clear();
    context_.response.headers.clear();
    authenticate(with, "Bearer " + token());
    context_.features.get_or_add<Denial>().missing_scope = scope;
    start(service_->forbid(context_, ""), [] {});
    EXPECT_EQ(context_.response.status, 403);
    return std::string(context_.response.headers.find("WWW-Authenticate").value_or("none"));
  };
  EXPECT_EQ(forbid(ErrorDetails::code, "a b"), R"(Bearer error="insufficient_scope", scope="a b")");
  EXPECT_EQ(forbid(ErrorDetails::code, ""), "none");
  EXPECT_EQ(forbid(ErrorDetails::none, "a b"), "none");
}

TEST_F(JwtBearer, TheAudienceOfTheOptionsStandsInForOneOfTheParametersOnly) {
  auto with = options();
  with.audience = "api://other";
  EXPECT_TRUE(authenticate(with, "Bearer " + token()).succeeded());
  with.token_validation_parameters.valid_audience = "";
  with.token_validation_parameters.valid_audiences = {"api://orders"};
  EXPECT_TRUE(authenticate(with, "Bearer " + token()).succeeded());
  EXPECT_FALSE(authenticate(with, "Bearer " + token(Seconds(600), "api://other")).succeeded());
  with.token_validation_parameters.valid_audiences = {};
  EXPECT_TRUE(authenticate(with, "Bearer " + token(Seconds(600), "api://other")).succeeded());
}

TEST_F(JwtBearer, AHookMayRefuseAGoodToken) {
  auto refusing = options();
  refusing.events.on_token_validated = [](TokenValidatedContext& context) {
    EXPECT_EQ(context.token.claims.subject(), "ada");
    context.fail("user is disabled");
  };
  const auto result = authenticate(refusing, "Bearer " + token());
  ASSERT_NE(result.failure(), nullptr);
  EXPECT_EQ(*result.failure(), (Error{Failure::refused, "user is disabled"}));
}

TEST_F(JwtBearer, AHookMayWait) {
  auto waiting = options();
  waiting.events.on_token_validated = [](TokenValidatedContext& context) -> Task<void> {
    context.add_claim({.type = "tenant", .value = "t1"});
    co_return;
  };
  const auto result = authenticate(waiting, "Bearer " + token());
  EXPECT_EQ(result.ticket()->principal->find_first("tenant"), "t1");
}

TEST_F(JwtBearer, AHookThatThrowsIsSeenByOnAuthenticationFailedAndFailsTheRequest) {
  auto throwing = options();
  std::string seen;
  throwing.events.on_token_validated = [](TokenValidatedContext&) { throw std::runtime_error("boom"); };
  throwing.events.on_authentication_failed = [&](AuthenticationFailedContext& context) {
    seen = context.error.subject;
  };
  http::Pipeline pipeline;
  authenticate(options(), "");
  context_.features.clear();
  authorization_ = "Bearer " + token();
  request_.headers.add("Authorization", authorization_);
  std::vector<AuthenticationScheme> schemes;
  schemes.push_back({.name = "Bearer", .handler = JwtBearerHandler::make("Bearer", throwing).value()});
  const AuthenticationService service({}, std::move(schemes));
  pipeline.use(use_authentication(service));
  start(pipeline.run(context_), [] {});
  EXPECT_EQ(seen, "boom");
  EXPECT_EQ(context_.response.status, 500);
}

TEST(JwtBearerHandler, GoesByTheMachinesClockWhereItIsGivenNone) {
  const auto clock = std::make_shared<gatehouse::testing::FakeClock>();
  const auto backchannel = std::make_shared<test_support::FakeBackchannel>(*clock);
  backchannel->publish(
      "https://issuer.example",
      jose::KeySet({jose::Key::generate(jose::Algorithm::ES256, "k1").value()}).public_jwks());
  const auto made = JwtBearerHandler::make(
      "Bearer",
      {.authority = "https://issuer.example", .audience = "api://orders", .backchannel = backchannel});
  ASSERT_TRUE(made) << made.error().subject;
  const auto authority = (*made)->authorities().front();
  EXPECT_TRUE(run_inline(authority->refresh())->has_value());
  EXPECT_GT(authority->status(SystemClock().now()).fetched, clock->now());
}

// Two tenants wait for their keys, and there is room for one.
TEST(JwtBearerHandler, ATenantThatHadToMakeRoomIsUnavailableAndNotRefused) {
  const auto clock = std::make_shared<gatehouse::testing::FakeClock>(now);
  const auto backchannel = std::make_shared<test_support::FakeBackchannel>(*clock);
  backchannel->holds = true;
  JwtBearerOptions tenants{.most_resolved_issuers = 1, .backchannel = backchannel, .clock = clock};
  tenants.issuer_resolver = [](std::string name) -> Task<std::optional<discovery::IssuerOptions>> {
    co_return discovery::IssuerOptions{.parameters = {.valid_audience = "api://orders"},
                                       .authority = {.authority = std::move(name)}};
  };
  const auto handler = JwtBearerHandler::make("Bearer", std::move(tenants)).value();
  const auto token_of = [](const std::string& issuer) {
    const tokens::TokenDescriptor descriptor{
        .issuer = issuer, .audiences = {"api://orders"}, .subject = "ada"};
    return "Bearer " +
           tokens::write(tokens::with_default_times(descriptor, now), key, jose::Algorithm::HS256).value();
  };
  const http::ServiceCollection services;
  const std::string headers[] = {token_of("https://one.example"), token_of("https://two.example")};
  http::Request requests[2];
  std::optional<AuthenticateResult> results[2];
  std::optional<http::HttpContext> contexts[2];
  for (int i = 0; i < 2; ++i) {
    requests[i].headers.add("authorization", headers[i]);
    contexts[i].emplace(requests[i], services, *clock);
    start(handler->authenticate(*contexts[i]),
          [&results, i](AuthenticateResult&& result) { results[i] = std::move(result); });
    ASSERT_FALSE(results[i]) << "it waits";
  }
  ASSERT_EQ(handler->issuers().resolved(), 1);
  backchannel->holds = false;
  backchannel->release();
  ASSERT_TRUE(results[0]);
  ASSERT_NE(results[0]->failure(), nullptr);
  EXPECT_EQ(results[0]->failure()->kind, Failure::metadata_unavailable);
}

TEST(JwtBearerHandler, RefusesOptionsThatWouldAcceptNobodyOrAnybody) {
  const auto fault = [](const std::function<void(JwtBearerOptions&)>& spoil) {
    JwtBearerOptions spoiled = options();
    spoil(spoiled);
    const auto made = JwtBearerHandler::make("Bearer", std::move(spoiled));
    return made ? std::string() : made.error().subject;
  };
  EXPECT_NE(fault([](auto& o) { o.token_validation_parameters.valid_issuer = ""; }).find("valid_issuer"),
            std::string::npos);
  EXPECT_NE(fault([](auto& o) { o.token_validation_parameters.valid_audience = ""; }).find("valid_audience"),
            std::string::npos);
  EXPECT_NE(fault([](auto& o) {
              o.token_validation_parameters.issuer_signing_key.reset();
            }).find("issuer_signing_key"),
            std::string::npos);
  for (const char* challenge : {"", "Bearer\r\n", "Bearer\x1F", "Bearer\x7F"})
    EXPECT_NE(fault([&](auto& o) { o.challenge = challenge; }).find("challenge"), std::string::npos);
  EXPECT_EQ(fault([](auto& o) { o.challenge = "Bearer ~"; }), "");
  EXPECT_EQ(fault([](auto& o) {
              o.token_validation_parameters.valid_audience = "";
              o.audience = "api://orders";
            }),
            "");
}

}  // namespace
}  // namespace gatehouse::authentication
