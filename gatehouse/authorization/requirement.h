/// Requirements — the single demands that policies are made of.
///
/// Built-in ones are values of one variant, so that a policy of a few of them is decided without a virtual
/// call or an allocation. Anything else is a custom requirement, judged by the handlers that the application
/// adds.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "gatehouse/claims/claims_principal.h"

namespace gatehouse::authorization {

/// Somebody is known.
struct AuthenticatedRequirement {
  bool operator==(const AuthenticatedRequirement&) const = default;
};

/// Any one of the roles, by the identities' own role claims; compared octet for octet.
struct RolesRequirement {
  std::vector<std::string> roles;
};

/// A claim of that type, and one of the values when any are named. Types compare without ASCII case, as the
/// original's do; values octet for octet. A claim that holds a list is one claim for each element.
struct ClaimRequirement {
  std::string type;
  std::vector<std::string> allowed_values;
};

/// The name of some authenticated identity, octet for octet.
struct NameRequirement {
  std::string name;
};

/// A predicate of the application. Must not throw.
struct AssertionRequirement {
  std::string description;
  std::function<bool(const claims::ClaimsPrincipal&)> holds;
};

/// A demand of the application's own, which AuthorizationHandlers judge. Without any, it is never met.
class CustomRequirement {
 public:
  virtual ~CustomRequirement() = default;
  virtual std::string describe() const = 0;  ///< for the operator's log
};

using Requirement =
    std::variant<AuthenticatedRequirement, RolesRequirement, ClaimRequirement, NameRequirement,
                 AssertionRequirement, std::shared_ptr<const CustomRequirement>>;

/// "role Admin or Clerk", "claim scope = orders.read": what a denial's log line says was missing.
std::string describe(const Requirement& requirement);

/// Whether the principal meets a built-in requirement; false for a custom one, which handlers have to judge.
bool is_met(const Requirement& requirement, const claims::ClaimsPrincipal& user) noexcept;

}  // namespace gatehouse::authorization
