/// ClaimsPrincipal — who is asking: the identities that authentication found, in order.
///
/// Once handed out it is shared and immutable. A hook that adds claims gets its own copy.
#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "gatehouse/claims/claims_identity.h"

namespace gatehouse::claims {

class ClaimsPrincipal {
 public:
  ClaimsPrincipal() = default;
  explicit ClaimsPrincipal(ClaimsIdentity identity) { identities_.push_back(std::move(identity)); }
  explicit ClaimsPrincipal(std::vector<ClaimsIdentity> identities) : identities_(std::move(identities)) {}

  /// Nobody: one identity without an authentication type. Shared, made once.
  static const std::shared_ptr<const ClaimsPrincipal>& anonymous();

  const std::vector<ClaimsIdentity>& identities() const noexcept { return identities_; }
  void add_identity(ClaimsIdentity identity) { identities_.push_back(std::move(identity)); }

  /// The first authenticated identity, else the first, else null: what `name` and messages are about.
  const ClaimsIdentity* identity() const noexcept;

  bool is_authenticated() const noexcept;  ///< any identity is
  bool is_in_role(std::string_view role) const noexcept;
  bool has_claim(std::string_view type, std::string_view value) const noexcept;
  const Claim* find_claim(std::string_view type) const noexcept;      ///< the first, or null
  std::string_view find_first(std::string_view type) const noexcept;  ///< its value; empty also when absent
  std::vector<const Claim*> find_all(std::string_view type) const;
  std::optional<std::string_view> name() const noexcept;

 private:
  std::vector<ClaimsIdentity> identities_;
};

/// A copy of `principal` with one more claim in its first identity, which an empty principal gets.
std::shared_ptr<const ClaimsPrincipal> with_claim(const ClaimsPrincipal& principal, Claim claim);

}  // namespace gatehouse::claims
