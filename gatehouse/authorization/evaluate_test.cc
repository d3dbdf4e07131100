#include "gatehouse/authorization/evaluate.h"

#include <gtest/gtest.h>

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
  EXPECT_EQ(evaluate(AuthorizationPolicy{}, ada()).outcome, Outcome::forbidden);
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
}

TEST(Evaluate, AVetoAlsoStopsWhatBuiltInRequirementsAllow) {
  const auto policy = PolicyBuilder().require_authenticated_user().build();
  const Handler veto(Handler::Says::veto);
  EXPECT_EQ(evaluate(policy, ada(), Handlers({&veto})).outcome, Outcome::forbidden);
}

}  // namespace
}  // namespace gatehouse::authorization
