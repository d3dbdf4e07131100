/// ClaimsIdentity — claims that one authentication established, and which of them are the name and the roles.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/claims/claim.h"

namespace gatehouse::claims {

/// ClaimTypes of the original that Gatehouse itself speaks of.
namespace claim_types {
inline constexpr std::string_view name = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name";
inline constexpr std::string_view name_identifier =
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/nameidentifier";
inline constexpr std::string_view role = "http://schemas.microsoft.com/ws/2008/06/identity/claims/role";
}  // namespace claim_types

/// A value. It is authenticated exactly when it has an authentication type.
struct ClaimsIdentity {
  std::vector<Claim> claims = {};
  std::string authentication_type = {};
  std::vector<std::string> name_claim_types = {
      std::string(claim_types::name)};  ///< the first present one names it
  std::vector<std::string> role_claim_types = {std::string(claim_types::role)};  ///< all of them are roles
  std::string bootstrap_context = {};                ///< the token it came from, when that was to be kept
  std::shared_ptr<const ClaimsIdentity> actor = {};  ///< who acts for the subject (RFC 8693 §4.1)

  bool is_authenticated() const noexcept { return !authentication_type.empty(); }

  /// The first claim of that type, or null. Types compare octet for octet.
  const Claim* find_first(std::string_view type) const noexcept;
  bool has_claim(std::string_view type, std::string_view value) const noexcept;
  bool is_in_role(std::string_view role) const noexcept;
  const std::string* name() const noexcept;  ///< value of the first name claim, or null
};

}  // namespace gatehouse::claims
