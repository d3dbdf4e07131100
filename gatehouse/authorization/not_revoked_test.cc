// Tokens that are good and were withdrawn: what require_not_revoked() makes of what a RevocationCheck says.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "gatehouse/authorization/authorization_service.h"
#include "gatehouse/authorization/guard.h"
#include "gatehouse/tokens/token_descriptor.h"

namespace gatehouse::authorization {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr Instant now{Seconds(1'780'272'000)};

class FixedClock final : public Clock {
 public:
  Instant now() const override { return authorization::now; }
};

const jose::Key key = jose::Key::symmetric(Secret("a secret of thirty-two octets !!"), "k1");
const tokens::TokenValidationParameters trusted{
    .valid_issuer = "https://issuer.example", .valid_audience = "api://orders", .issuer_signing_key = key};

std::string token_of(std::string id, std::string issuer = "https://issuer.example") {
  const tokens::TokenDescriptor descriptor{.issuer = std::move(issuer),
                                           .audiences = {"api://orders"},
                                           .subject = "ada",
                                           .id = std::move(id),
                                           .expires = now + Seconds(600)};
  return tokens::write(descriptor, key, jose::Algorithm::HS256).value();
}

// Says what the test wants: of "gone" that it was withdrawn, of "sure" that it stands, of others whatever
// `answer` is.
class SaidCheck final : public RevocationCheck {
 public:
  Result<void> check(const tokens::Token& token, Seconds max_staleness, Instant) const override {
    staleness.push_back(max_staleness);
    const auto id = token.claims.id().value_or("");
    if (id == "gone") return fail(Failure::revoked, "by jti");
    if (id == "sure") return {};
    if (id == "nameless") return fail(Failure::claim_missing, "jti");
    return answer;
  }
  bool may_ask() const noexcept override { return asks; }
  Task<Result<void>> ask(std::string text, Instant) const override {
    asked.push_back(std::move(text));
    co_return asked_answer;
  }

  Result<void> answer;
  Result<void> asked_answer;
  bool asks = true;
  mutable std::vector<Seconds> staleness;
  mutable std::vector<std::string> asked;
};

class NotRevokedTest : public ::testing::Test {
 protected:
  NotRevokedTest() {
    builder.use_clock(std::make_shared<const FixedClock>());
    builder.add_authentication("Bearer").add_jwt_bearer([](authentication::JwtBearerOptions& options) {
      options.token_validation_parameters = trusted;
      options.error_details = authentication::ErrorDetails::values;
    });
    builder.add_authorization([this](AuthorizationOptions& options) { options.revocation_check = check; });
  }

  GuardVerdict get(std::string_view target, const std::string& id, bool waits = true) {
    if (!guard) guard.emplace(builder.build().value());
    const std::string authorization = id.empty() ? "" : "Bearer " + token_of(id);
    const GuardRequest request{.target = target, .authorization = authorization};
    return waits ? guard->wait(request) : guard->check(request);
  }

  std::string build_fault() {
    const auto built = builder.build();
    return built ? "it is built" : built.error().subject;
  }

  std::shared_ptr<SaidCheck> check = std::make_shared<SaidCheck>();
  GuardBuilder builder;
  std::optional<Guard> guard;
};

const Result<void> stands;
const Result<void> unknown = fail(Failure::unavailable, "heard last an hour ago");
const Result<void> withdrawn = fail(Failure::revoked, "introspection");

struct StandingCase {
  const char* name;  // reads as the end of "A token …"
  WhenStale when_stale;
  const char* id;
  Result<void> answer;
  Result<void> asked;
  int status;
  std::size_t questions;
};

const StandingCase standing_cases[] = {
    {"ThatStandsPasses", WhenStale::deny, "good", stands, stands, 200, 0},
    {"ThatStandsPassesWithoutAQuestion", WhenStale::introspect, "good", stands, withdrawn, 200, 0},
    {"ThatWasWithdrawnIsRefused", WhenStale::deny, "gone", stands, stands, 401, 0},
    {"ThatWasWithdrawnIsRefusedWhereStaleIsAllowed", WhenStale::allow, "gone", unknown, stands, 401, 0},
    {"ThatWasWithdrawnIsRefusedWithoutAQuestion", WhenStale::introspect, "gone", unknown, stands, 401, 0},
    {"WithoutANameIsRefused", WhenStale::allow, "nameless", stands, stands, 401, 0},
    {"OfWhichNothingIsKnownPassesWhereAllowed", WhenStale::allow, "good", unknown, withdrawn, 200, 0},
    {"OfWhichNothingIsKnownIsUnavailable", WhenStale::deny, "good", unknown, stands, 503, 0},
    {"ThatItsIssuerCallsActivePasses", WhenStale::introspect, "good", unknown, stands, 200, 1},
    {"ThatItsIssuerCallsInactiveIsRefused", WhenStale::introspect, "good", unknown, withdrawn, 401, 1},
    {"WhoseIssuerDoesNotAnswerIsUnavailable", WhenStale::introspect, "good", unknown, unknown, 503, 1},
    {"ThatIsNoneIsChallenged", WhenStale::deny, "", unknown, stands, 401, 0},
};

class Standing : public NotRevokedTest, public ::testing::WithParamInterface<StandingCase> {};

TEST_P(Standing, Decides) {
  const auto& test = GetParam();
  check->answer = test.answer;
  check->asked_answer = test.asked;
  builder.protect("GET", "/pay").require_authorization().require_not_revoked(test.when_stale);
  const GuardVerdict verdict = get("/pay", test.id);
  EXPECT_EQ(verdict.status, test.status);
  EXPECT_EQ(verdict.allowed(), test.status == 200);
  EXPECT_EQ(check->asked.size(), test.questions);
}

INSTANTIATE_TEST_SUITE_P(Authorization, Standing, ::testing::ValuesIn(standing_cases),
                         [](const auto& test) { return test.param.name; });

TEST_F(NotRevokedTest, IsAskedOnlyWhereItIsDemanded) {
  builder.protect("GET", "/read").require_authorization();
  builder.protect("GET", "/pay").require_not_revoked();
  builder.protect("GET", "/open").require_not_revoked().allow_anonymous();
  EXPECT_EQ(get("/read", "gone").status, 200);
  EXPECT_EQ(get("/pay", "gone").status, 401);
  EXPECT_EQ(get("/open", "gone").status, 200);
  EXPECT_EQ(get("/pay", "").status, 401) << "somebody has to be known";
}

TEST_F(NotRevokedTest, AWithdrawnTokenIsAnInvalidOne) {
  builder.protect("GET", "/pay").require_not_revoked();
  const GuardVerdict verdict = get("/pay", "gone");
  EXPECT_EQ(verdict.challenge,
            R"(Bearer error="invalid_token", error_description="The token was withdrawn")");
  ASSERT_TRUE(verdict.denial);
  EXPECT_EQ(verdict.denial->status, 401);
  EXPECT_EQ(verdict.denial->error, (Error{.kind = Failure::revoked, .subject = "by jti"}));
}

TEST_F(NotRevokedTest, WhatCannotBeToldIsNobodysFault) {
  check->answer = unknown;
  builder.protect("GET", "/pay").require_not_revoked();
  const GuardVerdict verdict = get("/pay", "good");
  EXPECT_EQ(verdict.status, 503);
  EXPECT_EQ(verdict.challenge, "");
  EXPECT_EQ(verdict.headers.find("Retry-After"), "1");
  ASSERT_TRUE(verdict.denial);
  EXPECT_EQ(verdict.denial->status, 503);
  EXPECT_EQ(verdict.denial->error->kind, Failure::unavailable);
}

TEST_F(NotRevokedTest, WhatCannotBeToldIsNoRefusal) {
  check->answer = unknown;
  bool is_told = false;
  builder.add_authorization([&is_told](AuthorizationOptions& options) {
    options.on_refused = [&is_told](AuthorizationResultContext&) { is_told = true; };
  });
  builder.protect("GET", "/pay").require_not_revoked();
  EXPECT_EQ(get("/pay", "good").status, 503);
  EXPECT_FALSE(is_told);
}

TEST_F(NotRevokedTest, TheSchemesOfThePolicyChallengeAndNoOther) {
  builder.add_authentication("Bearer").add_jwt_bearer("Other", [](authentication::JwtBearerOptions& options) {
    options.token_validation_parameters = trusted;
    options.realm = "other";
  });
  builder.protect("GET", "/pay")
      .require_authorization(AuthorizeData{.schemes = {"Other"}})
      .require_not_revoked();
  EXPECT_EQ(
      get("/pay", "gone").challenge,
      R"(Bearer realm="other", error="invalid_token", error_description="The access token is not accepted")");
}

TEST_F(NotRevokedTest, IsAskedBeforeAnyRequirement) {
  builder.protect("GET", "/pay").require_role("Admin").require_not_revoked();
  EXPECT_EQ(get("/pay", "gone").status, 401);
  EXPECT_EQ(get("/pay", "good").status, 403);
}

TEST_F(NotRevokedTest, HoldsForTokensThatWereSeenBefore) {
  builder.protect("GET", "/pay").require_not_revoked();
  EXPECT_EQ(get("/pay", "good").status, 200);
  check->answer = withdrawn;
  EXPECT_EQ(get("/pay", "good").status, 401);
  check->answer = stands;
  EXPECT_EQ(get("/pay", "good").status, 200);
}

TEST_F(NotRevokedTest, AsksNobodyWhereItMayNotWait) {
  check->answer = unknown;
  builder.protect("GET", "/pay").require_not_revoked(WhenStale::introspect);
  EXPECT_EQ(get("/pay", "good", false).status, 503);
  EXPECT_TRUE(check->asked.empty());
  EXPECT_EQ(get("/pay", "good").status, 200);
  EXPECT_THAT(check->asked, ElementsAre(token_of("good")));
}

TEST_F(NotRevokedTest, MayBeSaidOfAPolicy) {
  builder.add_authorization([](AuthorizationOptions& options) {
    options.add_policy("Payments", [](PolicyBuilder& policy) {
      policy.require_any_of([](PolicyBuilder& any) {
        any.require_role("Admin").require_not_revoked(WhenStale::allow, Seconds(60));
      });
    });
  });
  builder.protect("GET", "/pay").require_authorization("Payments");
  EXPECT_EQ(get("/pay", "gone").status, 401) << "also from within another demand";
  EXPECT_THAT(check->staleness, ElementsAre(Seconds(60)));
}

TEST_F(NotRevokedTest, StaysSaidBesideAPolicyThatDoesNotSayIt) {
  builder.add_authorization([](AuthorizationOptions& options) {
    options.add_policy(
        "Payments", [](PolicyBuilder& policy) { policy.require_not_revoked(WhenStale::deny, Seconds(60)); });
    options.add_policy("Known", [](PolicyBuilder& policy) { policy.require_authenticated_user(); });
  });
  builder.protect("GET", "/pay").require_authorization("Payments").require_authorization("Known");
  EXPECT_EQ(get("/pay", "gone").status, 401);
  EXPECT_THAT(check->staleness, ElementsAre(Seconds(60)));
}

TEST_F(NotRevokedTest, TheStricterWordCounts) {
  check->answer = unknown;
  builder.protect("GET", "/pay")
      .require_not_revoked(WhenStale::deny, Seconds(30))
      .require_not_revoked(WhenStale::allow, Seconds(5));
  EXPECT_EQ(get("/pay", "good").status, 503);
  EXPECT_THAT(check->staleness, ElementsAre(Seconds(5)));
}

TEST_F(NotRevokedTest, MayBeSaidOfEverything) {
  builder.add_authorization([](AuthorizationOptions& options) {
    options.fallback_policy = PolicyBuilder().require_not_revoked().build();
  });
  builder.protect("GET", "/read");
  EXPECT_EQ(get("/read", "gone").status, 401);
  EXPECT_EQ(get("/elsewhere", "gone").status, 401);
  EXPECT_EQ(get("/read", "good").status, 200);
}

TEST_F(NotRevokedTest, AsksTheIssuerForWhatTheFallbackGuards) {
  check->answer = unknown;
  builder.add_authorization([](AuthorizationOptions& options) {
    options.fallback_policy = PolicyBuilder().require_not_revoked(WhenStale::introspect).build();
  });
  EXPECT_EQ(get("/elsewhere", "good").status, 200);
  EXPECT_THAT(check->asked, ElementsAre(token_of("good")));
}

TEST_F(NotRevokedTest, TakesThePlaceOfNoPolicy) {
  builder.add_authorization([](AuthorizationOptions& options) {
    options.default_policy = PolicyBuilder().require_role("Clerk").build();
  });
  builder.protect("GET", "/said").require_authorization().require_not_revoked();
  builder.protect("GET", "/unsaid").require_not_revoked();
  EXPECT_EQ(get("/said", "good").status, 403) << "the default policy holds";
  EXPECT_EQ(get("/unsaid", "good").status, 403) << "the default policy holds";
  EXPECT_EQ(get("/unsaid", "gone").status, 401);
}

TEST_F(NotRevokedTest, ComesOnTopOfTheFallbackPolicy) {
  builder.add_authorization([](AuthorizationOptions& options) {
    options.fallback_policy = PolicyBuilder().require_role("Clerk").build();
  });
  builder.protect("GET", "/pay").require_not_revoked();
  EXPECT_EQ(get("/pay", "good").status, 403);
  EXPECT_EQ(get("/pay", "gone").status, 401);
}

TEST_F(NotRevokedTest, TellsTheHookOfARefusal) {
  std::vector<std::string> vetoes;
  builder.add_authorization([&vetoes](AuthorizationOptions& options) {
    options.on_refused = [&vetoes](AuthorizationResultContext& refused) {
      vetoes = refused.decision.vetoes;
      refused.http.response.status = 418;
      refused.handle_response();
    };
  });
  builder.protect("GET", "/pay").require_not_revoked();
  EXPECT_EQ(get("/pay", "gone").status, 418);
  EXPECT_THAT(vetoes, ElementsAre("was revoked: by jti"));
}

TEST_F(NotRevokedTest, IsChallengedWhereTheHookOnlyListens) {
  int told = 0;
  builder.add_authorization([&told](AuthorizationOptions& options) {
    options.on_refused = [&told](AuthorizationResultContext&) { ++told; };
  });
  builder.protect("GET", "/pay").require_not_revoked();
  const GuardVerdict verdict = get("/pay", "gone");
  EXPECT_EQ(verdict.status, 401);
  EXPECT_THAT(verdict.challenge, HasSubstr("invalid_token"));
  EXPECT_EQ(told, 1);
}

TEST_F(NotRevokedTest, IsAskedOfTheTokenWhoeverTheHookSaysIsAsking) {
  builder.add_authentication("Other").add_jwt_bearer("Other", [](authentication::JwtBearerOptions& options) {
    options.token_validation_parameters = trusted;
    options.events.on_token_validated = [](authentication::TokenValidatedContext& context) {
      claims::ClaimsIdentity other;
      other.authentication_type = "made up";
      context.principal = std::make_shared<const claims::ClaimsPrincipal>(std::move(other));
    };
  });
  builder.protect("GET", "/pay").require_not_revoked();
  EXPECT_EQ(get("/pay", "gone").status, 401);
  EXPECT_EQ(get("/pay", "good").status, 200);
}

struct TwoTokensCase {
  const char* name;
  const char* first;
  const char* second;
  Result<void> answer;
  int status;
  std::vector<std::string> asked;
};

const TwoTokensCase two_tokens_cases[] = {
    {"BothStand", "good", "good", stands, 200, {}},
    {"TheFirstWasWithdrawn", "gone", "good", stands, 401, {}},
    {"TheSecondWasWithdrawn", "good", "gone", stands, 401, {}},
    {"TheFirstWasWithdrawnAndTheOtherCannotBeTold", "gone", "good", unknown, 401, {}},
    {"TheSecondWasWithdrawnAndTheOtherCannotBeTold", "good", "gone", unknown, 401, {}},
    {"NeitherCanBeTold", "one", "two", unknown, 200, {"one", "two"}},
    {"TheFirstCannotBeTold", "one", "sure", unknown, 200, {"one"}},
    {"TheSecondCannotBeTold", "sure", "two", unknown, 200, {"two"}},
};

// Each scheme has a token of its own; the policy takes both for one caller.
class TwoTokens : public NotRevokedTest, public ::testing::WithParamInterface<TwoTokensCase> {
 protected:
  int get_with(const std::string& header_id, const std::string& other_id) {
    builder.add_authentication("Bearer").add_jwt_bearer(
        "Other", [](authentication::JwtBearerOptions& options) {
          options.token_validation_parameters = trusted;
          options.events.on_message_received = [](authentication::MessageReceivedContext& context) {
            context.token = context.http.request.header("X-Token").value_or("");
          };
        });
    builder.protect("GET", "/pay")
        .require_authorization(AuthorizeData{.schemes = {"Bearer", "Other"}})
        .require_not_revoked(WhenStale::introspect);
    guard.emplace(builder.build().value());
    http::RequestHeaders headers;
    const std::string other = token_of(other_id);
    headers.add("X-Token", other);
    const std::string authorization = "Bearer " + token_of(header_id);
    return guard->wait({.target = "/pay", .authorization = authorization, .headers = &headers}).status;
  }
};

TEST_P(TwoTokens, Decide) {
  const auto& test = GetParam();
  check->answer = test.answer;
  EXPECT_EQ(get_with(test.first, test.second), test.status);
  std::vector<std::string> asked;
  for (const std::string& id : test.asked) asked.push_back(token_of(id));
  EXPECT_EQ(check->asked, asked) << "of those that cannot be told, and of no other";
}

INSTANTIATE_TEST_SUITE_P(Authorization, TwoTokens, ::testing::ValuesIn(two_tokens_cases),
                         [](const auto& test) { return test.param.name; });

TEST_F(NotRevokedTest, StopsTheStartWhereNobodyKnows) {
  builder.add_authorization([](AuthorizationOptions& options) { options.revocation_check = nullptr; });
  builder.protect("GET", "/pay").require_not_revoked();
  EXPECT_THAT(build_fault(),
              HasSubstr("GET /pay: require_not_revoked requires tokens not to be revoked and nobody"));
}

TEST_F(NotRevokedTest, StopsTheStartWhereTheFallbackHasNobody) {
  builder.add_authorization([](AuthorizationOptions& options) {
    options.revocation_check = nullptr;
    options.fallback_policy = PolicyBuilder().require_not_revoked().build();
  });
  EXPECT_THAT(build_fault(), HasSubstr("set revocation_check"));
}

TEST_F(NotRevokedTest, StopsTheStartWhereNobodyCanBeAsked) {
  check->asks = false;
  builder.protect("GET", "/pay").require_not_revoked(WhenStale::introspect);
  EXPECT_THAT(build_fault(), HasSubstr("there is nobody to ask"));
}

TEST_F(NotRevokedTest, IsNothingThatAServiceCouldSee) {
  const AuthorizationOptions options;
  const AuthorizationService service(options, {});
  claims::ClaimsIdentity ada;
  ada.authentication_type = "test";
  const claims::ClaimsPrincipal user(std::move(ada));
  AuthorizationPolicy policy = PolicyBuilder().require_not_revoked().build();
  const auto decision = run_inline(service.authorize(user, policy, Resource())).value();
  EXPECT_EQ(decision.outcome, Outcome::forbidden);
  EXPECT_EQ(decision.vetoes.size(), 1u);
}

TEST(NotRevoked, IsCombinedToTheStricter) {
  const NotRevoked one{.when_stale = WhenStale::introspect, .max_staleness = Seconds(60)};
  EXPECT_EQ(stricter(one, {.when_stale = WhenStale::allow, .max_staleness = Seconds(5)}),
            (NotRevoked{.when_stale = WhenStale::introspect, .max_staleness = Seconds(5)}));
  EXPECT_EQ(stricter({.when_stale = WhenStale::allow, .max_staleness = Seconds(5)}, one),
            (NotRevoked{.when_stale = WhenStale::introspect, .max_staleness = Seconds(5)}));
}

}  // namespace
}  // namespace gatehouse::authorization
