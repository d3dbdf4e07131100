#include "gatehouse/authorization/policy.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "gatehouse/base/ascii.h"
#include "gatehouse/http/headers.h"

namespace gatehouse::authorization {
namespace {

void add_once(std::vector<std::string>& schemes, const std::string& scheme) {
  if (std::ranges::find(schemes, scheme) == schemes.end()) schemes.push_back(scheme);
}

bool is_blank(std::string_view text) { return text.find_first_not_of(" \t") == text.npos; }

Result<void> check_roles(const RolesRequirement& required, std::string_view where) {
  if (!required.roles.empty() && std::ranges::none_of(required.roles, is_blank)) return {};
  return fail(Failure::configuration_invalid,
              fmt::format("{} requires roles but names none; name at least one role", where));
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
  return add_requirement(RolesRequirement{.roles = std::move(any_of)});
}

PolicyBuilder& PolicyBuilder::require_claim(std::string type, std::vector<std::string> any_value_of) {
  return add_requirement(
      ClaimRequirement{.type = std::move(type), .allowed_values = std::move(any_value_of)});
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

const AuthorizationPolicy* AuthorizationOptions::find(std::string_view name) const {
  const auto found = policies_.find(to_lower(name));
  return found == policies_.end() ? nullptr : &found->second;
}

std::vector<std::string> AuthorizationOptions::names() const {
  std::vector<std::string> all;
  for (const auto& [key, policy] : policies_) all.push_back(policy.name);
  return all;
}

Result<void> AuthorizationOptions::check() const {
  const auto check_one = [](const AuthorizationPolicy& policy) -> Result<void> {
    const std::string where = fmt::format("the authorization policy '{}'", policy.name);
    if (policy.requirements.empty())
      return fail(Failure::configuration_invalid, where +
                                                      " has no requirement and would let everybody in; add "
                                                      "one, such as require_authenticated_user()");
    for (const Requirement& requirement : policy.requirements)
      if (const auto* roles = std::get_if<RolesRequirement>(&requirement))
        GH_CHECK(check_roles(*roles, where));
    return {};
  };
  for (const auto& [key, policy] : policies_) GH_CHECK(check_one(policy));
  GH_CHECK(check_one(default_policy));
  return fallback_policy ? check_one(*fallback_policy) : Result<void>();
}

Result<std::optional<AuthorizationPolicy>> combine(
    const AuthorizationOptions& options, const std::vector<const AuthorizeData*>& statements,
    const std::vector<const AuthorizationPolicy*>& inline_policies) {
  if (statements.empty() && inline_policies.empty()) return options.fallback_policy;

  AuthorizationPolicy combined;
  bool wants_default = inline_policies.empty();
  for (const AuthorizeData* statement : statements) {
    bool use_default = wants_default;
    if (!statement->policy.empty()) {
      const AuthorizationPolicy* named = options.find(statement->policy);
      if (!named) return std::unexpected(undefined(options, statement->policy));
      combined.combine(*named);
      use_default = false;
    }
    if (statement->roles) {
      RolesRequirement roles{.roles = *statement->roles};
      std::erase_if(roles.roles, is_blank);  // "Admin," names one role
      GH_CHECK(check_roles(roles, "require_authorization"));
      combined.requirements.emplace_back(std::move(roles));
      use_default = false;
    }
    for (const std::string& scheme : statement->schemes) add_once(combined.schemes, scheme);
    if (use_default) combined.combine(options.default_policy);
  }
  for (const AuthorizationPolicy* policy : inline_policies) combined.combine(*policy);
  return combined;
}

}  // namespace gatehouse::authorization
