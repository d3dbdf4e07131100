// `gatehouse serve` — an issuer as a program: its endpoints, its keys, its operators' socket.
#include <fmt/format.h>
#include <unistd.h>

#include <memory>

#include "apps/gatehouse/config_source.h"
#include "gatehouse/admin/admin_api.h"
#include "gatehouse/base/wait_for.h"
#include "gatehouse/hosting/issuer_settings.h"
#include "gatehouse/hosting/web_application.h"

namespace gatehouse::program {
namespace {

using configuration::ConfigurationError;

template <class T>
T or_stop(Result<T> result) {
  if (!result) throw ConfigurationError({{.where = "", .message = describe(result.error())}});
  return *std::move(result);
}

struct Stores {
  std::unique_ptr<stores::Store> store;
  std::unique_ptr<stores::UserStore> users;
};

Stores open_stores(const std::string& path) {
  if (path == "memory") return {stores::make_memory_store(), stores::make_memory_user_store()};
  return {or_stop(stores::open_sqlite_store(path)), or_stop(stores::open_sqlite_user_store(path))};
}

issuer::PasswordPolicy read_policy(const issuer::PasswordPolicyOptions& options) {
  return or_stop(issuer::PasswordPolicy::make(options));
}

// The ring has it, so that devices are known after a restart, and to every process.
Secret device_key(stores::Store& store, const issuer::KeyWrapper& wrapper,
                  const issuer::KeyRingOptions& options, const Clock& clock) {
  WorkerPool pool("keys", 1, 100);
  return or_stop(wait_for(issuer::KeyRing::open(store.keys(), wrapper, options, pool, clock)))->device_key();
}

ExitCode serve(const ConfigSource& config) {
  configuration::Faults faults;
  auto configuration = read_config(config, faults);
  hosting::WebApplicationBuilder builder("gatehouse", std::move(configuration), std::move(faults));
  auto settings = hosting::read_issuer_settings(builder.configuration, builder.environment, builder.faults);
  configuration::check_known(builder.configuration, "Tls", {"CertificateFile", "KeyFile"}, builder.faults);
  builder.faults.throw_if_any();

  const auto policy = std::make_shared<const issuer::PasswordPolicy>(read_policy(settings.passwords));
  const auto rules = [policy](std::string_view password, const stores::User& user) {
    return policy->check(password, {.email = user.email});
  };
  settings.server.accounts.password_rules = rules;
  const Stores kept = open_stores(settings.store);
  const auto clock = std::make_shared<const SystemClock>();
  const auto wrapper = or_stop(issuer::KeyWrapper::make(settings.wrapping_keys));
  settings.login.device_key = device_key(*kept.store, wrapper, settings.server.keys, *clock);
  issuer::LoginService login(*kept.users, std::move(settings.login), *clock);
  WorkerPool pool("operators", 1, 100);
  hosting::WebApplication app = builder.build();
  settings.server.post_after = discovery::timers_of(app.backchannel());
  if (!settings.server.external.issuers.empty())
    settings.server.external.validate =
        or_stop(issuer::make_external_validator(settings.server.external.issuers, app.backchannel(), clock));
  settings.server.on_audit_failure = [&log = app.log()](const Error& error) {
    log.warning("audit_failed", {{"code", code(error.kind)}, {"why", error.subject}});
  };
  const auto server = or_stop(wait_for(issuer::AuthorizationServer::open(
      *kept.store, *kept.users, login, wrapper, std::move(settings.server), *clock)));
  admin::AdminApi operators({.server = *server,
                             .store = *kept.store,
                             .users = *kept.users,
                             .login = login,
                             .pool = pool,
                             .clock = *clock,
                             .password_rules = rules,
                             .operators = {"uid:0", fmt::format("uid:{}", ::geteuid())}});
  app.map_health();
  app.map_authorization_server(*server);
  if (!settings.admin_socket.empty()) app.serve_admin_api(operators, settings.admin_socket);
  return app.run() == 0 ? yes : undecided;
}

}  // namespace

void add_serve_command(CLI::App& app, Commands& commands) {
  const auto config = std::make_shared<ConfigSource>();
  add_config_options(commands.add(app, "serve", "run an issuer until it is told to stop",
                                  [config] { return serve(*config); }),
                     *config);
}

}  // namespace gatehouse::program
