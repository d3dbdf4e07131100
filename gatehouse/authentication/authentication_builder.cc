#include "gatehouse/authentication/authentication_builder.h"

#include "gatehouse/authentication/jwt_bearer_handler.h"

namespace gatehouse::authentication {

AuthenticationBuilder& AuthenticationBuilder::set_default_scheme(std::string scheme) {
  options_.default_scheme = std::move(scheme);
  return *this;
}

AuthenticationBuilder& AuthenticationBuilder::add_jwt_bearer(
    std::string scheme, const std::function<void(JwtBearerOptions&)>& configure) {
  Draft draft{.scheme = std::move(scheme)};
  configure(draft.options);
  drafts_.push_back(std::move(draft));
  return *this;
}

AuthenticationBuilder& AuthenticationBuilder::add_policy_scheme(std::string scheme,
                                                                SchemeForwarding forwarding) {
  Draft draft{.scheme = std::move(scheme), .only_forwards = true};
  draft.options.forwarding = std::move(forwarding);
  drafts_.push_back(std::move(draft));
  return *this;
}

AuthenticationService AuthenticationBuilder::build(std::vector<Fault>& faults) {
  std::vector<AuthenticationScheme> schemes;
  for (auto& [scheme, options, only_forwards] : drafts_) {
    AuthenticationScheme made{.name = scheme, .forwarding = options.forwarding};
    if (!only_forwards) {
      auto handler = JwtBearerHandler::make(scheme, std::move(options));
      if (!handler) faults.push_back({.where = "add_jwt_bearer " + scheme, .error = handler.error()});
      if (handler) made.handler = *std::move(handler);
    }
    schemes.push_back(std::move(made));
  }
  drafts_.clear();
  return {std::move(options_), std::move(schemes)};
}

}  // namespace gatehouse::authentication
