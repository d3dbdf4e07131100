/// WebApplication — the host: routes, middleware in order, and the loop that serves them.
///
/// What the original's Program.cs says, in the same words. Everything that can be wrong stops the start:
/// build() and run() throw configuration::ConfigurationError with one line a fault, which main prints before
/// it returns 2.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/authentication/scheme.h"
#include "gatehouse/base/clock.h"
#include "gatehouse/configuration/configuration.h"
#include "gatehouse/configuration/environment.h"
#include "gatehouse/configuration/faults.h"
#include "gatehouse/diagnostics/log.h"
#include "gatehouse/discovery/backchannel.h"
#include "gatehouse/hosting/http_client.h"
#include "gatehouse/hosting/jwt_settings.h"
#include "gatehouse/hosting/routes.h"
#include "gatehouse/hosting/service_builder.h"
#include "gatehouse/http/pipeline.h"
#include "gatehouse/revocation/deny_feed_client.h"

namespace gatehouse::issuer {
class AuthorizationServer;
}
namespace gatehouse::admin {
class AdminApi;
}

namespace gatehouse::hosting {

class WebApplication {
 public:
  WebApplication(WebApplication&&) noexcept;
  WebApplication& operator=(WebApplication&&) = delete;
  ~WebApplication();

  // Middleware, in the order of the calls.
  void use_https_redirection();  ///< http requests get 307 to the https address (RFC 9110 §15.4.8)
  void use_authentication();     ///< who is asking: fills HttpContext::user()
  void use_authorization();      ///< may they: 401 without an identity, 403 without what the policy demands
  void use(http::Middleware middleware);

  // Endpoints.
  template <class F>
  EndpointBuilder map_get(std::string_view pattern, F handler) {
    return root().map_get(pattern, std::move(handler));
  }
  template <class F>
  EndpointBuilder map_post(std::string_view pattern, F handler) {
    return root().map_post(pattern, std::move(handler));
  }
  template <class F>
  EndpointBuilder map_put(std::string_view pattern, F handler) {
    return root().map_put(pattern, std::move(handler));
  }
  template <class F>
  EndpointBuilder map_patch(std::string_view pattern, F handler) {
    return root().map_patch(pattern, std::move(handler));
  }
  template <class F>
  EndpointBuilder map_delete(std::string_view pattern, F handler) {
    return root().map_delete(pattern, std::move(handler));
  }
  RouteGroup map_group(std::string_view prefix) { return root().map_group(prefix); }
  void map_controllers();

  /// Keeps `list` up to what an issuer in another process withdraws, from now on: asks as authorities are
  /// asked, logs what changes, and is part of GET /readyz. Over http in Development alone. Throws
  /// ConfigurationError.
  void follow_deny_feed(std::shared_ptr<revocation::DenyList> list,
                        revocation::DenyFeedClientOptions options);

  /// GET /livez, 200 while requests are served, and GET /readyz, 503 while there are no keys of an authority
  /// that is waited for; both as JSON, for anybody (diagnostics::report_health).
  void map_health();

  /// Every endpoint of an issuer, for anybody: each authenticates its callers itself. While run() serves, its
  /// keys rotate and what is over is cleaned up. `server` must outlive the application.
  void map_authorization_server(issuer::AuthorizationServer& server);

  /// While run() serves, operators' commands come by a Unix socket at `path`, which only this user may open.
  /// `api` must outlive the application.
  void serve_admin_api(admin::AdminApi& api, std::string path);

  /// Checks everything, waits for the authorities' keys as their start_mode says, binds the addresses of
  /// `Urls`, prints them, and serves until SIGTERM or SIGINT. Returns the exit code. Throws
  /// ConfigurationError.
  int run();

  /// Checks everything as run() does and freezes the pipeline, without a socket: what TestServer serves.
  const http::Pipeline& prepare();

  const http::ServiceCollection& services() const noexcept;
  const authentication::AuthenticationService& authentication() const noexcept;
  const Clock& clock() const noexcept;
  const diagnostics::Log& log() const noexcept;

  /// What fetches for this application, and its timers; may be kept longer than it.
  const std::shared_ptr<discovery::Backchannel>& backchannel() const noexcept;

 private:
  friend class WebApplicationBuilder;
  struct State;
  explicit WebApplication(std::unique_ptr<State> state);
  RouteGroup& root();

  std::unique_ptr<State> state_;
};

class WebApplicationBuilder {
 public:
  /// Reads appsettings.json, appsettings.{Environment}.json, in Development the user's secrets, the
  /// environment and the arguments, each over the one before; files from the working directory. `name` is the
  /// application's, for secrets and messages.
  WebApplicationBuilder(std::string name, int argc, char** argv);
  explicit WebApplicationBuilder(std::string name, const std::vector<std::string>& arguments = {});
  /// With settings that were read already, and what was wrong with them.
  WebApplicationBuilder(std::string name, configuration::Configuration settings,
                        configuration::Faults found = {});
  ~WebApplicationBuilder();

  configuration::Environment environment;
  configuration::Faults faults;  ///< what reading settings has found so far; build() throws them all at once
  configuration::Configuration configuration;
  ServiceBuilder services;

  /// How authorities are reached: the system's certificates or `Backchannel:CaFile`, and the proxy that
  /// HTTPS_PROXY and NO_PROXY name.
  HttpClientOptions backchannel;

  /// The section `Jwt:`, read and checked; its faults join `faults`. In Development a missing signing key is
  /// made and kept among the user's secrets.
  JwtSettings jwt_settings();

  // What a test, or another log system, puts in the place of the machine's clock, of standard error, and of
  // requests to authorities. Call them first: what was made before keeps the ones it was given.
  void use_clock(std::shared_ptr<const Clock> clock);
  void use_log_sink(diagnostics::Log::Sink sink);
  void use_backchannel(std::shared_ptr<discovery::Backchannel> other);

  const Clock& clock() const noexcept { return *clock_; }
  const diagnostics::Log& log() const noexcept { return *log_; }

  /// Freezes options, schemes and policies. Throws ConfigurationError with every fault found.
  WebApplication build();

 private:
  std::string name_;
  std::shared_ptr<const Clock> clock_;
  diagnostics::Log::Sink sink_;
  std::unique_ptr<diagnostics::Log> log_;
  std::shared_ptr<discovery::Backchannel> other_backchannel_;
};

}  // namespace gatehouse::hosting
