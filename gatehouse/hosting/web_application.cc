#include "gatehouse/hosting/web_application.h"
#include "gatehouse/issuer/authorization_server.h"

#include <fmt/format.h>

#include <utility>

#include "gatehouse/admin/admin_api.h"
#include "gatehouse/authentication/middleware.h"
#include "gatehouse/authorization/middleware.h"
#include "gatehouse/diagnostics/health.h"
#include "gatehouse/diagnostics/request_log.h"
#include "gatehouse/hosting/application_pipeline.h"
#include "gatehouse/hosting/web_application_state.h"
#include "gatehouse/http/routing.h"

namespace gatehouse::hosting {

WebApplication::WebApplication(std::unique_ptr<State> state) : state_(std::move(state)) {}
WebApplication::WebApplication(WebApplication&&) noexcept = default;
WebApplication::~WebApplication() = default;

RouteGroup& WebApplication::root() { return state_->root; }

void WebApplication::use_https_redirection() {
  State& state = *state_;
  state.add_step(StepKind::https_redirection, hosting::use_https_redirection([&state] {
                   return state.https_port.load(std::memory_order_relaxed);
                 }));
}

void WebApplication::use_authentication() {
  state_->add_step(StepKind::authentication, authentication::use_authentication(*state_->authentication));
}

// The policies are compiled when the routes are known, so the middleware is made then, in this place.
void WebApplication::use_authorization() { state_->add_step(StepKind::authorization, {}); }

void WebApplication::use(http::Middleware middleware) {
  state_->add_step(StepKind::custom, std::move(middleware));
}

void WebApplication::map_controllers() {
  for (const auto& map : std::exchange(state_->controllers, {})) map(state_->root);
}

void WebApplication::follow_deny_feed(std::shared_ptr<revocation::DenyList> list,
                                      revocation::DenyFeedClientOptions options) {
  State& state = *state_;
  options.require_https = options.require_https || !state.is_development;
  auto feed = revocation::DenyFeedClient::make(std::move(options), std::move(list), state.lent_backchannel,
                                               state.clock);
  if (!feed)
    throw configuration::ConfigurationError(
        {configuration::Fault{.where = "follow_deny_feed", .message = feed.error().subject}});
  (*feed)->on_event = [log = state.log.get()](const revocation::DenyFeedEvent& event) {
    diagnostics::log_deny_feed_event(*log, event);
  };
  (*feed)->start();
  state.deny_feeds.push_back(*std::move(feed));
}

void WebApplication::map_health() {
  map_get("/livez", [] { return http::results::ok(R"({"status":"live"})"); }).allow_anonymous();
  map_get("/readyz", [&state = *state_] {
    const auto report =
        diagnostics::report_health(state.authentication->authorities(), state.deny_feeds, state.clock->now());
    return http::results::json(report.json, report.status == diagnostics::HealthStatus::unready ? 503 : 200);
  }).allow_anonymous();
}

void WebApplication::map_authorization_server(issuer::AuthorizationServer& server) {
  for (auto& [method, pattern, handler] : server.routes())
    root().map(method, pattern, std::move(handler)).allow_anonymous();
  state_->recurring.push_back({.every = server.keys().options().readers.poll,
                               .make = [&server] { return server.maintain(); },
                               .name = "issuer_maintenance"});
}

void WebApplication::serve_admin_api(admin::AdminApi& api, std::string path) {
  state_->admin_endpoints = api.endpoints();
  state_->admin_socket = std::move(path);
}

const http::ServiceCollection& WebApplication::services() const noexcept { return *state_->services; }
const authentication::AuthenticationService& WebApplication::authentication() const noexcept {
  return *state_->authentication;
}
const Clock& WebApplication::clock() const noexcept { return *state_->clock; }
const diagnostics::Log& WebApplication::log() const noexcept { return *state_->log; }
const std::shared_ptr<discovery::Backchannel>& WebApplication::backchannel() const noexcept {
  return state_->lent_backchannel;
}

void WebApplication::State::add_step(StepKind kind, http::Middleware middleware) {
  steps.push_back({kind, std::move(middleware)});
}

// Every fault of routes, policies and order is found before any is reported.
void WebApplication::State::check(configuration::Faults& faults) const {
  if (const auto checked = table.check(); !checked) faults.add("routes", checked.error().subject);
  for (const std::string& fault : policies->faults()) faults.add("authorization", fault);
  PipelineFacts facts{.has_schemes = !authentication->schemes().empty(),
                      .has_fallback_policy = authorization.fallback_policy.has_value()};
  for (const Step& step : steps) facts.steps.push_back(step.kind);
  for (const auto& endpoint : table.endpoints())
    if (authorization::has_authorization(*endpoint))
      facts.protected_endpoints.push_back(fmt::format("{} {}", endpoint->method, endpoint->pattern));
  if (!controllers.empty())
    faults.add("routes",
               "controllers were added, but map_controllers() was not called; call app.map_controllers()");
  check_pipeline(facts, faults);
}

const http::Pipeline& WebApplication::prepare() { return state_->prepare({}); }

const http::Pipeline& WebApplication::State::prepare(configuration::Faults faults) {
  if (prepared) {
    faults.throw_if_any();
    return pipeline;
  }
  routes.add_to(table);
  std::vector<const authorization::AuthorizationHandler*> judges;
  for (const auto& handler : handlers) judges.push_back(handler.get());
  policies.emplace(authorization, table, std::move(judges));
  authorization_service.emplace(authorization, policies->handlers());
  services->add_reference(*authorization_service);
  check(faults);
  faults.throw_if_any();

  pipeline.on_finished(
      [to = log.get()](const http::HttpContext& context) { diagnostics::log_request(*to, context); });
  pipeline.use(http::use_routing(table));
  for (Step& step : steps)
    pipeline.use(step.kind == StepKind::authorization
                     ? authorization::use_authorization(*policies, *authentication)
                     : std::move(step.middleware));
  pipeline.use(authorization::require_decision());
  pipeline.use(http::run_endpoint);
  prepared = true;
  return pipeline;
}

}  // namespace gatehouse::hosting
