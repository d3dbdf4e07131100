/// Authorization middleware — decides by the endpoint's policy before the endpoint runs.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gatehouse/authentication/scheme.h"
#include "gatehouse/authorization/evaluate.h"
#include "gatehouse/authorization/policy.h"
#include "gatehouse/http/endpoint.h"
#include "gatehouse/http/pipeline.h"
#include "gatehouse/http/routing.h"

namespace gatehouse::authorization {

/// The policies of all endpoints, combined once. Immutable; shared by all requests.
class CompiledPolicies {
 public:
  CompiledPolicies(const AuthorizationOptions& options, const http::RouteTable& routes,
                   std::vector<const AuthorizationHandler*> handlers = {});

  struct Entry {
    Result<std::optional<AuthorizationPolicy>> policy;
    bool allows_anonymous = false;
  };

  const Entry& of(const http::Endpoint* endpoint) const noexcept;  ///< null: the fallback policy

  /// Every endpoint whose policy is wrong, "GET /api/orders: no authorization policy …".
  std::vector<std::string> faults() const;

  const Handlers& handlers() const noexcept { return handlers_; }
  const RevocationCheck* revocation_check() const noexcept { return revocation_check_.get(); }

  /// Whether a request may have to wait for an issuer that is asked about its token.
  bool may_ask() const noexcept;

  const authentication::Event<AuthorizationResultContext>& on_refused() const noexcept { return on_refused_; }

 private:
  std::vector<Entry> entries_;  // by Endpoint::index
  Entry unmatched_;
  std::vector<std::string> names_;  // "GET /api/orders", by Endpoint::index
  Handlers handlers_;
  std::shared_ptr<const RevocationCheck> revocation_check_;
  authentication::Event<AuthorizationResultContext> on_refused_;
};

/// Whether the endpoint demands that its caller be known, or more.
bool has_authorization(const http::Endpoint& endpoint) noexcept;

/// 401 through the schemes' challenge when nobody is known or the token was withdrawn, 403 through their
/// forbid when somebody may not, 503 with Retry-After when it cannot be told whether the token stands.
/// Throws std::logic_error for an endpoint whose policy is wrong: the start should have stopped (faults()).
/// `policies` and `service` must outlive the pipeline.
http::Middleware use_authorization(const CompiledPolicies& policies,
                                   const authentication::AuthenticationService& service);

/// Stands before the endpoint and throws std::logic_error when it demands authorization that no middleware
/// decided: whatever the order of the pipeline, a protected endpoint is not reached by accident.
http::Middleware require_decision();

}  // namespace gatehouse::authorization
