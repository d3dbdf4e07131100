#include "gatehouse/hosting/jwt_settings.h"

#include <fmt/format.h>

namespace gatehouse::hosting {
namespace {

using configuration::Configuration;
using configuration::Environment;
using configuration::Faults;

void read_credentials(const Configuration& configuration, JwtSettings& settings, Faults& faults) {
  if (!settings.key) return;
  auto made = issuer::make_signing_credentials(*settings.key, configuration["Jwt:Algorithm"],
                                               configuration["Jwt:KeyId"]);
  if (made)
    settings.credentials = *std::move(made);
  else
    faults.add(configuration.find(settings.key_setting)->origin.text,
               fmt::format("'{}': {}", settings.key_setting, made.error().subject));
}

void read_lifetime(const Configuration& configuration, JwtSettings& settings, Faults& faults) {
  settings.access_token_lifetime = configuration::read_duration(configuration, "Jwt:AccessTokenLifetime",
                                                                settings.access_token_lifetime, faults);
  if (settings.access_token_lifetime.count() == 0)
    faults.add(configuration.find("Jwt:AccessTokenLifetime")->origin.text,
               "'Jwt:AccessTokenLifetime' is zero; tokens would never be valid");
  if (settings.access_token_lifetime > std::chrono::hours(1))
    settings.warnings.push_back(fmt::format(
        "Jwt:AccessTokenLifetime is {} minutes: a stolen token is good for as long; stay under an hour",
        settings.access_token_lifetime.count() / 60));
}

}  // namespace

std::optional<jose::Key> JwtSettings::signing_key() const {
  return credentials ? std::optional(credentials->key) : std::nullopt;
}

JwtSettings read_jwt_settings(const Configuration& configuration, const Environment& environment,
                              Faults& faults) {
  JwtSettings settings{settings::read_bearer_settings(configuration, environment, faults)};
  read_credentials(configuration, settings, faults);
  read_lifetime(configuration, settings, faults);
  return settings;
}

}  // namespace gatehouse::hosting
