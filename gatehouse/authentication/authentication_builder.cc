#include "gatehouse/authentication/authentication_builder.h"

#include <algorithm>
#include <utility>

#include "gatehouse/authentication/jwt_bearer_handler.h"

namespace gatehouse::authentication {
namespace {

using Notice = std::function<void(const discovery::ConfigurationEvent&)>;

Notice both(const Notice& first, const Notice& second) {
  if (!first || !second) return first ? first : second;
  return [first, second](const discovery::ConfigurationEvent& event) {
    first(event);
    second(event);
  };
}

bool takes_keys_over_http(const JwtBearerOptions& options) {
  return !options.authority_options.require_https_metadata ||
         std::ranges::any_of(options.issuers, [](const discovery::IssuerOptions& one) {
           return !one.authority.require_https_metadata;
         });
}

Result<std::unique_ptr<JwtBearerHandler>> make_handler(const std::string& scheme, JwtBearerOptions options,
                                                       const Surroundings& host) {
  if (!host.is_development && takes_keys_over_http(options))
    return fail(
        Failure::configuration_invalid,
        "require_https_metadata is off, so that anybody on the way could give you keys, and this is not "
        "Development; give the authority a certificate and, where your own CA signs it, name the CA");
  if (!options.backchannel) options.backchannel = host.backchannel;
  if (!options.clock) options.clock = host.clock;
  options.on_configuration_event = both(host.on_configuration_event, options.on_configuration_event);
  return JwtBearerHandler::make(scheme, std::move(options));
}

}  // namespace

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
    auto handler = make_handler(scheme.name, std::move(options), host);
    if (handler)
      scheme.handler = *std::move(handler);
    else
      faults.push_back({.where = "add_jwt_bearer " + scheme.name, .error = std::move(handler).error()});
  }
  bearers_.clear();
  return {std::move(options_), std::move(schemes_)};
}

}  // namespace gatehouse::authentication
