#include "gatehouse/authorization/requirement.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "gatehouse/base/ascii.h"
#include "gatehouse/http/headers.h"

namespace gatehouse::authorization {
namespace {

using claims::Claim;
using claims::ClaimsIdentity;
using claims::ClaimsPrincipal;

bool met(const AuthenticatedRequirement&, const ClaimsPrincipal& user) noexcept {
  return user.is_authenticated();
}

bool met(const RolesRequirement& required, const ClaimsPrincipal& user) noexcept {
  return std::ranges::any_of(required.roles, [&](const std::string& role) { return user.is_in_role(role); });
}

bool met(const ClaimRequirement& required, const ClaimsPrincipal& user) noexcept {
  const auto fits = [&](const Claim& claim) {
    if (!equals_ignoring_case(claim.type, required.type)) return false;
    return required.allowed_values.empty() ||
           std::ranges::find(required.allowed_values, claim.value) != required.allowed_values.end();
  };
  return std::ranges::any_of(user.identities(), [&](const ClaimsIdentity& identity) {
    return std::ranges::any_of(identity.claims, fits);
  });
}

bool met(const NameRequirement& required, const ClaimsPrincipal& user) noexcept {
  return std::ranges::any_of(user.identities(), [&](const ClaimsIdentity& identity) {
    const std::string* name = identity.name();
    return name && *name == required.name;
  });
}

bool met(const AssertionRequirement& required, const ClaimsPrincipal& user) noexcept {
  return required.holds(user);
}

bool met(const std::shared_ptr<const CustomRequirement>&, const ClaimsPrincipal&) noexcept { return false; }

std::string words(const AuthenticatedRequirement&) { return "an authenticated user"; }

std::string words(const RolesRequirement& required) {
  return fmt::format("role {}", fmt::join(required.roles, " or "));
}

std::string words(const ClaimRequirement& required) {
  if (required.allowed_values.empty()) return fmt::format("claim {}", required.type);
  return fmt::format("claim {} = {}", required.type, fmt::join(required.allowed_values, " or "));
}

std::string words(const NameRequirement& required) { return fmt::format("name {}", required.name); }

std::string words(const AssertionRequirement& required) { return required.description; }

std::string words(const std::shared_ptr<const CustomRequirement>& required) { return required->describe(); }

}  // namespace

std::string describe(const Requirement& requirement) {
  return std::visit([](const auto& required) { return words(required); }, requirement);
}

bool is_met(const Requirement& requirement, const ClaimsPrincipal& user) noexcept {
  return std::visit([&](const auto& required) { return met(required, user); }, requirement);
}

}  // namespace gatehouse::authorization
