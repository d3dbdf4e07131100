/// SecurityBuilder — who may be asking, and what they may do: what every host is told in the same words.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gatehouse/authentication/authentication_builder.h"
#include "gatehouse/authorization/handler.h"
#include "gatehouse/authorization/policy.h"

namespace gatehouse::authorization {

/// The base of the hosts' own builders, which freeze what was said.
class SecurityBuilder {
 public:
  /// `default_scheme` is asked wherever nobody names one; with a single scheme it may stay empty.
  authentication::AuthenticationBuilder& add_authentication(std::string default_scheme = {}) {
    return authentication_.set_default_scheme(std::move(default_scheme));
  }

  /// Adds to what is known about everybody who is authenticated, once a request and scheme.
  void add_claims_transformation(
      authentication::Event<authentication::ClaimsTransformationContext> transformation) {
    authentication_.options().claims_transformation = std::move(transformation);
  }

  void add_authorization() {}  ///< the default policy alone: an authenticated user
  void add_authorization(const std::function<void(AuthorizationOptions&)>& configure) {
    configure(authorization_);
  }

  /// Judges custom requirements; handlers run in the order they were added.
  template <class Handler, class... Arguments>
  void add_authorization_handler(Arguments&&... arguments) {
    handlers_.push_back(std::make_unique<Handler>(std::forward<Arguments>(arguments)...));
  }

 protected:
  SecurityBuilder() = default;
  ~SecurityBuilder() = default;
  SecurityBuilder(SecurityBuilder&&) = default;
  SecurityBuilder& operator=(SecurityBuilder&&) = default;

  authentication::AuthenticationBuilder authentication_;
  AuthorizationOptions authorization_;
  std::vector<std::unique_ptr<AuthorizationHandler>> handlers_;
};

}  // namespace gatehouse::authorization
