#include "gatehouse/authorization/handler.h"

#include <algorithm>

namespace gatehouse::authorization {

AuthorizationHandlerContext::AuthorizationHandlerContext(const std::vector<Requirement>& requirements,
                                                         const claims::ClaimsPrincipal& principal,
                                                         const Resource& on)
    : user(principal), resource(on), requirements_(requirements) {
  for (const Requirement& requirement : requirements)
    for_each(requirement, [this](const Requirement& one) {
      if (const auto* custom = std::get_if<std::shared_ptr<const CustomRequirement>>(&one))
        custom_.emplace_back(custom->get(), Verdict::unknown);
    });
}

std::vector<const CustomRequirement*> AuthorizationHandlerContext::pending() const {
  std::vector<const CustomRequirement*> open;
  for (const auto& [requirement, verdict] : custom_)
    if (verdict != Verdict::met) open.push_back(requirement);
  return open;
}

void AuthorizationHandlerContext::say(const CustomRequirement& requirement, Verdict verdict) {
  for (auto& [known, said] : custom_)
    if (known == &requirement) said = std::max(said == Verdict::unknown ? Verdict::unmet : said, verdict);
}

void AuthorizationHandlerContext::fail(std::string reason) {
  vetoes_.push_back(reason.empty() ? "a handler's veto" : std::move(reason));
}

Verdict AuthorizationHandlerContext::verdict(const Requirement& requirement) const noexcept {
  return judge(requirement, user, custom_);
}

bool AuthorizationHandlerContext::has_succeeded() const noexcept {
  return !has_failed() && !requirements_.empty() &&
         std::ranges::all_of(requirements_, [this](const Requirement& requirement) {
           return verdict(requirement) == Verdict::met;
         });
}

}  // namespace gatehouse::authorization
