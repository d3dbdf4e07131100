// Decides by policy, without a host and without exceptions.
#include <gatehouse/authorization/evaluate.h>
#include <gatehouse/authorization/policy.h>

#include <cstdio>

using namespace gatehouse;

int main() {
  authorization::PolicyBuilder builder;
  builder.require_role("Admin");
  const authorization::AuthorizationPolicy policy = builder.build();

  claims::ClaimsIdentity clerk{.authentication_type = "test", .role_claim_types = {"role"}};
  clerk.claims.push_back({.type = "role", .value = "Clerk"});
  claims::ClaimsIdentity admin = clerk;
  admin.claims.push_back({.type = "role", .value = "Admin"});

  using authorization::Outcome;
  if (evaluate(policy, claims::ClaimsPrincipal()).outcome != Outcome::challenge) return 1;
  if (evaluate(policy, claims::ClaimsPrincipal(clerk)).outcome != Outcome::forbidden) return 2;
  if (evaluate(policy, claims::ClaimsPrincipal(admin)).outcome != Outcome::allowed) return 3;
  std::puts("decided three times");
}
