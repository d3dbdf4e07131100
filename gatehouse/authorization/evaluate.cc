#include "gatehouse/authorization/evaluate.h"

#include <algorithm>
#include <utility>

namespace gatehouse::authorization {
namespace {

Outcome refusal_for(const claims::ClaimsPrincipal& user) noexcept {
  return user.is_authenticated() ? Outcome::forbidden : Outcome::challenge;
}

// With no handlers there is nothing to collect: the common case decides without an allocation.
bool all_met(const AuthorizationPolicy& policy, const claims::ClaimsPrincipal& user) noexcept {
  return std::ranges::all_of(policy.requirements,
                             [&](const Requirement& requirement) { return is_met(requirement, user); });
}

std::vector<std::string> unmet_of(const AuthorizationHandlerContext& context) {
  std::vector<std::string> unmet;
  for (std::size_t i = 0; i < context.requirements().size(); ++i)
    if (!context.is_met(i)) unmet.push_back(describe(context.requirements()[i]));
  unmet.insert(unmet.end(), context.reasons().begin(), context.reasons().end());
  return unmet;
}

}  // namespace

AuthorizationHandlerContext::AuthorizationHandlerContext(const std::vector<Requirement>& requirements,
                                                         const claims::ClaimsPrincipal& principal,
                                                         const http::HttpContext* request)
    : user(principal), http(request), requirements_(requirements), met_(requirements.size()) {
  for (std::size_t i = 0; i < requirements.size(); ++i)
    met_[i] = authorization::is_met(requirements[i], principal);
}

void AuthorizationHandlerContext::succeed(const Requirement& requirement) noexcept {
  for (std::size_t i = 0; i < requirements_.size(); ++i)
    if (&requirements_[i] == &requirement) met_[i] = true;
}

void AuthorizationHandlerContext::fail(std::string reason) {
  failed_ = true;
  reasons_.push_back(std::move(reason));
}

bool AuthorizationHandlerContext::has_succeeded() const noexcept {
  return !failed_ && std::ranges::all_of(met_, std::identity());
}

Decision evaluate(const AuthorizationPolicy& policy, const claims::ClaimsPrincipal& user,
                  const std::vector<const AuthorizationHandler*>& handlers,
                  bool invoke_handlers_after_failure, const http::HttpContext* request) {
  // A policy that demands nothing was refused at the start; should one get here, it lets nobody in.
  if (policy.requirements.empty())
    return {.outcome = refusal_for(user), .unmet = {"a policy with a requirement"}};
  if (handlers.empty() && all_met(policy, user)) return {.outcome = Outcome::allowed};

  AuthorizationHandlerContext context(policy.requirements, user, request);
  for (const AuthorizationHandler* handler : handlers) {
    if (context.has_failed() && !invoke_handlers_after_failure) break;
    handler->handle(context);
  }
  if (context.has_succeeded()) return {.outcome = Outcome::allowed};
  return {.outcome = refusal_for(user), .unmet = unmet_of(context)};
}

}  // namespace gatehouse::authorization
