#include "gatehouse/authorization/evaluate.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

namespace gatehouse::authorization {
namespace {

Outcome refusal_for(const claims::ClaimsPrincipal& user) noexcept {
  return user.is_authenticated() ? Outcome::forbidden : Outcome::challenge;
}

bool all_met(const AuthorizationPolicy& policy, const claims::ClaimsPrincipal& user) noexcept {
  return std::ranges::all_of(policy.requirements, [&](const Requirement& requirement) {
    return judge(requirement, user) == Verdict::met;
  });
}

// Only a scope that stands by itself: what a client would have to ask for inside any_of is not one scope.
std::string missing_scope_of(const AuthorizationHandlerContext& context) {
  std::string missing;
  for (const Requirement& requirement : context.requirements()) {
    const auto* scope = std::get_if<ScopeRequirement>(&requirement);
    if (!scope || context.verdict(requirement) == Verdict::met) continue;
    missing += fmt::format("{}{}", missing.empty() ? "" : " ", fmt::join(scope->scopes, " "));
  }
  return missing;
}

Decision conclude(const AuthorizationHandlerContext& context) {
  if (context.has_succeeded()) return {.outcome = Outcome::allowed};
  Decision decision{.outcome = refusal_for(context.user),
                    .vetoes = context.vetoes(),
                    .missing_scope = missing_scope_of(context)};
  for (const Requirement& requirement : context.requirements())
    decision.parts.push_back({.requirement = describe(requirement), .verdict = context.verdict(requirement)});
  // A policy that demands nothing was refused at the start; should one get here, it lets nobody in.
  if (decision.parts.empty()) decision.parts.push_back({.requirement = "a policy with a requirement"});
  return decision;
}

}  // namespace

std::vector<std::string> Decision::unmet() const {
  std::vector<std::string> missing;
  for (const Part& part : parts)
    if (part.verdict != Verdict::met) missing.push_back(part.requirement);
  missing.insert(missing.end(), vetoes.begin(), vetoes.end());
  return missing;
}

Handlers::Handlers(std::vector<const AuthorizationHandler*> handlers, bool invoke_after_failure)
    : handlers_(std::move(handlers)),
      invoke_after_failure_(invoke_after_failure),
      has_to_wait_(std::ranges::any_of(handlers_, [](const auto* handler) { return handler->waiting(); })) {}

Decision evaluate(const AuthorizationPolicy& policy, const claims::ClaimsPrincipal& user,
                  const Handlers& handlers, const Resource& resource) {
  if (handlers.empty() && !policy.requirements.empty() && all_met(policy, user))
    return {.outcome = Outcome::allowed};
  AuthorizationHandlerContext context(policy.requirements, user, resource);
  for (const AuthorizationHandler* handler : handlers.handlers_) {
    if (context.has_failed() && !handlers.invoke_after_failure_) break;
    handler->handle(context);
  }
  return conclude(context);
}

Task<Decision> evaluate_waiting(const AuthorizationPolicy& policy, const claims::ClaimsPrincipal& user,
                                const Handlers& handlers, Resource resource) {
  AuthorizationHandlerContext context(policy.requirements, user, resource);
  for (const AuthorizationHandler* handler : handlers.handlers_) {
    if (context.has_failed() && !handlers.invoke_after_failure_) break;
    if (const WaitingAuthorizationHandler* waiting = handler->waiting())
      co_await waiting->handle_async(context);
    else
      handler->handle(context);
  }
  co_return conclude(context);
}

}  // namespace gatehouse::authorization
