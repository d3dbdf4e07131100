/// AuthenticationBuilder — the schemes of an application, said one by one before they are frozen.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gatehouse/authentication/jwt_bearer_options.h"
#include "gatehouse/authentication/scheme.h"
#include "gatehouse/base/error.h"

namespace gatehouse::authentication {

/// What a host lends to every scheme that has none of its own.
struct Surroundings {
  std::shared_ptr<const Clock> clock = {};
  std::shared_ptr<discovery::Backchannel> backchannel = {};
  std::function<void(const discovery::ConfigurationEvent&)> on_configuration_event =
      {};                       ///< before the scheme's own
  bool is_development = false;  ///< keys may come over http, where a scheme says so
};

/// Each add_ call adds one scheme, whose options are read at once and frozen by build().
class AuthenticationBuilder {
 public:
  /// Asked wherever nobody names a scheme; with a single one it may stay unsaid.
  AuthenticationBuilder& set_default_scheme(std::string scheme);

  /// The scheme "Bearer".
  AuthenticationBuilder& add_jwt_bearer(const std::function<void(JwtBearerOptions&)>& configure) {
    return add_jwt_bearer("Bearer", configure);
  }
  AuthenticationBuilder& add_jwt_bearer(std::string scheme,
                                        const std::function<void(JwtBearerOptions&)>& configure);

  /// A scheme of the application's own, by its handler.
  AuthenticationBuilder& add_scheme(std::string scheme, std::unique_ptr<AuthenticationHandler> handler);

  /// A scheme that only forwards, as `forwarding` says.
  AuthenticationBuilder& add_policy_scheme(std::string scheme, SchemeForwarding forwarding);

  /// The defaults of each operation, where one for all of them will not do.
  AuthenticationOptions& options() noexcept { return options_; }

  /// A scheme whose options cannot be: the call they were said in, and the failure.
  struct Fault {
    std::string where;  ///< "add_jwt_bearer Bearer"
    Error error;
  };

  /// Every scheme, once. Those whose options are wrong join `faults` and must not be asked. How the schemes
  /// fit together is for AuthenticationService::check.
  AuthenticationService build(const Surroundings& host, std::vector<Fault>& faults);

 private:
  AuthenticationOptions options_;
  std::vector<AuthenticationScheme> schemes_;
  std::vector<std::pair<std::size_t, JwtBearerOptions>> bearers_;  // of schemes_ by index, in order
};

}  // namespace gatehouse::authentication
