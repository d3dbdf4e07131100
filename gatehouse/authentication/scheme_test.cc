#include "gatehouse/authentication/scheme.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "gatehouse/authentication/authentication_builder.h"
#include "gatehouse/authentication/middleware.h"

namespace gatehouse::authentication {
namespace {

// A scheme that knows everybody by its own name, and counts what it is asked.
class NamedHandler final : public AuthenticationHandler {
 public:
  NamedHandler(std::string name, bool known) : name_(std::move(name)), known_(known) {}

  Task<AuthenticateResult> authenticate(http::HttpContext&) override {
    ++authentications;
    if (!known_) co_return AuthenticateResult::fail({.kind = Failure::expired, .subject = name_});
    auto user = std::make_shared<const claims::ClaimsPrincipal>(
        claims::ClaimsIdentity{.claims = {{.type = "sub", .value = name_}}, .authentication_type = name_});
    co_return AuthenticateResult::success({.principal = std::move(user), .scheme = name_});
  }
  Task<void> challenge(http::HttpContext& context, const AuthenticateResult& result) override {
    context.response.status = 401;
    context.response.headers.append("WWW-Authenticate", result.failure() ? name_ + " failed" : name_);
    co_return;
  }
  Task<void> forbid(http::HttpContext& context) override {
    context.response.status = 403;
    context.response.headers.append("X-Forbid", name_);
    co_return;
  }

  int authentications = 0;

 private:
  std::string name_;
  bool known_;
};

class SchemesTest : public testing::Test {
 protected:
  AuthenticationScheme scheme(const std::string& name, bool known, SchemeForwarding forwarding = {}) {
    auto handler = std::make_unique<NamedHandler>(name, known);
    handlers_[name] = handler.get();
    return {.name = name, .forwarding = std::move(forwarding), .handler = std::move(handler)};
  }

  AuthenticationService service(AuthenticationOptions options, AuthenticationScheme first,
                                std::optional<AuthenticationScheme> second = {}) {
    std::vector<AuthenticationScheme> schemes;
    schemes.push_back(std::move(first));
    if (second) schemes.push_back(std::move(*second));
    return AuthenticationService(std::move(options), std::move(schemes));
  }

  http::Request request_;
  http::ServiceCollection services_;
  SystemClock clock_;
  http::HttpContext context_{request_, services_, clock_};
  std::map<std::string, NamedHandler*> handlers_;
};

TEST_F(SchemesTest, EachOfThreeIsAskedOnceAndRememberedAsItself) {
  std::vector<AuthenticationScheme> three;
  for (const char* name : {"A", "B", "C"}) three.push_back(scheme(name, true));
  const AuthenticationService asked({}, std::move(three));
  for (int round = 0; round < 2; ++round)
    for (const char* name : {"A", "B", "C"})
      EXPECT_EQ(run_inline(asked.authenticate(context_, name))->ticket()->scheme, name);
  for (const auto& [name, handler] : handlers_) EXPECT_EQ(handler->authentications, 1) << name;
}

TEST_F(SchemesTest, MayWaitWhereAHandlerMay) {
  const auto forwarding = [] {
    return AuthenticationScheme{.name = "F", .forwarding = {.forward_default = "A"}};
  };
  EXPECT_TRUE(service({}, scheme("A", true), forwarding()).may_wait());
  EXPECT_FALSE(service({}, forwarding()).may_wait());
}

TEST(AuthenticationBuilder, KeepsASchemeWhoseOptionsAreWrongWithoutItsHandler) {
  AuthenticationBuilder builder;
  builder.add_jwt_bearer("Bad", [](JwtBearerOptions&) {});
  std::vector<AuthenticationBuilder::Fault> faults;
  const AuthenticationService built = builder.build({}, faults);
  ASSERT_EQ(faults.size(), 1u);
  EXPECT_EQ(faults.front().where, "add_jwt_bearer Bad");
  EXPECT_EQ(faults.front().error.kind, Failure::configuration_invalid);
  EXPECT_TRUE(built.has_scheme("Bad"));
  EXPECT_FALSE(built.may_wait());
}

TEST_F(SchemesTest, TheOnlySchemeIsTheDefault) {
  const auto one = service({}, scheme("A", true));
  EXPECT_EQ(one.default_authenticate_scheme(), "A");
}

TEST_F(SchemesTest, OfTwoSchemesNoneIsTheDefaultUntilNamed) {
  EXPECT_EQ(service({}, scheme("A", true), scheme("B", true)).default_authenticate_scheme(), "");
  EXPECT_EQ(
      service({.default_scheme = "B"}, scheme("A", true), scheme("B", true)).default_authenticate_scheme(),
      "B");
}

TEST_F(SchemesTest, AHandlerIsAskedOnceARequest) {
  const auto one = service({}, scheme("A", true));
  run_inline(one.authenticate(context_, "A"));
  const auto again = run_inline(one.authenticate(context_, ""));
  ASSERT_TRUE(again && again->succeeded());
  EXPECT_EQ(handlers_["A"]->authentications, 1);
}

TEST_F(SchemesTest, AChallengeSeesTheFailureOfItsOwnScheme) {
  const auto two = service({.default_scheme = "A"}, scheme("A", true), scheme("B", false));
  start(two.challenge(context_, "B"), [] {});
  EXPECT_EQ(context_.response.headers.find("WWW-Authenticate"), "B failed");
}

TEST_F(SchemesTest, ForwardingSendsAnOperationElsewhere) {
  const auto two =
      service({.default_scheme = "A"}, scheme("A", true, {.forward_challenge = "B"}), scheme("B", true));
  start(two.challenge(context_, ""), [] {});
  EXPECT_EQ(context_.response.headers.find("WWW-Authenticate"), "B");
  start(two.forbid(context_, ""), [] {});
  EXPECT_EQ(context_.response.headers.find("X-Forbid"), "A");
}

TEST_F(SchemesTest, TheSelectorWinsOverTheDefaultForward) {
  const auto select = [](const http::HttpContext&) { return std::string("B"); };
  const auto two = service({.default_scheme = "A"},
                           scheme("A", false, {.forward_default = "A", .forward_default_selector = select}),
                           scheme("B", true));
  const auto result = run_inline(two.authenticate(context_, ""));
  ASSERT_TRUE(result && result->succeeded());
  EXPECT_EQ(result->ticket()->scheme, "B");
}

TEST_F(SchemesTest, ACircleOfForwardsIsAnError) {
  const auto two = service({.default_scheme = "A"}, scheme("A", true, {.forward_default = "B"}),
                           scheme("B", true, {.forward_default = "A"}));
  const auto ask = [&]() -> Task<bool> {
    try {
      co_await two.authenticate(context_, "A");
    } catch (const std::logic_error&) {
      co_return true;
    }
    co_return false;
  };
  EXPECT_EQ(run_inline(ask()), true);
}

struct FaultCase {
  const char* name;
  AuthenticationOptions options;
  SchemeForwarding forwarding;
  const char* expected;
};

const FaultCase fault_cases[] = {
    {"UnknownDefault", {.default_scheme = "Z"}, {}, "'Z'"},
    {"UnknownChallengeDefault", {.default_challenge_scheme = "Y"}, {}, "default_challenge_scheme"},
    {"UnknownAuthenticateDefault", {.default_authenticate_scheme = "Y"}, {}, "default_authenticate_scheme"},
    {"UnknownForbidDefault", {.default_forbid_scheme = "Y"}, {}, "default_forbid_scheme"},
    {"UnknownForward", {}, {.forward_forbid = "X"}, "the forwarding of 'A'"},
    {"UnknownForwardOfAll", {}, {.forward_default = "X"}, "the forwarding of 'A'"},
};

class SchemeFault : public SchemesTest, public testing::WithParamInterface<FaultCase> {};

TEST_P(SchemeFault, StopsTheStartAndNamesItself) {
  const auto one = service(GetParam().options, scheme("A", true, GetParam().forwarding));
  const auto checked = one.check();
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().kind, Failure::configuration_invalid);
  EXPECT_NE(checked.error().subject.find(GetParam().expected), std::string::npos) << checked.error().subject;
}

INSTANTIATE_TEST_SUITE_P(Schemes, SchemeFault, testing::ValuesIn(fault_cases),
                         [](const auto& test) { return test.param.name; });

TEST_F(SchemesTest, ASchemeAddedTwiceStopsTheStart) {
  EXPECT_FALSE(service({.default_scheme = "A"}, scheme("A", true), scheme("A", true)).check());
  EXPECT_TRUE(service({.default_scheme = "A"}, scheme("A", true, {.forward_forbid = "B"}), scheme("B", true))
                  .check());
}

// Which of two schemes answers each operation when nobody names one.
struct DefaultCase {
  const char* name;
  AuthenticationOptions options;
  SchemeForwarding forwarding;  // of A
  const char* expected;         // authenticate, challenge, forbid
};

const DefaultCase default_cases[] = {
    {"OneDefaultForAll", {.default_scheme = "A"}, {}, "AAA"},
    {"OneForAuthenticate", {.default_scheme = "A", .default_authenticate_scheme = "B"}, {}, "BAA"},
    {"OneForChallengeServesForbidToo", {.default_scheme = "A", .default_challenge_scheme = "B"}, {}, "ABB"},
    {"OneForForbid", {.default_scheme = "A", .default_forbid_scheme = "B"}, {}, "AAB"},
    {"ForwardingAll", {.default_scheme = "A"}, {.forward_default = "B"}, "BBB"},
    {"ForwardingAuthenticate", {.default_scheme = "A"}, {.forward_authenticate = "B"}, "BAA"},
    {"ForwardingForbid", {.default_scheme = "A"}, {.forward_forbid = "B"}, "AAB"},
    {"ForwardingAllButOneToItself",
     {.default_scheme = "A"},
     {.forward_default = "B", .forward_challenge = "A"},
     "BAB"},
    {"ASelectorThatSelectsNothing",
     {.default_scheme = "A"},
     {.forward_default = "B", .forward_default_selector = [](const auto&) { return std::string(); }},
     "BBB"},
    {"AnOperationsOwnForwardWinsOverTheSelector",
     {.default_scheme = "A"},
     {.forward_challenge = "A", .forward_default_selector = [](const auto&) { return std::string("B"); }},
     "BAB"},
};

class Default : public SchemesTest, public testing::WithParamInterface<DefaultCase> {};

TEST_P(Default, AnswersEachOperation) {
  const auto two = service(GetParam().options, scheme("A", true, GetParam().forwarding), scheme("B", true));
  std::string answered = run_inline(two.authenticate(context_, ""))->ticket()->scheme;
  start(two.challenge(context_, ""), [] {});
  answered += context_.response.headers.find("WWW-Authenticate").value_or("?");
  start(two.forbid(context_, ""), [] {});
  answered += context_.response.headers.find("X-Forbid").value_or("?");
  EXPECT_EQ(answered, GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(Schemes, Default, testing::ValuesIn(default_cases),
                         [](const auto& test) { return test.param.name; });

// What a request is refused with when it asks `name`.
std::string thrown_by(const AuthenticationService& asked, http::HttpContext& context, std::string_view name) {
  const auto ask = [&]() -> Task<std::string> {
    try {
      co_await asked.authenticate(context, name);
    } catch (const std::logic_error& thrown) {
      co_return thrown.what();
    }
    co_return "nothing";
  };
  return run_inline(ask()).value();
}

TEST_F(SchemesTest, ASchemeNobodyAddedIsAnErrorThatNamesIt) {
  const auto two = service({}, scheme("A", true), scheme("B", true));
  EXPECT_EQ(thrown_by(two, context_, "Z"), "no authentication scheme 'Z' was added");
  EXPECT_EQ(thrown_by(two, context_, ""), "no authentication scheme was named and there is no default");
}

TEST_F(SchemesTest, ASchemeThatOnlyForwardsHasToForward) {
  const auto two = service({.default_scheme = "A"}, {.name = "A"}, scheme("B", true));
  EXPECT_EQ(thrown_by(two, context_, "A"), "the scheme 'A' only forwards and found nowhere to");
  const auto forwarding =
      service({}, {.name = "A", .forwarding = {.forward_default = "B"}}, scheme("B", true));
  EXPECT_EQ(run_inline(forwarding.authenticate(context_, "A"))->ticket()->scheme, "B");
}

TEST_F(SchemesTest, AnAssumedUserIsWhatEveryHandlerSays) {
  const auto two = service({.default_scheme = "B"}, {.name = "A", .forwarding = {.forward_default = "B"}},
                           scheme("B", false));
  const auto ada =
      std::make_shared<const claims::ClaimsPrincipal>(claims::ClaimsIdentity{.authentication_type = "test"});
  two.assume(context_, ada);
  EXPECT_EQ(run_inline(two.authenticate(context_, "A"))->ticket()->principal, ada);
  EXPECT_EQ(handlers_["B"]->authentications, 0);
}

// A hook that threw is not run again: who asks later gets the same exception.
class ThrowingHandler final : public AuthenticationHandler {
 public:
  explicit ThrowingHandler(int& calls) : calls_(calls) {}
  Task<AuthenticateResult> authenticate(http::HttpContext&) override {
    ++calls_;
    throw std::logic_error("boom");
    co_return AuthenticateResult::none();
  }
  Task<void> challenge(http::HttpContext& context, const AuthenticateResult& result) override {
    context.response.headers.append("WWW-Authenticate",
                                    result.failure() ? result.failure()->subject : "none");
    co_return;
  }
  Task<void> forbid(http::HttpContext&) override { co_return; }

 private:
  int& calls_;
};

TEST_F(SchemesTest, AnExceptionIsRememberedLikeAnAnswer) {
  int calls = 0;
  const auto one = service({}, {.name = "A", .handler = std::make_unique<ThrowingHandler>(calls)});
  EXPECT_EQ(thrown_by(one, context_, "A"), "boom");
  EXPECT_EQ(thrown_by(one, context_, "A"), "boom");
  start(one.challenge(context_, ""), [] {});
  EXPECT_EQ(context_.response.headers.find("WWW-Authenticate"), "boom");
  EXPECT_EQ(calls, 1);
}

TEST_F(SchemesTest, TheMiddlewareSetsTheUserAndGoesOn) {
  const auto one = service({}, scheme("A", true));
  http::Pipeline pipeline;
  pipeline.use(use_authentication(one));
  pipeline.use([](http::HttpContext& context, http::Next) -> Task<void> {
    context.response.status = 204;
    co_return;
  });
  start(pipeline.run(context_), [] {});
  EXPECT_EQ(context_.response.status, 204);
  EXPECT_EQ(context_.user().find_first("sub"), "A");
}

TEST_F(SchemesTest, WithoutADefaultTheMiddlewareAsksNobody) {
  const auto two = service({}, scheme("A", true), scheme("B", true));
  http::Pipeline pipeline;
  pipeline.use(use_authentication(two));
  start(pipeline.run(context_), [] {});
  EXPECT_NE(context_.response.status, 500);
  EXPECT_FALSE(context_.user().is_authenticated());
}

TEST_F(SchemesTest, AFailedAuthenticationGoesOnAsAnonymous) {
  const auto one = service({}, scheme("A", false));
  http::Pipeline pipeline;
  pipeline.use(use_authentication(one));
  start(pipeline.run(context_), [] {});
  EXPECT_FALSE(context_.user().is_authenticated());
}

}  // namespace
}  // namespace gatehouse::authentication
