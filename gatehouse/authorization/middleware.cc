#include "gatehouse/authorization/middleware.h"

#include <fmt/format.h>

#include <stdexcept>
#include <utility>

#include "gatehouse/authentication/denial.h"
#include "gatehouse/authentication/middleware.h"

namespace gatehouse::authorization {
namespace {

using authentication::AuthenticationService;
using authentication::AuthenticationTicket;
using claims::ClaimsIdentity;
using claims::ClaimsPrincipal;

struct Decided {};  // the mark that require_decision looks for

// Identities of a later scheme come first, as the original merges them; empty ones are dropped.
std::shared_ptr<const ClaimsPrincipal> merge(const ClaimsPrincipal* earlier, const ClaimsPrincipal& later) {
  std::vector<ClaimsIdentity> identities = later.identities();
  if (earlier)
    for (const ClaimsIdentity& identity : earlier->identities())
      if (identity.is_authenticated() || !identity.claims.empty()) identities.push_back(identity);
  return std::make_shared<const ClaimsPrincipal>(std::move(identities));
}

// Asks every scheme the policy names and makes one principal of those that succeed; nobody when none does.
Task<void> authenticate(const AuthenticationService& service, const AuthorizationPolicy& policy,
                        http::HttpContext& context) {
  std::shared_ptr<const ClaimsPrincipal> merged;
  for (const std::string& scheme : policy.schemes) {
    const auto result = co_await service.authenticate(context, scheme);
    if (const AuthenticationTicket* ticket = result.ticket())
      merged = merge(merged.get(), *ticket->principal);
  }
  context.set_user(merged ? merged : ClaimsPrincipal::anonymous());
}

using Answer = Task<void> (AuthenticationService::*)(http::HttpContext&, std::string_view) const;

Task<void> answer(const AuthenticationService& service, Answer how, const AuthorizationPolicy& policy,
                  http::HttpContext& context) {
  if (policy.schemes.empty()) {
    const std::string_view default_scheme;
    co_await (service.*how)(context, default_scheme);
    co_return;
  }
  for (const std::string& scheme : policy.schemes) co_await (service.*how)(context, scheme);
}

Task<void> refuse(const CompiledPolicies& policies, const AuthenticationService& service,
                  const AuthorizationPolicy& policy, Decision decision, http::HttpContext& context) {
  const bool is_known = decision.outcome == Outcome::forbidden;
  {
    auto& denial = context.features.get_or_add<authentication::Denial>();
    denial.policy = policy.name;
    if (is_known) denial.unmet = decision.unmet();
    if (is_known) denial.missing_scope = decision.missing_scope;
  }
  if (policies.on_refused()) {
    AuthorizationResultContext refused{.http = context, .policy = policy, .decision = decision};
    co_await policies.on_refused()(refused);
    if (refused.handled) co_return;
  }
  const Answer how = is_known ? &AuthenticationService::forbid : &AuthenticationService::challenge;
  co_await answer(service, how, policy, context);
}

// No endpoint answers such a request, so a fallback policy has nothing to protect; an endpoint for OPTIONS is
// asked as any other.
bool is_preflight(const http::HttpContext& context) noexcept {
  return !context.endpoint() && http::is_preflight(context.request);
}

Task<void> authorize(const CompiledPolicies& policies, const AuthenticationService& service,
                     http::HttpContext& context, http::Next next) {
  if (context.endpoint()) context.features.get_or_add<Decided>();
  const CompiledPolicies::Entry& entry = policies.of(context.endpoint());
  if (!entry.policy) throw std::logic_error(entry.policy.error().subject);
  if (!*entry.policy || is_preflight(context)) co_return co_await next(context);

  const AuthorizationPolicy& policy = **entry.policy;
  if (!policy.schemes.empty()) co_await authenticate(service, policy, context);
  if (entry.allows_anonymous) co_return co_await next(context);

  Decision decision;
  if (policies.handlers().has_to_wait()) {
    auto waited = co_await evaluate_waiting(policy, context.user(), policies.handlers(), context);
    decision = std::move(waited);
  } else {
    decision = evaluate(policy, context.user(), policies.handlers(), context);
  }
  if (decision.is_allowed()) co_return co_await next(context);
  co_await refuse(policies, service, policy, std::move(decision), context);
}

Task<void> demand_decision(http::HttpContext& context, http::Next next) {
  const http::Endpoint* endpoint = context.endpoint();
  if (endpoint && has_authorization(*endpoint) && !context.features.find<Decided>())
    throw std::logic_error(fmt::format("{} {} demands authorization and no use_authorization() decided it",
                                       endpoint->method, endpoint->pattern));
  co_await next(context);
}

}  // namespace

bool has_authorization(const http::Endpoint& endpoint) noexcept {
  const http::Metadata& metadata = endpoint.metadata;
  return metadata.has<AuthorizeData>() || metadata.has<AuthorizationPolicy>();
}

CompiledPolicies::CompiledPolicies(const AuthorizationOptions& options, const http::RouteTable& routes,
                                   std::vector<const AuthorizationHandler*> handlers)
    : unmatched_{.policy = options.fallback_policy},
      handlers_(std::move(handlers), options.invoke_handlers_after_failure),
      on_refused_(options.on_refused) {
  for (const auto& endpoint : routes.endpoints()) {
    const http::Metadata& metadata = endpoint->metadata;
    entries_.push_back(
        {.policy = combine(options, metadata.all<AuthorizeData>(), metadata.all<AuthorizationPolicy>()),
         .allows_anonymous = metadata.has<AllowAnonymous>()});
    names_.push_back(fmt::format("{} {}", endpoint->method, endpoint->pattern));
  }
}

const CompiledPolicies::Entry& CompiledPolicies::of(const http::Endpoint* endpoint) const noexcept {
  return endpoint ? entries_[endpoint->index] : unmatched_;
}

std::vector<std::string> CompiledPolicies::faults() const {
  std::vector<std::string> found;
  for (std::size_t i = 0; i < entries_.size(); ++i)
    if (!entries_[i].policy)
      found.push_back(fmt::format("{}: {}", names_[i], entries_[i].policy.error().subject));
  return found;
}

http::Middleware use_authorization(const CompiledPolicies& policies, const AuthenticationService& service) {
  return [&](http::HttpContext& context, http::Next next) {
    return authorize(policies, service, context, next);
  };
}

http::Middleware require_decision() { return demand_decision; }

}  // namespace gatehouse::authorization
