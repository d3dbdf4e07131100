/// Guard — who is asking, and may they: for servers that are not ours.
///
/// Method, target and headers go in; a verdict, the principal, the status and the challenge come out. What it
/// decides is what WebApplication would: the same schemes, events, policies and routing, without a socket and
/// without an endpoint. It never throws, and allocates nothing but the claims when the answer is yes.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/authentication/denial.h"
#include "gatehouse/authorization/endpoint_builder.h"
#include "gatehouse/authorization/evaluate.h"
#include "gatehouse/authorization/security_builder.h"
#include "gatehouse/base/clock.h"
#include "gatehouse/base/result.h"
#include "gatehouse/base/task.h"
#include "gatehouse/claims/claims_principal.h"
#include "gatehouse/http/http_context.h"

namespace gatehouse::authorization {

/// What a server knows of a request, as views that outlive the check.
struct GuardRequest {
  std::string_view method = "GET";
  std::string_view target = "/";        ///< as in the request line: path and query, still encoded
  std::string_view authorization = {};  ///< the `Authorization` header, where `headers` does not have it
  const http::RequestHeaders* headers = nullptr;  ///< all of them; a second `Authorization` is seen only here
  std::string_view body = {};                     ///< for tokens in a form (TokenSources::form)
  std::string_view remote_address = {};           ///< for the log
  bool is_https = true;
};

/// What was decided. `user` lives as long as the verdict, or any copy of it, does.
class GuardVerdict {
  bool is_allowed_ = false;
  std::shared_ptr<const claims::ClaimsPrincipal> principal_;

 public:
  GuardVerdict(int answer, bool is_allowed, std::shared_ptr<const claims::ClaimsPrincipal> principal);

  int status;  ///< 200 when it may pass; else what to answer: 400, 401, 403, 404, 405, 500, 503
  std::string challenge = {};           ///< `WWW-Authenticate`, several joined by ", "; empty: none
  http::ResponseHeaders headers = {};   ///< every header that the answer is to carry, challenges among them
  const claims::ClaimsPrincipal& user;  ///< who is asking; anonymous when nobody is known
  std::optional<authentication::Denial> denial = {};  ///< why not, for the operator's log alone

  /// Not the same as `status == 200`: a hook that handled a challenge may have left that.
  bool allowed() const noexcept { return is_allowed_; }
  const std::shared_ptr<const claims::ClaimsPrincipal>& principal() const noexcept { return principal_; }
};

/// What a route demands, and whether somebody would meet it.
struct RouteDecision {
  int status = 404;        ///< 200, 401 or 403; 400, 404 and 405 where there is no route to judge by
  std::string route = {};  ///< "GET /orders/{id}"; empty where the fallback policy judged
  std::optional<AuthorizationPolicy> policy = {};  ///< empty: open to everybody
  Decision decision = {};                          ///< of that policy
};

/// Immutable; a copy shares everything. Thread-safe.
class Guard {
 public:
  /// Judges a request by what was said of its route: GuardBuilder::protect(), else the fallback policy. A
  /// target that no route covers is 404, as in WebApplication; a browser's preflight to one is let through as
  /// nobody, for the server's own CORS rules to answer.
  ///
  /// Never waits. Where something has to (may_wait()), the answer is 503: use check_async() or wait(). So it
  /// is while an authority's keys have not come, for the token that reveals a new key, and for one whose
  /// issuer has to be asked whether it still stands.
  GuardVerdict check(const GuardRequest& request) const noexcept;

  /// The same, and waits where a hook or a handler does. What `request` refers to must outlive the task.
  Task<GuardVerdict> check_async(GuardRequest request) const;

  /// The same, and blocks the calling thread meanwhile: for servers with a thread for each request.
  GuardVerdict wait(const GuardRequest& request) const noexcept;

  /// A guard that demands this of every request, whatever its route: `authorize` is one statement, as an
  /// endpoint's. Fails with configuration_invalid for a policy that nobody defined.
  Result<Guard> requiring(const AuthorizeData& authorize) const;

  /// What the route would answer if `user` were asking: for explanations. No scheme is asked, no hook and no
  /// observer is called, and of `request` only method and target are looked at; whether a token stands is
  /// not.
  RouteDecision decide(const GuardRequest& request, const claims::ClaimsPrincipal& user) const;

  bool may_wait() const noexcept;  ///< an event, transformation or handler is a coroutine

  /// Those whose keys are fetched: for health, and for operators.
  authentication::Authorities authorities() const;

  /// The names of the policies, for messages.
  std::vector<std::string> policies() const;

 private:
  friend class GuardBuilder;
  struct State;
  struct Gate;
  class Visit;
  explicit Guard(std::shared_ptr<const Gate> gate) : gate_(std::move(gate)) {}

  std::shared_ptr<const Gate> gate_;
};

/// What a guard is made of, in the words of WebApplicationBuilder::services.
class GuardBuilder : public SecurityBuilder {
 public:
  GuardBuilder();
  GuardBuilder(GuardBuilder&&) noexcept;
  ~GuardBuilder();

  /// A route to be judged, and by what: `protect("GET",
  /// "/orders/{id:int}").require_authorization("CanRead")`. The method "*" stands for those that the same
  /// pattern does not name. Nothing said: open to everybody, unless there is a fallback policy.
  EndpointBuilder protect(std::string method, std::string pattern);

  void use_clock(std::shared_ptr<const Clock> clock) { clock_ = std::move(clock); }

  /// Fetches what an authority publishes; needed where a scheme names one. `gatehouse::hosting` has one that
  /// works.
  void use_backchannel(std::shared_ptr<discovery::Backchannel> backchannel) {
    backchannel_ = std::move(backchannel);
  }

  /// What authorities change, for logs and metrics: diagnostics::log_configuration_event writes its line. On
  /// the backchannel's thread; must not throw.
  void on_configuration_event(std::function<void(const discovery::ConfigurationEvent&)> observer) {
    on_configuration_event_ = std::move(observer);
  }

  /// Lets schemes take keys over http, where they say so (require_https_metadata).
  void use_development() { is_development_ = true; }

  /// Called with every request that was judged, before the verdict is handed out: where
  /// diagnostics::log_request writes its line. Must not throw.
  void on_finished(std::function<void(const http::HttpContext&)> observer) {
    observer_ = std::move(observer);
  }

  /// Freezes everything; ends the builder. Fails with configuration_invalid; the subject has one line for
  /// each thing that is wrong.
  Result<Guard> build();

 private:
  struct Routes;
  std::unique_ptr<Routes> routes_;
  std::shared_ptr<const Clock> clock_;
  std::shared_ptr<discovery::Backchannel> backchannel_;
  std::function<void(const http::HttpContext&)> observer_;
  std::function<void(const discovery::ConfigurationEvent&)> on_configuration_event_;
  bool is_development_ = false;
};

}  // namespace gatehouse::authorization
