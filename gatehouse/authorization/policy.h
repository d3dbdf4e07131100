/// AuthorizationPolicy — requirements that all have to be met, and the schemes that may say who is asking.
#pragma once

#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/authentication/event.h"
#include "gatehouse/authorization/requirement.h"
#include "gatehouse/authorization/revocation_check.h"
#include "gatehouse/base/result.h"
#include "gatehouse/http/http_context.h"

namespace gatehouse::authorization {

struct Decision;

/// A value. One without requirements is refused by AuthorizationOptions::check: it would let everybody in.
struct AuthorizationPolicy {
  std::vector<Requirement> requirements = {};
  std::vector<std::string> schemes = {};  ///< asked instead of the default scheme; each once
  /// What is asked of the token before any requirement. Only where there is a request: an
  /// AuthorizationService lets nobody pass by such a policy.
  std::optional<NotRevoked> not_revoked = {};
  std::string name = {};  ///< for the log; names are joined by '+' where policies combine

  void combine(const AuthorizationPolicy& other);
};

/// Builds a policy, demand by demand; each call adds one that has to be met as well.
class PolicyBuilder {
 public:
  PolicyBuilder& require_authenticated_user();
  PolicyBuilder& require_role(std::string role) { return require_roles({std::move(role)}); }
  PolicyBuilder& require_roles(std::vector<std::string> any_of);
  PolicyBuilder& require_claim(std::string type) {
    return require_claim(std::move(type), std::vector<std::string>());
  }
  PolicyBuilder& require_claim(std::string type, std::string value) {
    return require_claim(std::move(type), std::vector{std::move(value)});
  }
  PolicyBuilder& require_claim(std::string type, std::initializer_list<std::string> any_value_of) {
    return require_claim(std::move(type), std::vector(any_value_of));
  }
  PolicyBuilder& require_claim(std::string type, std::vector<std::string> any_value_of);
  PolicyBuilder& require_scope(std::string scope) { return require_any_scope({std::move(scope)}); }
  PolicyBuilder& require_any_scope(std::vector<std::string> scopes);
  PolicyBuilder& require_user_name(std::string name);
  PolicyBuilder& require_assertion(std::string description,
                                   std::function<bool(const claims::ClaimsPrincipal&)> holds);
  PolicyBuilder& add_requirement(Requirement requirement);

  /// Somebody is known, by a token that was not withdrawn: else 401, or 503 where that cannot be told. Said
  /// twice, the stricter word counts; said inside another demand, it holds for the whole policy.
  PolicyBuilder& require_not_revoked(WhenStale when_stale = WhenStale::deny,
                                     Seconds max_staleness = NotRevoked().max_staleness);

  /// A demand of the application's own: R is a CustomRequirement, made from the arguments.
  template <class R, class... Arguments>
  PolicyBuilder& require(Arguments&&... arguments) {
    return add_requirement(std::shared_ptr<const CustomRequirement>(
        std::make_shared<const R>(std::forward<Arguments>(arguments)...)));
  }

  // Demands within demands; `configure` adds them to the builder it is given.
  using Configure = std::function<void(PolicyBuilder&)>;
  PolicyBuilder& require_any_of(const Configure& configure);
  PolicyBuilder& require_all_of(const Configure& configure);   ///< for use inside require_any_of
  PolicyBuilder& require_none_of(const Configure& configure);  ///< somebody is known, and none of these holds

  /// From here on, roles, claims and scopes count only when `issuer` said them: with several issuers, the
  /// Admin of one is a stranger to the other.
  PolicyBuilder& from_issuer(std::string issuer);

  PolicyBuilder& add_authentication_scheme(const std::string& scheme);
  PolicyBuilder& combine(const AuthorizationPolicy& other);

  AuthorizationPolicy build() { return std::move(policy_); }  ///< ends the builder

 private:
  std::vector<Requirement> inner(const Configure& configure);

  AuthorizationPolicy policy_;
  std::string issuer_;
};

/// One statement about an endpoint, as one [Authorize] of the original: several of them must all be
/// satisfied. Naming neither policy nor roles means the default policy.
struct AuthorizeData {
  std::string policy = {};
  std::optional<std::vector<std::string>> roles = {};  ///< any one of these; naming none is an error
  std::vector<std::string> schemes = {};
};

/// Lets everybody in, whatever else is said about the endpoint.
struct AllowAnonymous {};

/// A refusal that the middleware is about to write.
struct AuthorizationResultContext {
  http::HttpContext& http;
  const AuthorizationPolicy& policy;
  const Decision& decision;

  void handle_response() noexcept { handled = true; }  ///< the hook has written the answer
  bool handled = false;
};

/// The policies of an application. Frozen at build().
class AuthorizationOptions {
 public:
  /// Names compare without ASCII case, as the original's do. A second policy of one name replaces the first.
  void add_policy(const std::string& name, AuthorizationPolicy policy);
  void add_policy(const std::string& name, const std::function<void(PolicyBuilder&)>& configure);

  AuthorizationPolicy default_policy = {.requirements = {AuthenticatedRequirement{}}, .name = "default"};
  std::optional<AuthorizationPolicy> fallback_policy =
      {};  ///< for endpoints that say nothing, and unmatched paths
  bool invoke_handlers_after_failure = true;

  /// Who knows what was withdrawn, for policies that require_not_revoked(): revocation::DenyListCheck.
  std::shared_ptr<const RevocationCheck> revocation_check = {};

  /// Asked for names that nobody defined: at build() for those that endpoints say, where nothing stops the
  /// start, and each time an AuthorizationService is asked for one.
  std::function<std::optional<AuthorizationPolicy>(std::string_view name)> policy_provider = {};

  /// Called once for each refusal, before 401 or 403 is written.
  authentication::Event<AuthorizationResultContext> on_refused = {};

  std::optional<AuthorizationPolicy> find(std::string_view name) const;
  std::vector<std::string> names() const;

  /// Fails with configuration_invalid naming a policy without requirements, one with an empty list in it, or
  /// one that requires tokens not to be revoked where nobody can say.
  Result<void> check() const;

 private:
  std::map<std::string, AuthorizationPolicy> policies_;  // by lower-case name
};

/// What stands in front of an endpoint that says `statements`, carries `inline_policies` and demands
/// `not_revoked`: everything combined, the fallback policy when it says nothing, or no policy. An endpoint
/// that demands only not_revoked gets the fallback policy with it, else the default one. Fails with
/// configuration_invalid for a policy nobody defined (the subject names the nearest one), for empty roles,
/// and where nobody knows what was revoked.
Result<std::optional<AuthorizationPolicy>> combine(
    const AuthorizationOptions& options, const std::vector<const AuthorizeData*>& statements,
    const std::vector<const AuthorizationPolicy*>& inline_policies,
    const std::vector<const NotRevoked*>& not_revoked = {});

}  // namespace gatehouse::authorization
