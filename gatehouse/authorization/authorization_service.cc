#include "gatehouse/authorization/authorization_service.h"

#include <fmt/format.h>

#include <stdexcept>
#include <utility>

namespace gatehouse::authorization {

Task<Decision> AuthorizationService::authorize(const claims::ClaimsPrincipal& user,
                                               std::string_view policy) const {
  return authorize(user, policy, Resource());
}

Task<Decision> AuthorizationService::authorize(const claims::ClaimsPrincipal& user, std::string_view policy,
                                               Resource resource) const {
  auto found = options_.find(policy);
  if (!found) throw std::logic_error(fmt::format("no authorization policy '{}' is defined", policy));
  co_return co_await authorize(user, *std::move(found), resource);
}

Task<Decision> AuthorizationService::authorize(const claims::ClaimsPrincipal& user,
                                               AuthorizationPolicy policy, Resource resource) const {
  if (policy.not_revoked)
    co_return Decision{.outcome = Outcome::forbidden,
                       .vetoes = {"only a request shows the token that require_not_revoked() is about"}};
  if (!handlers_.has_to_wait()) co_return evaluate(policy, user, handlers_, resource);
  co_return co_await evaluate_waiting(policy, user, handlers_, resource);
}

}  // namespace gatehouse::authorization
