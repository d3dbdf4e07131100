#include "gatehouse/authentication/jwt_bearer_events.h"

#include <stdexcept>

namespace gatehouse::authentication {

void ResultContext::success() {
  if (!principal) throw std::logic_error("success() needs a principal: set context.principal first");
  result = AuthenticateResult::success(
      {.principal = principal, .properties = properties, .scheme = std::string(scheme)});
}

void TokenValidatedContext::add_claim(claims::Claim claim) {
  principal = claims::with_claim(*principal, std::move(claim));
}

}  // namespace gatehouse::authentication
