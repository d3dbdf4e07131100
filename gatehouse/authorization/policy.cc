#include "gatehouse/authorization/policy.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "gatehouse/base/ascii.h"

namespace gatehouse::authorization {
namespace {

void add_once(std::vector<std::string>& schemes, const std::string& scheme) {
  if (std::ranges::find(schemes, scheme) == schemes.end()) schemes.push_back(scheme);
}

bool names_something(const std::vector<std::string>& list) {
  return !list.empty() && std::ranges::none_of(list, is_blank);
}

Result<void> check_roles(const RolesRequirement& required, std::string_view where) {
  if (names_something(required.roles)) return {};
  return fail(Failure::configuration_invalid,
              fmt::format("{} requires roles but names none; name at least one role", where));
}

Result<void> check_scopes(const ScopeRequirement& required, std::string_view where) {
  const auto has_space = [](const std::string& scope) { return scope.contains(' '); };
  if (names_something(required.scopes) && std::ranges::none_of(required.scopes, has_space)) return {};
  return fail(Failure::configuration_invalid,
              fmt::format("{} requires a scope that is empty or has a space in it; name one scope, and call "
                          "require_scope once for each that is needed",
                          where));
}

template <class T>
bool is_empty_list(const Requirement& requirement) {
  const T* composite = std::get_if<T>(&requirement);
  return composite && composite->requirements.empty();
}

Result<void> check_requirement(const Requirement& requirement, std::string_view where) {
  if (const auto* roles = std::get_if<RolesRequirement>(&requirement)) return check_roles(*roles, where);
  if (const auto* scopes = std::get_if<ScopeRequirement>(&requirement)) return check_scopes(*scopes, where);
  if (is_empty_list<AnyOfRequirement>(requirement) || is_empty_list<AllOfRequirement>(requirement) ||
      is_empty_list<NoneOfRequirement>(requirement))
    return fail(
        Failure::configuration_invalid,
        fmt::format("{} has an any_of, all_of or none_of of nothing; put a requirement in it", where));
  return {};
}

Result<void> check_all(const std::vector<Requirement>& requirements, std::string_view where) {
  Result<void> checked;
  for (const Requirement& requirement : requirements)
    for_each(requirement, [&](const Requirement& one) {
      if (checked) checked = check_requirement(one, where);
    });
  return checked;
}

Result<void> check_not_revoked(const AuthorizationPolicy& policy, const AuthorizationOptions& options,
                               std::string_view where) {
  if (!policy.not_revoked) return {};
  if (!options.revocation_check)
    return fail(Failure::configuration_invalid,
                fmt::format("{} requires tokens not to be revoked and nobody knows which are; set "
                            "revocation_check in add_authorization",
                            where));
  if (policy.not_revoked->when_stale == WhenStale::introspect && !options.revocation_check->may_ask())
    return fail(Failure::configuration_invalid,
                fmt::format("{} says WhenStale::introspect and there is nobody to ask; give the "
                            "revocation_check an introspection, or say WhenStale::deny",
                            where));
  return {};
}

Error undefined(const AuthorizationOptions& options, std::string_view name) {
  const auto defined = options.names();
  const std::string known =
      defined.empty() ? "none is" : fmt::format("defined are: {}", fmt::join(defined, ", "));
  return {.kind = Failure::configuration_invalid,
          .subject = fmt::format("no authorization policy '{0}' is defined ({1}); add it with "
                                 "add_policy(\"{0}\", …) in add_authorization",
                                 name, known)};
}

}  // namespace

void AuthorizationPolicy::combine(const AuthorizationPolicy& other) {
  if (other.not_revoked)
    not_revoked = not_revoked ? stricter(*not_revoked, *other.not_revoked) : other.not_revoked;
  requirements.insert(requirements.end(), other.requirements.begin(), other.requirements.end());
  for (const std::string& scheme : other.schemes) add_once(schemes, scheme);
  if (other.name.empty()) return;
  if (!name.empty()) name += '+';
  name += other.name;
}

PolicyBuilder& PolicyBuilder::require_authenticated_user() {
  return add_requirement(AuthenticatedRequirement{});
}

PolicyBuilder& PolicyBuilder::require_roles(std::vector<std::string> any_of) {
  return add_requirement(RolesRequirement{.roles = std::move(any_of), .issuer = issuer_});
}

PolicyBuilder& PolicyBuilder::require_claim(std::string type, std::vector<std::string> any_value_of) {
  return add_requirement(ClaimRequirement{
      .type = std::move(type), .allowed_values = std::move(any_value_of), .issuer = issuer_});
}

PolicyBuilder& PolicyBuilder::require_any_scope(std::vector<std::string> scopes) {
  return add_requirement(ScopeRequirement{.scopes = std::move(scopes), .issuer = issuer_});
}

PolicyBuilder& PolicyBuilder::require_user_name(std::string name) {
  return add_requirement(NameRequirement{.name = std::move(name)});
}

PolicyBuilder& PolicyBuilder::require_assertion(std::string description,
                                                std::function<bool(const claims::ClaimsPrincipal&)> holds) {
  return add_requirement(
      AssertionRequirement{.description = std::move(description), .holds = std::move(holds)});
}

PolicyBuilder& PolicyBuilder::add_requirement(Requirement requirement) {
  policy_.requirements.push_back(std::move(requirement));
  return *this;
}

PolicyBuilder& PolicyBuilder::require_not_revoked(WhenStale when_stale, Seconds max_staleness) {
  AuthorizationPolicy demanded{
      .requirements = {AuthenticatedRequirement{}},
      .not_revoked = NotRevoked{.when_stale = when_stale, .max_staleness = max_staleness}};
  policy_.combine(demanded);
  return *this;
}

// What is asked of the token is no alternative to anything: it is asked for the whole policy.
std::vector<Requirement> PolicyBuilder::inner(const Configure& configure) {
  PolicyBuilder builder;
  builder.issuer_ = issuer_;
  configure(builder);
  policy_.combine({.not_revoked = builder.policy_.not_revoked});
  return std::move(builder.policy_.requirements);
}

PolicyBuilder& PolicyBuilder::require_any_of(const Configure& configure) {
  return add_requirement(AnyOfRequirement{.requirements = inner(configure)});
}

PolicyBuilder& PolicyBuilder::require_all_of(const Configure& configure) {
  return add_requirement(AllOfRequirement{.requirements = inner(configure)});
}

PolicyBuilder& PolicyBuilder::require_none_of(const Configure& configure) {
  return add_requirement(NoneOfRequirement{.requirements = inner(configure)});
}

PolicyBuilder& PolicyBuilder::from_issuer(std::string issuer) {
  issuer_ = std::move(issuer);
  return *this;
}

PolicyBuilder& PolicyBuilder::add_authentication_scheme(const std::string& scheme) {
  add_once(policy_.schemes, scheme);
  return *this;
}

PolicyBuilder& PolicyBuilder::combine(const AuthorizationPolicy& other) {
  policy_.combine(other);
  return *this;
}

void AuthorizationOptions::add_policy(const std::string& name, AuthorizationPolicy policy) {
  policy.name = name;
  policies_.insert_or_assign(to_lower(name), std::move(policy));
}

void AuthorizationOptions::add_policy(const std::string& name,
                                      const std::function<void(PolicyBuilder&)>& configure) {
  PolicyBuilder builder;
  configure(builder);
  add_policy(name, builder.build());
}

std::optional<AuthorizationPolicy> AuthorizationOptions::find(std::string_view name) const {
  if (const auto found = policies_.find(to_lower(name)); found != policies_.end()) return found->second;
  if (!policy_provider) return std::nullopt;
  auto provided = policy_provider(name);
  if (provided && provided->name.empty()) provided->name = name;
  return provided;
}

std::vector<std::string> AuthorizationOptions::names() const {
  std::vector<std::string> all;
  for (const auto& [key, policy] : policies_) all.push_back(policy.name);
  return all;
}

Result<void> AuthorizationOptions::check() const {
  const auto check_one = [this](const AuthorizationPolicy& policy) -> Result<void> {
    const std::string where = fmt::format("the authorization policy '{}'", policy.name);
    if (policy.requirements.empty())
      return fail(Failure::configuration_invalid, where +
                                                      " has no requirement and would let everybody in; add "
                                                      "one, such as require_authenticated_user()");
    GH_CHECK(check_not_revoked(policy, *this, where));
    return check_all(policy.requirements, where);
  };
  for (const auto& [key, policy] : policies_) GH_CHECK(check_one(policy));
  GH_CHECK(check_one(default_policy));
  return fallback_policy ? check_one(*fallback_policy) : Result<void>();
}

namespace {

Result<std::optional<AuthorizationPolicy>> combine_said(
    const AuthorizationOptions& options, const std::vector<const AuthorizeData*>& statements,
    const std::vector<const AuthorizationPolicy*>& inline_policies) {
  if (statements.empty() && inline_policies.empty()) return options.fallback_policy;

  AuthorizationPolicy combined;
  bool wants_default = inline_policies.empty();
  for (const AuthorizeData* statement : statements) {
    bool use_default = wants_default;
    if (!statement->policy.empty()) {
      const auto named = options.find(statement->policy);
      if (!named) return std::unexpected(undefined(options, statement->policy));
      combined.combine(*named);
      use_default = false;
    }
    if (statement->roles) {
      RolesRequirement roles{.roles = *statement->roles};
      std::erase_if(roles.roles, is_blank);  // "Admin," names one role
      combined.requirements.emplace_back(std::move(roles));
      use_default = false;
    }
    for (const std::string& scheme : statement->schemes) add_once(combined.schemes, scheme);
    if (use_default) combined.combine(options.default_policy);
  }
  for (const AuthorizationPolicy* policy : inline_policies) combined.combine(*policy);
  GH_CHECK(check_all(combined.requirements, "require_authorization"));
  return combined;
}

}  // namespace

// A demand of the token is no statement about who may call, and takes the place of none.
Result<std::optional<AuthorizationPolicy>> combine(
    const AuthorizationOptions& options, const std::vector<const AuthorizeData*>& statements,
    const std::vector<const AuthorizationPolicy*>& inline_policies,
    const std::vector<const NotRevoked*>& not_revoked) {
  GH_TRY(std::optional<AuthorizationPolicy> combined, combine_said(options, statements, inline_policies));
  if (!combined && !not_revoked.empty()) combined = options.default_policy;
  for (const NotRevoked* demanded : not_revoked) combined->combine({.not_revoked = *demanded});
  if (combined) GH_CHECK(check_not_revoked(*combined, options, "require_not_revoked"));
  return combined;
}

}  // namespace gatehouse::authorization
