#include "apps/gatehouse/policy_fixes.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "gatehouse/base/json.h"

namespace gatehouse::program {
namespace {

using authorization::RolesRequirement;
using authorization::RouteDecision;
using authorization::ScopeRequirement;
using tokens::Fix;
using tokens::FixKind;

template <class Kind>
const Kind* find_unmet(const RouteDecision& decided) {
  if (!decided.policy) return nullptr;
  const auto& requirements = decided.policy->requirements;
  const auto& parts = decided.decision.parts;  // in their order
  for (std::size_t i = 0; i < std::min(requirements.size(), parts.size()); ++i)
    if (parts[i].verdict != authorization::Verdict::met)
      if (const auto* kind = std::get_if<Kind>(&requirements[i])) return kind;
  return nullptr;
}

std::vector<std::string> values_of(const claims::ClaimsPrincipal& user,
                                   const std::vector<std::string>& types) {
  std::vector<std::string> values;
  for (const std::string& type : types)
    for (const claims::Claim* claim : user.find_all(type)) values.push_back(claim->value);
  return values;
}

bool is_one_of(const std::vector<std::string>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

// Where in `value` one of the roles stands: a path of names, as role_claim_types takes it.
std::string path_of_role(const json::Value& value, const std::string& path,
                         const std::vector<std::string>& roles, int depth = 0) {
  constexpr int deepest = 3;
  if (value.is_string()) return is_one_of(roles, value.as_string()) ? path : "";
  if ((!value.is_array() && !value.is_object()) || depth == deepest) return "";
  for (auto at = value.begin(); at != value.end(); ++at) {
    const std::string inner = value.is_object() ? fmt::format("{}.{}", path, at.name()) : path;
    if (std::string found = path_of_role(*at, inner, roles, depth + 1); !found.empty()) return found;
  }
  return "";
}

std::string claim_with_role(const tokens::ClaimSet& claims, const std::vector<std::string>& roles,
                            const std::vector<std::string>& read_already) {
  for (const auto& [name, value] : claims.members()) {
    if (is_one_of(read_already, name)) continue;
    if (value.kind == json::Kind::string && is_one_of(roles, value.text)) return std::string(name);
    if (value.kind != json::Kind::array && value.kind != json::Kind::object) continue;
    json::Parser parser;
    const auto parsed = parser.parse(value.text);
    if (!parsed) continue;
    if (std::string found = path_of_role(*parsed, std::string(name), roles); !found.empty()) return found;
  }
  return "";
}

}  // namespace

std::string missing_for(const RouteDecision& decided, const claims::ClaimsPrincipal& user) {
  const auto unmet = decided.decision.unmet();
  if (unmet.empty()) return {};
  const std::string& name = decided.policy->name;
  std::string text = fmt::format("{} needs {}", name.empty() ? "the policy" : name, fmt::join(unmet, ", "));
  std::vector<std::string> has;
  if (find_unmet<ScopeRequirement>(decided) != nullptr) has = values_of(user, {"scope", "scp"});
  if (find_unmet<RolesRequirement>(decided) != nullptr && user.identity())
    has = values_of(user, user.identity()->role_claim_types);
  if (!has.empty()) text += fmt::format(", token has {}", fmt::join(has, ", "));
  return text;
}

std::vector<Fix> policy_fixes(const RouteDecision& decided, const tokens::Token& token,
                              const tokens::TokenValidationParameters& parameters) {
  std::vector<Fix> fixes;
  if (!decided.decision.missing_scope.empty())
    fixes.push_back({.kind = FixKind::client,
                     .sentence = "the client asks for the scope",
                     .value = "scope=" + decided.decision.missing_scope});
  if (const auto* wanted = find_unmet<RolesRequirement>(decided)) {
    const std::string claim = claim_with_role(token.claims, wanted->roles, parameters.role_claim_types);
    if (!claim.empty()) {
      std::vector<std::string> types = parameters.role_claim_types;
      types.push_back(claim);
      for (std::string& type : types) type = json::quote(type);
      fixes.push_back({.kind = FixKind::setting,
                       .sentence = fmt::format("the role stands in {}: read roles from there too", claim),
                       .setting = "Jwt:RoleClaimTypes",
                       .value = fmt::format("[{}]", fmt::join(types, ", "))});
    }
  }
  const auto unmet = decided.decision.unmet();
  if (decided.decision.missing_scope.empty() && !unmet.empty())
    fixes.push_back({.kind = FixKind::issuer,
                     .sentence = "the issuer grants what the policy wants",
                     .value = fmt::format("{}", fmt::join(unmet, ", "))});
  return fixes;
}

}  // namespace gatehouse::program
