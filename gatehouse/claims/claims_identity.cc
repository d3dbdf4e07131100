#include "gatehouse/claims/claims_identity.h"

#include <algorithm>

namespace gatehouse::claims {

const Claim* ClaimsIdentity::find_first(std::string_view type) const noexcept {
  const auto found = std::ranges::find(claims, type, &Claim::type);
  return found == claims.end() ? nullptr : &*found;
}

bool ClaimsIdentity::has_claim(std::string_view type, std::string_view value) const noexcept {
  return std::ranges::any_of(claims,
                             [&](const Claim& claim) { return claim.type == type && claim.value == value; });
}

bool ClaimsIdentity::is_in_role(std::string_view role) const noexcept {
  return std::ranges::any_of(role_claim_types,
                             [&](const std::string& type) { return has_claim(type, role); });
}

const std::string* ClaimsIdentity::name() const noexcept {
  for (const std::string& type : name_claim_types)
    if (const Claim* claim = find_first(type)) return &claim->value;
  return nullptr;
}

}  // namespace gatehouse::claims
