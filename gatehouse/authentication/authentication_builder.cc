#include "gatehouse/authentication/authentication_builder.h"

#include <iterator>
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
  AuthenticationScheme made{.name = scheme, .forwarding = options.forwarding};
  auto handler = JwtBearerHandler::make(scheme, std::move(options));
  if (handler)
    made.handler = *std::move(handler);
  else
    faults_.push_back({.where = "add_jwt_bearer " + scheme, .error = std::move(handler).error()});
  schemes_.push_back(std::move(made));
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

AuthenticationService AuthenticationBuilder::build(std::vector<Fault>& faults) {
  faults.insert(faults.end(), std::make_move_iterator(faults_.begin()),
                std::make_move_iterator(faults_.end()));
  faults_.clear();
  return {std::move(options_), std::move(schemes_)};
}

}  // namespace gatehouse::authentication
