#include "gatehouse/claims/claims_principal.h"

#include <algorithm>

namespace gatehouse::claims {

const std::shared_ptr<const ClaimsPrincipal>& ClaimsPrincipal::anonymous() {
  static const auto nobody = std::make_shared<const ClaimsPrincipal>(ClaimsIdentity{});
  return nobody;
}

const ClaimsIdentity* ClaimsPrincipal::identity() const noexcept {
  const auto known = std::ranges::find_if(identities_, &ClaimsIdentity::is_authenticated);
  if (known != identities_.end()) return &*known;
  return identities_.empty() ? nullptr : &identities_.front();
}

bool ClaimsPrincipal::is_authenticated() const noexcept {
  return std::ranges::any_of(identities_, &ClaimsIdentity::is_authenticated);
}

bool ClaimsPrincipal::is_in_role(std::string_view role) const noexcept {
  return std::ranges::any_of(identities_,
                             [&](const ClaimsIdentity& identity) { return identity.is_in_role(role); });
}

bool ClaimsPrincipal::has_claim(std::string_view type, std::string_view value) const noexcept {
  return std::ranges::any_of(identities_,
                             [&](const ClaimsIdentity& identity) { return identity.has_claim(type, value); });
}

const Claim* ClaimsPrincipal::find_claim(std::string_view type) const noexcept {
  for (const ClaimsIdentity& identity : identities_)
    if (const Claim* claim = identity.find_first(type)) return claim;
  return nullptr;
}

std::string_view ClaimsPrincipal::find_first(std::string_view type) const noexcept {
  const Claim* claim = find_claim(type);
  return claim ? std::string_view(claim->value) : std::string_view();
}

std::vector<const Claim*> ClaimsPrincipal::find_all(std::string_view type) const {
  std::vector<const Claim*> found;
  for (const ClaimsIdentity& identity : identities_)
    for (const Claim& claim : identity.claims)
      if (claim.type == type) found.push_back(&claim);
  return found;
}

std::optional<std::string_view> ClaimsPrincipal::name() const noexcept {
  const ClaimsIdentity* known = identity();
  const std::string* found = known ? known->name() : nullptr;
  return found ? std::optional<std::string_view>(*found) : std::nullopt;
}

std::shared_ptr<const ClaimsPrincipal> with_claim(const ClaimsPrincipal& principal, Claim claim) {
  std::vector<ClaimsIdentity> identities = principal.identities();
  if (identities.empty()) identities.emplace_back();
  identities.front().claims.push_back(std::move(claim));
  return std::make_shared<const ClaimsPrincipal>(std::move(identities));
}

}  // namespace gatehouse::claims
