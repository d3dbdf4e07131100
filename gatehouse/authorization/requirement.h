/// Requirements — the single demands that policies are made of.
///
/// Built-in ones are values of one variant, so that a policy of a few of them is decided without a virtual
/// call or an allocation. Anything else is a custom requirement, judged by the handlers that the application
/// adds.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "gatehouse/claims/claims_principal.h"

namespace gatehouse::authorization {

struct Requirement;

/// Somebody is known.
struct AuthenticatedRequirement {
  bool operator==(const AuthenticatedRequirement&) const = default;
};

/// Any one of the roles, by the identities' own role claims; compared octet for octet.
struct RolesRequirement {
  std::vector<std::string> roles;
  std::string issuer = {};  ///< when named, only what that issuer said counts; so in the next ones
};

/// A claim of that type, and one of the values when any are named. Types compare without ASCII case, as the
/// original's do; values octet for octet. A claim that holds a list is one claim for each element.
struct ClaimRequirement {
  std::string type;
  std::vector<std::string> allowed_values;
  std::string issuer = {};
};

/// Any one of the scopes, granted in `scope` or `scp`: a space-separated list (RFC 8693 §4.2) or an array.
/// Scopes are case-sensitive (RFC 6749 §3.3).
struct ScopeRequirement {
  std::vector<std::string> scopes;
  std::string issuer = {};
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

struct AnyOfRequirement {
  std::vector<Requirement> requirements;
};
struct AllOfRequirement {
  std::vector<Requirement> requirements;
};
/// Met when somebody is known, and each of them is known not to be met. A custom requirement that no handler
/// judged is unknown, and what is unknown lets nobody in.
struct NoneOfRequirement {
  std::vector<Requirement> requirements;
};

using RequirementKinds =
    std::variant<AuthenticatedRequirement, RolesRequirement, ClaimRequirement, ScopeRequirement,
                 NameRequirement, AssertionRequirement, AnyOfRequirement, AllOfRequirement, NoneOfRequirement,
                 std::shared_ptr<const CustomRequirement>>;

struct Requirement : RequirementKinds {
  using RequirementKinds::RequirementKinds;
};

enum class Verdict : std::uint8_t { unmet, unknown, met };

/// What handlers said of the custom requirements, met or unmet; what they did not judge is unknown.
using CustomVerdicts = std::vector<std::pair<const CustomRequirement*, Verdict>>;

/// Whether the principal meets a requirement. Does not allocate.
Verdict judge(const Requirement& requirement, const claims::ClaimsPrincipal& user,
              const CustomVerdicts& custom = {}) noexcept;

/// "role Admin or Clerk", "claim scope = orders.read": what a denial's log line says was missing.
std::string describe(const Requirement& requirement);

/// Calls `visit` with this requirement and everything inside it.
void for_each(const Requirement& requirement, const std::function<void(const Requirement&)>& visit);

}  // namespace gatehouse::authorization
