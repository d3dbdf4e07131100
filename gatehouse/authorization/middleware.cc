#include "gatehouse/authorization/middleware.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "gatehouse/authentication/denial.h"
#include "gatehouse/authentication/middleware.h"
#include "gatehouse/authorization/standing.h"

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

// Nobody could tell whether the token stands. Not 401: the client would throw a good one away (RFC 9110
// §15.6.4).
void answer_unavailable(const Error& failure, http::HttpContext& context) {
  context.response.status = 503;
  context.response.headers.set("Retry-After", "1");
  auto& denial = context.features.get_or_add<authentication::Denial>();
  denial.status = 503;
  denial.error = failure;
}

// The caller was known by this token, and is not any more: 401 with the failure, as if the scheme had
// refused.
Task<void> refuse_token(const CompiledPolicies& policies, const AuthenticationService& service,
                        const AuthorizationPolicy& policy, Error failure, http::HttpContext& context) {
  {
    auto& denial = context.features.get_or_add<authentication::Denial>();
    denial.policy = policy.name;
    denial.error = failure;
  }
  if (policies.on_refused()) {
    const Decision decision{.outcome = Outcome::challenge, .vetoes = {describe(failure)}};
    AuthorizationResultContext refused{.http = context, .policy = policy, .decision = decision};
    co_await policies.on_refused()(refused);
    if (refused.handled) co_return;
  }
  std::vector<std::string> schemes = policy.schemes;
  if (schemes.empty()) schemes.emplace_back();
  for (const std::string& scheme : schemes) co_await service.challenge_refused(context, scheme, failure);
}

// What becomes of a request whose token does not stand, as far as is known here. False when the answer is
// written.
Task<bool> settle(const CompiledPolicies& policies, const AuthenticationService& service,
                  const AuthorizationPolicy& policy, Error failure, http::HttpContext& context) {
  const auto [when_stale, max_staleness] = *policy.not_revoked;
  if (failure.kind == Failure::unavailable) {
    if (when_stale == WhenStale::allow) co_return true;
    if (when_stale == WhenStale::introspect && context.may_wait) {
      auto asked = co_await ask_standing(*policies.revocation_check(), max_staleness, context);
      if (asked) co_return true;
      failure = std::move(asked).error();
    }
  }
  if (failure.kind == Failure::unavailable)
    answer_unavailable(failure, context);
  else
    co_await refuse_token(policies, service, policy, std::move(failure), context);
  co_return false;
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

  if (policy.not_revoked) {
    // combine() let no policy through that has nobody to ask.
    auto standing = check_standing(*policies.revocation_check(), policy.not_revoked->max_staleness, context);
    if (!standing) {
      const bool passes = co_await settle(policies, service, policy, std::move(standing).error(), context);
      if (!passes) co_return;
    }
  }
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
  return metadata.has<AuthorizeData>() || metadata.has<AuthorizationPolicy>() || metadata.has<NotRevoked>();
}

CompiledPolicies::CompiledPolicies(const AuthorizationOptions& options, const http::RouteTable& routes,
                                   std::vector<const AuthorizationHandler*> handlers)
    : unmatched_{.policy = combine(options, {}, {})},
      handlers_(std::move(handlers), options.invoke_handlers_after_failure),
      revocation_check_(options.revocation_check),
      on_refused_(options.on_refused) {
  for (const auto& endpoint : routes.endpoints()) {
    const http::Metadata& metadata = endpoint->metadata;
    entries_.push_back({.policy = combine(options, metadata.all<AuthorizeData>(),
                                          metadata.all<AuthorizationPolicy>(), metadata.all<NotRevoked>()),
                        .allows_anonymous = metadata.has<AllowAnonymous>()});
    names_.push_back(fmt::format("{} {}", endpoint->method, endpoint->pattern));
  }
}

const CompiledPolicies::Entry& CompiledPolicies::of(const http::Endpoint* endpoint) const noexcept {
  return endpoint ? entries_[endpoint->index] : unmatched_;
}

bool CompiledPolicies::may_ask() const noexcept {
  const auto asks = [](const Entry& entry) {
    return entry.policy && *entry.policy && (*entry.policy)->not_revoked &&
           (*entry.policy)->not_revoked->when_stale == WhenStale::introspect;
  };
  return asks(unmatched_) || std::ranges::any_of(entries_, asks);
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
