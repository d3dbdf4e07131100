/// ServiceBuilder — `builder.services`: what the application is made of, said before it is built.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gatehouse/authentication/jwt_bearer_options.h"
#include "gatehouse/authentication/scheme.h"
#include "gatehouse/authorization/evaluate.h"
#include "gatehouse/authorization/policy.h"
#include "gatehouse/hosting/routes.h"
#include "gatehouse/http/services.h"

namespace gatehouse::hosting {

/// The schemes said so far. Each add_ call adds one; its options are read at once and frozen by build().
class AuthenticationBuilder {
 public:
  /// The scheme "Bearer".
  AuthenticationBuilder& add_jwt_bearer(
      const std::function<void(authentication::JwtBearerOptions&)>& configure) {
    return add_jwt_bearer("Bearer", configure);
  }
  AuthenticationBuilder& add_jwt_bearer(
      std::string scheme, const std::function<void(authentication::JwtBearerOptions&)>& configure);

  /// A scheme that only forwards, as `forwarding` says.
  AuthenticationBuilder& add_policy_scheme(std::string scheme, authentication::SchemeForwarding forwarding);

 private:
  friend class ServiceBuilder;
  friend class WebApplicationBuilder;

  struct Draft {
    std::string scheme;
    authentication::JwtBearerOptions options;  // of a bearer scheme; only its forwarding counts otherwise
    bool only_forwards = false;
  };

  authentication::AuthenticationOptions defaults_;
  std::vector<Draft> drafts_;
};

class ServiceBuilder {
 public:
  /// `default_scheme` is asked wherever nobody names one; with a single scheme it may stay empty.
  AuthenticationBuilder& add_authentication(std::string default_scheme = {});

  /// Adds to what is known about everybody who is authenticated, once a request and scheme.
  void add_claims_transformation(
      authentication::Event<authentication::ClaimsTransformationContext> transformation) {
    authentication_.defaults_.claims_transformation = std::move(transformation);
  }

  void add_authorization() {}  ///< the default policy alone: an authenticated user
  void add_authorization(const std::function<void(authorization::AuthorizationOptions&)>& configure) {
    configure(authorization_);
  }

  /// Judges custom requirements; handlers run in the order they were added.
  template <class Handler, class... Arguments>
  void add_authorization_handler(Arguments&&... arguments) {
    handlers_.push_back(std::make_unique<Handler>(std::forward<Arguments>(arguments)...));
  }

  /// A class with `void map(RouteGroup& routes)`; WebApplication::map_controllers() calls it.
  template <class Controller, class... Arguments>
  void add_controllers(Arguments&&... arguments) {
    auto controller = std::make_shared<Controller>(std::forward<Arguments>(arguments)...);
    controllers_.push_back([controller](RouteGroup& routes) { controller->map(routes); });
  }

  template <class T, class... Arguments>
  T& add_singleton(Arguments&&... arguments) {
    return singletons_->add_singleton<T>(std::forward<Arguments>(arguments)...);
  }

 private:
  friend class WebApplicationBuilder;

  AuthenticationBuilder authentication_;
  authorization::AuthorizationOptions authorization_;
  std::vector<std::unique_ptr<authorization::AuthorizationHandler>> handlers_;
  std::vector<std::function<void(RouteGroup&)>> controllers_;
  std::unique_ptr<http::ServiceCollection> singletons_ = std::make_unique<http::ServiceCollection>();
};

}  // namespace gatehouse::hosting
