/// WebApplication::State — what build() froze and run() serves; private to this room.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gatehouse/authentication/scheme.h"
#include "gatehouse/authorization/authorization_service.h"
#include "gatehouse/authorization/middleware.h"
#include "gatehouse/hosting/application_pipeline.h"
#include "gatehouse/hosting/authority_watch.h"
#include "gatehouse/hosting/backchannel.h"
#include "gatehouse/hosting/listen_settings.h"
#include "gatehouse/hosting/recurring_task.h"
#include "gatehouse/hosting/web_application.h"
#include "gatehouse/http/routing.h"

namespace gatehouse::hosting {

// Members are destroyed from the last to the first: what is borrowed stands before who borrows it.
struct WebApplication::State {
  std::string name;
  std::shared_ptr<const Clock> clock;
  std::unique_ptr<diagnostics::Log> log;
  std::unique_ptr<AuthorityWatch> watch;
  std::unique_ptr<Backchannel> backchannel;
  std::shared_ptr<discovery::Backchannel> lent_backchannel;  // that one, or the one that was put in its place
  std::vector<std::shared_ptr<revocation::DenyFeedClient>> deny_feeds;
  bool is_development = false;
  std::unique_ptr<http::ServiceCollection> services;
  ListenSettings listen;
  configuration::Faults listen_faults;  // they stop run(), and not a TestServer, which listens nowhere
  std::atomic<int> https_port = 0;

  std::optional<authentication::AuthenticationService> authentication;
  authorization::AuthorizationOptions authorization;
  std::vector<std::unique_ptr<authorization::AuthorizationHandler>> handlers;
  std::vector<std::function<void(RouteGroup&)>> controllers;

  struct Step {
    StepKind kind;
    http::Middleware middleware;  // empty for authorization until the routes are known
  };
  std::vector<Step> steps;
  Routes routes;
  RouteGroup root = routes.root();

  // What run() begins again and again while it serves.
  struct Recurring {
    Seconds every;
    RecurringTask::Make make;
    std::string name;  // of the log line when it fails
  };
  std::vector<Recurring> recurring;

  std::string admin_socket;  // empty: operators are not served
  std::vector<http::Endpoint> admin_endpoints;

  http::RouteTable table;
  std::optional<authorization::CompiledPolicies> policies;
  std::optional<authorization::AuthorizationService> authorization_service;
  http::Pipeline pipeline;
  bool prepared = false;

  void add_step(StepKind kind, http::Middleware middleware);
  std::vector<std::unique_ptr<RecurringTask>> begin_recurring() const;
  void check(configuration::Faults& faults) const;
  const http::Pipeline& prepare(configuration::Faults faults);
};

}  // namespace gatehouse::hosting
