#include "gatehouse/authentication/authentication_builder.h"

#include <utility>

#include "gatehouse/authentication/jwt_bearer_handler.h"

namespace gatehouse::authentication {

AuthenticationBuilder& AuthenticationBuilder::set_default_scheme(std::string scheme) {
  options_.default_scheme = std::move(scheme);
  return *this;
}

AuthenticationBuilder& AuthenticationBuilder::add_jwt_bearer(
    std::string scheme, const std::function<void(JwtBearerOptions&)>& configure) {
  JwtBearerOptions options;
  configure(options);
  schemes_.push_back({.name = std::move(scheme), .forwarding = options.forwarding});
  bearers_.emplace_back(schemes_.size() - 1, std::move(options));
  return *this;
}

AuthenticationBuilder& AuthenticationBuilder::add_scheme(std::string scheme,
                                                         std::unique_ptr<AuthenticationHandler> handler) {
  schemes_.push_back({.name = std::move(scheme), .handler = std::move(handler)});
  return *this;
}

AuthenticationBuilder& AuthenticationBuilder::add_policy_scheme(std::string scheme,
                                                                SchemeForwarding forwarding) {
  schemes_.push_back({.name = std::move(scheme), .forwarding = std::move(forwarding)});
  return *this;
}

AuthenticationService AuthenticationBuilder::build(const Surroundings& host, std::vector<Fault>& faults) {
  for (auto& [index, options] : bearers_) {
    AuthenticationScheme& scheme = schemes_[index];
    if (!options.backchannel) options.backchannel = host.backchannel;
    if (!options.clock) options.clock = host.clock;
    if (!options.on_configuration_event) options.on_configuration_event = host.on_configuration_event;
    auto handler = JwtBearerHandler::make(scheme.name, std::move(options));
    if (handler)
      scheme.handler = *std::move(handler);
    else
      faults.push_back({.where = "add_jwt_bearer " + scheme.name, .error = std::move(handler).error()});
  }
  bearers_.clear();
  return {std::move(options_), std::move(schemes_)};
}

}  // namespace gatehouse::authentication
