/// AuthorizationService — asks a policy from within an endpoint: about a resource that is known only there.
#pragma once

#include <memory>
#include <string_view>

#include "gatehouse/authorization/evaluate.h"
#include "gatehouse/authorization/policy.h"

namespace gatehouse::authorization {

/// Decides as the middleware does, with the same policies and handlers, and writes no answer. An endpoint
/// takes it as `context.service<AuthorizationService>()`:
///
///     const Decision decision = co_await authorization.authorize(context.user(), "EditPolicy", document);
///     if (!decision.is_allowed()) co_return results::status(403);
class AuthorizationService {
 public:
  /// Both are borrowed.
  AuthorizationService(const AuthorizationOptions& options, const Handlers& handlers)
      : options_(options), handlers_(handlers) {}

  /// Throws std::logic_error for a policy that nobody defined. One that requires tokens not to be revoked
  /// lets nobody pass: there is no request to find the token in. Demand that of the endpoint.
  Task<Decision> authorize(const claims::ClaimsPrincipal& user, std::string_view policy) const;
  Task<Decision> authorize(const claims::ClaimsPrincipal& user, std::string_view policy,
                           Resource resource) const;
  Task<Decision> authorize(const claims::ClaimsPrincipal& user, AuthorizationPolicy policy,
                           Resource resource) const;

 private:
  const AuthorizationOptions& options_;
  const Handlers& handlers_;
};

}  // namespace gatehouse::authorization
