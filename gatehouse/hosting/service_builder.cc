#include "gatehouse/hosting/service_builder.h"

namespace gatehouse::hosting {

AuthenticationBuilder& AuthenticationBuilder::add_jwt_bearer(
    std::string scheme, const std::function<void(authentication::JwtBearerOptions&)>& configure) {
  Draft draft{.scheme = std::move(scheme)};
  configure(draft.options);
  drafts_.push_back(std::move(draft));
  return *this;
}

AuthenticationBuilder& AuthenticationBuilder::add_policy_scheme(std::string scheme,
                                                                authentication::SchemeForwarding forwarding) {
  Draft draft{.scheme = std::move(scheme), .only_forwards = true};
  draft.options.forwarding = std::move(forwarding);
  drafts_.push_back(std::move(draft));
  return *this;
}

AuthenticationBuilder& ServiceBuilder::add_authentication(std::string default_scheme) {
  authentication_.defaults_.default_scheme = std::move(default_scheme);
  return authentication_;
}

}  // namespace gatehouse::hosting
