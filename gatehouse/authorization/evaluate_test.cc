#include "gatehouse/authorization/evaluate.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "gatehouse/authorization/authorization_service.h"

namespace gatehouse::authorization {
namespace {

using claims::ClaimsIdentity;
using claims::ClaimsPrincipal;

ClaimsPrincipal ada() {
  return ClaimsPrincipal(ClaimsIdentity{.claims = {{.type = "sub", .value = "ada"},
                                                   {.type = "role", .value = "Admin"},
                                                   {.type = "scope", .value = "orders.read"}},
                                        .authentication_type = "Bearer",
                                        .name_claim_types = {"name", "sub"},
                                        .role_claim_types = {"role", "roles"}});
}

class Wish final : public CustomRequirement {
 public:
  std::string describe() const override { return "a wish"; }
};

class Handler final : public AuthorizationHandler {
 public:
  enum class Says { nothing, yes, veto };
  explicit Handler(Says says) : says_(says) {}

  void handle(AuthorizationHandlerContext& context) const override {
    ++calls;
    if (says_ == Says::veto) return context.fail("vetoed");
    for (const CustomRequirement* requirement : context.pending())
      if (says_ == Says::yes) context.succeed(*requirement);
  }
  mutable int calls = 0;

 private:
  Says says_;
};

const AuthorizationPolicy wish{.requirements = {std::make_shared<const Wish>()}, .name = "wish"};

TEST(Evaluate, AllRequirementsHaveToBeMet) {
  const auto policy = PolicyBuilder().require_role("Admin").require_claim("scope", "orders.write").build();
  const Decision decision = evaluate(policy, ada());
  EXPECT_EQ(decision.outcome, Outcome::forbidden);
  EXPECT_EQ(decision.unmet(), std::vector<std::string>{"claim scope = orders.write"});
}

TEST(Evaluate, NobodyKnownIsAChallenge) {
  const auto policy = PolicyBuilder().require_role("Admin").build();
  EXPECT_EQ(evaluate(policy, *ClaimsPrincipal::anonymous()).outcome, Outcome::challenge);
}

TEST(Evaluate, APolicyWithoutRequirementsLetsNobodyIn) {
  const Decision decision = evaluate(AuthorizationPolicy{}, ada());
  EXPECT_EQ(decision.outcome, Outcome::forbidden);
  EXPECT_EQ(decision.unmet(), std::vector<std::string>{"a policy with a requirement"});
  const Handler yes(Handler::Says::yes);
  EXPECT_EQ(evaluate(AuthorizationPolicy{}, ada(), Handlers({&yes})).outcome, Outcome::forbidden);
}

TEST(Evaluate, NamesTheScopesThatStandByThemselvesAndAreMissing) {
  const auto policy = PolicyBuilder()
                          .require_scope("orders.read")
                          .require_scope("orders.write")
                          .require_any_scope({"files.read", "files.write"})
                          .require_any_of([](PolicyBuilder& any) { any.require_scope("orders.delete"); })
                          .build();
  EXPECT_EQ(evaluate(policy, ada()).missing_scope, "orders.write files.read files.write");
}

TEST(Evaluate, ACustomRequirementWithoutHandlersIsNotMet) {
  const Decision decision = evaluate(wish, ada());
  EXPECT_EQ(decision.outcome, Outcome::forbidden);
  EXPECT_EQ(decision.unmet(), std::vector<std::string>{"a wish"});
}

TEST(Evaluate, AnyHandlerMayMeetARequirement) {
  const Handler silent(Handler::Says::nothing);
  const Handler yes(Handler::Says::yes);
  EXPECT_EQ(evaluate(wish, ada(), Handlers({&silent, &yes})).outcome, Outcome::allowed);
}

TEST(Evaluate, OneVetoWinsOverEveryYes) {
  const Handler yes(Handler::Says::yes);
  const Handler veto(Handler::Says::veto);
  for (const auto& handlers : {std::vector<const AuthorizationHandler*>{&yes, &veto}, {&veto, &yes}}) {
    const Decision decision = evaluate(wish, ada(), Handlers(handlers));
    EXPECT_EQ(decision.outcome, Outcome::forbidden);
    EXPECT_EQ(decision.unmet(), std::vector<std::string>{"vetoed"});
  }
}

TEST(Evaluate, StopsAtAVetoOnlyWhenAskedTo) {
  const Handler veto(Handler::Says::veto);
  const Handler after(Handler::Says::yes);
  evaluate(wish, ada(), Handlers({&veto, &after}, true));
  EXPECT_EQ(after.calls, 1);
  evaluate(wish, ada(), Handlers({&veto, &after}, false));
  EXPECT_EQ(after.calls, 1);
  EXPECT_EQ(evaluate(wish, ada(), Handlers({&after}, false)).outcome, Outcome::allowed) << "there is no veto";
}

// Answers at once; what matters is that it is asked as one that may wait.
class Waiting final : public WaitingAuthorizationHandler {
 public:
  explicit Waiting(bool vetoes) : vetoes_(vetoes) {}
  Task<void> handle_async(AuthorizationHandlerContext& context) const override {
    ++calls;
    if (vetoes_) context.fail("");
    for (const CustomRequirement* requirement : context.pending()) context.succeed(*requirement);
    co_return;
  }
  mutable int calls = 0;

 private:
  bool vetoes_;
};

Decision evaluate_now(const AuthorizationPolicy& policy, const Handlers& handlers) {
  static const ClaimsPrincipal user = ada();
  return run_inline(evaluate_waiting(policy, user, handlers, Resource())).value();
}

TEST(EvaluateWaiting, StopsAtAVetoOnlyWhenAskedTo) {
  const Waiting veto(true), after(false);
  EXPECT_EQ(evaluate_now(wish, Handlers({&veto, &after}, true)).outcome, Outcome::forbidden);
  EXPECT_EQ(after.calls, 1);
  EXPECT_EQ(evaluate_now(wish, Handlers({&veto, &after}, false)).outcome, Outcome::forbidden);
  EXPECT_EQ(after.calls, 1);
  EXPECT_EQ(evaluate_now(wish, Handlers({&after}, false)).outcome, Outcome::allowed) << "there is no veto";
}

TEST(AuthorizationService, WaitsForHandlersThatDo) {
  AuthorizationOptions options;
  options.add_policy("Wish", wish);
  const Waiting waiting(false);
  const Handlers handlers({&waiting});
  const AuthorizationService service(options, handlers);
  const ClaimsPrincipal user = ada();
  EXPECT_EQ(run_inline(service.authorize(user, "wish"))->outcome, Outcome::allowed);
}

TEST(AuthorizationService, ThrowsForAPolicyThatNobodyDefined) {
  const AuthorizationOptions options;
  const Handlers handlers;
  const AuthorizationService service(options, handlers);
  const ClaimsPrincipal user = ada();
  const auto ask = [&]() -> Task<std::string> {
    try {
      co_await service.authorize(user, "Nobody");
    } catch (const std::logic_error& thrown) {
      co_return thrown.what();
    }
    co_return "nothing";
  };
  EXPECT_EQ(run_inline(ask()), "no authorization policy 'Nobody' is defined");
}

TEST(EvaluateWaiting, AsksBothKindsOfHandlers) {
  const Waiting waiting(false);
  const Handler yes(Handler::Says::yes), silent(Handler::Says::nothing);
  EXPECT_EQ(evaluate_now(wish, Handlers({&silent, &waiting})).outcome, Outcome::allowed);
  EXPECT_EQ(evaluate_now(wish, Handlers({&yes})).outcome, Outcome::allowed);
  EXPECT_EQ(evaluate_now(wish, Handlers({&silent})).outcome, Outcome::forbidden);
  EXPECT_TRUE(Handlers({&silent, &waiting}).has_to_wait());
  EXPECT_FALSE(Handlers({&silent, &yes}).has_to_wait());
}

TEST(EvaluateWaiting, AVetoWithoutAReasonHasOneAllTheSame) {
  const Waiting veto(true);
  EXPECT_EQ(evaluate_now(wish, Handlers({&veto})).unmet(), std::vector<std::string>{"a handler's veto"});
}

// What handlers say of one requirement, in order.
struct SaidCase {
  const char* name;
  std::vector<bool> said;  // succeed or reject
  Verdict expected;
};

const SaidCase said_cases[] = {
    {"Nothing", {}, Verdict::unknown},
    {"No", {false}, Verdict::unmet},
    {"Yes", {true}, Verdict::met},
    {"YesAfterNo", {false, true}, Verdict::met},
    {"NoAfterYes", {true, false}, Verdict::met},
};

class Said : public testing::TestWithParam<SaidCase> {};

TEST_P(Said, MakesTheVerdict) {
  const auto asked = std::make_shared<const Wish>(), other = std::make_shared<const Wish>();
  const std::vector<Requirement> requirements{asked, other};
  const ClaimsPrincipal user = ada();
  const Resource resource;
  AuthorizationHandlerContext context(requirements, user, resource);
  for (const bool yes : GetParam().said) yes ? context.succeed(*asked) : context.reject(*asked);
  EXPECT_EQ(context.verdict(asked), GetParam().expected);
  EXPECT_EQ(context.verdict(other), Verdict::unknown);
  EXPECT_EQ(context.pending().size(), GetParam().expected == Verdict::met ? 1u : 2u);
  EXPECT_FALSE(context.has_succeeded());
}

INSTANTIATE_TEST_SUITE_P(Handlers, Said, testing::ValuesIn(said_cases),
                         [](const auto& test) { return test.param.name; });

TEST(Evaluate, AVetoAlsoStopsWhatBuiltInRequirementsAllow) {
  const auto policy = PolicyBuilder().require_authenticated_user().build();
  const Handler veto(Handler::Says::veto);
  EXPECT_EQ(evaluate(policy, ada(), Handlers({&veto})).outcome, Outcome::forbidden);
}

}  // namespace
}  // namespace gatehouse::authorization
