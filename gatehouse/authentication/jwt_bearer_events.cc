#include "gatehouse/authentication/jwt_bearer_events.h"

#include <stdexcept>

namespace gatehouse::authentication {

void ResultContext::success() {
  if (!principal) throw std::logic_error("success() needs a principal: set context.principal first");
  result = AuthenticateResult::success(
      {.principal = principal, .properties = properties, .scheme = std::string(scheme)});
}

void TokenValidatedContext::add_claim(claims::Claim claim) {
  std::vector<claims::ClaimsIdentity> identities = principal->identities();
  if (identities.empty()) identities.emplace_back();
  identities.front().claims.push_back(std::move(claim));
  principal = std::make_shared<const claims::ClaimsPrincipal>(std::move(identities));
}

}  // namespace gatehouse::authentication
