#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "gatehouse/hosting/development_secrets.h"
#include "gatehouse/hosting/web_application_state.h"

namespace gatehouse::hosting {
namespace {

using configuration::Configuration;
using configuration::ConfigurationBuilder;
using configuration::Environment;
using configuration::Faults;
using configuration::Source;

Configuration read_configuration(const std::string& name, const Environment& environment,
                                 const std::vector<std::string>& arguments, Faults& faults) {
  ConfigurationBuilder builder(faults);
  builder.add_json_file("appsettings.json", true);
  builder.add_json_file(fmt::format("appsettings.{}.json", environment.name()), true);
  const std::string secrets = configuration::user_secrets_path(name);
  if (environment.is_development() && !secrets.empty())
    builder.add_json_file(secrets, true, Source::secrets_file);
  builder.add_environment(configuration::environment_variables(), {"Urls"});
  builder.add_arguments(arguments);
  return builder.build();
}

HttpClientOptions read_backchannel(const Configuration& configuration, Faults& faults) {
  configuration::check_known(configuration, "Backchannel", {"CaFile"}, faults);
  HttpClientOptions options{.ca_file = configuration["Backchannel:CaFile"]};
  if (auto proxy = ProxySettings::from_environment())
    options.proxy = *std::move(proxy);
  else
    faults.add("environment", proxy.error().subject);
  return options;
}

}  // namespace

WebApplicationBuilder::WebApplicationBuilder(std::string name, int argc, char** argv)
    : WebApplicationBuilder(std::move(name),
                            std::vector<std::string>(argv + std::min(argc, 1), argv + argc)) {}

WebApplicationBuilder::WebApplicationBuilder(std::string name, const std::vector<std::string>& arguments)
    : environment(Environment::current()),
      configuration(read_configuration(name, environment, arguments, faults)),
      backchannel(read_backchannel(configuration, faults)),
      name_(std::move(name)),
      clock_(std::make_shared<const SystemClock>()),
      log_(std::make_unique<diagnostics::Log>(*clock_)) {}

WebApplicationBuilder::WebApplicationBuilder(std::string name, Configuration settings, Faults found)
    : environment(Environment::current()),
      faults(std::move(found)),
      configuration(std::move(settings)),
      backchannel(read_backchannel(configuration, faults)),
      name_(std::move(name)),
      clock_(std::make_shared<const SystemClock>()),
      log_(std::make_unique<diagnostics::Log>(*clock_)) {}

WebApplicationBuilder::~WebApplicationBuilder() = default;

void WebApplicationBuilder::use_clock(std::shared_ptr<const Clock> clock) {
  clock_ = std::move(clock);
  use_log_sink(sink_);
}

void WebApplicationBuilder::use_log_sink(diagnostics::Log::Sink sink) {
  sink_ = std::move(sink);
  log_ = sink_ ? std::make_unique<diagnostics::Log>(*clock_, diagnostics::Level::information, sink_)
               : std::make_unique<diagnostics::Log>(*clock_);
}

void WebApplicationBuilder::use_backchannel(std::shared_ptr<discovery::Backchannel> other) {
  other_backchannel_ = std::move(other);
}

JwtSettings WebApplicationBuilder::jwt_settings() {
  const bool has_key = configuration.find("Jwt:SigningKey") || configuration.find("Jwt:SigningKeyFile");
  if (environment.is_development() && !has_key) {
    auto made = make_development_signing_key(configuration::user_secrets_path(name_));
    if (made)
      log_->information("development_signing_key_made", {{"path", *made}});
    else
      faults.add("", made.error().subject);
    if (made)
      configuration = ConfigurationBuilder(faults)
                          .add_configuration(configuration)
                          .add_json_file(*made, false, Source::secrets_file)
                          .build();
  }
  JwtSettings settings = read_jwt_settings(configuration, environment, faults);
  for (const std::string& warning : settings.warnings)
    log_->warning("unsafe_setting", {{"warning", warning}});
  return settings;
}

WebApplication WebApplicationBuilder::build() {
  auto state = std::make_unique<WebApplication::State>();
  state->listen = read_listen_settings(configuration, environment, state->listen_faults);
  if (const auto checked = services.authorization_.check(); !checked)
    faults.add("authorization", checked.error().subject);

  state->watch = std::make_unique<AuthorityWatch>(*log_);
  if (auto made = Backchannel::make(*clock_, std::move(backchannel)))
    state->backchannel = *std::move(made);
  else
    faults.add("backchannel", made.error().subject);

  std::vector<authentication::AuthenticationBuilder::Fault> scheme_faults;
  authentication::Surroundings host{
      .clock = clock_,
      .backchannel = other_backchannel_,
      .on_configuration_event = [watch = state->watch.get()](const auto& event) { watch->note(event); },
      .is_development = environment.is_development()};
  if (!host.backchannel && state->backchannel) host.backchannel = state->backchannel->lend();
  state->lent_backchannel = host.backchannel;
  state->authentication.emplace(services.authentication_.build(host, scheme_faults));
  // What the settings failed to say is said already; that an option is empty because of it is no second
  // fault.
  if (faults.empty())
    for (const auto& [where, error] : scheme_faults) faults.add(where, error.subject);
  if (const auto checked = state->authentication->check(); !checked)
    faults.add("add_authentication", checked.error().subject);
  if (!faults.empty()) faults.add_all(state->listen_faults);
  faults.throw_if_any();

  state->name = name_;
  state->is_development = environment.is_development();
  state->clock = std::move(clock_);
  state->log = std::move(log_);
  state->services = std::move(services.singletons_);
  state->authorization = std::move(services.authorization_);
  state->handlers = std::move(services.handlers_);
  state->controllers = std::move(services.controllers_);
  return WebApplication(std::move(state));
}

}  // namespace gatehouse::hosting
