/// AuthorizationPolicy — requirements that all have to be met, and the schemes that may say who is asking.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/authorization/requirement.h"
#include "gatehouse/base/result.h"

namespace gatehouse::authorization {

/// A value. One without requirements is refused by AuthorizationOptions::check: it would let everybody in.
struct AuthorizationPolicy {
  std::vector<Requirement> requirements = {};
  std::vector<std::string> schemes = {};  ///< asked instead of the default scheme; each once
  std::string name = {};                  ///< for the log; names are joined by '+' where policies combine

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
  PolicyBuilder& require_claim(std::string type, std::vector<std::string> any_value_of);
  PolicyBuilder& require_user_name(std::string name);
  PolicyBuilder& require_assertion(std::string description,
                                   std::function<bool(const claims::ClaimsPrincipal&)> holds);
  PolicyBuilder& add_requirement(Requirement requirement);
  PolicyBuilder& add_authentication_scheme(const std::string& scheme);
  PolicyBuilder& combine(const AuthorizationPolicy& other);

  AuthorizationPolicy build() { return std::move(policy_); }  ///< ends the builder

 private:
  AuthorizationPolicy policy_;
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

  const AuthorizationPolicy* find(std::string_view name) const;
  std::vector<std::string> names() const;

  /// Fails with configuration_invalid naming a policy without requirements, or with empty roles.
  Result<void> check() const;

 private:
  std::map<std::string, AuthorizationPolicy> policies_;  // by lower-case name
};

/// What stands in front of an endpoint that says `statements` and carries `inline_policies`: everything
/// combined, the fallback policy when it says nothing, or no policy. Fails with configuration_invalid for a
/// policy nobody defined (the subject names the nearest one) and for empty roles.
Result<std::optional<AuthorizationPolicy>> combine(
    const AuthorizationOptions& options, const std::vector<const AuthorizeData*>& statements,
    const std::vector<const AuthorizationPolicy*>& inline_policies);

}  // namespace gatehouse::authorization
