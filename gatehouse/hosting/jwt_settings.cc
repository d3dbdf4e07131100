#include "gatehouse/hosting/jwt_settings.h"

#include <fmt/format.h>

#include <fstream>
#include <sstream>

namespace gatehouse::hosting {
namespace {

using configuration::Configuration;
using configuration::Environment;
using configuration::Faults;
using configuration::Setting;
using configuration::Source;

std::optional<std::string> read_file(const std::string& path) {
  std::ifstream file(path);
  if (!file) return std::nullopt;
  std::ostringstream text;
  text << file.rdbuf();
  return std::move(text).str();
}

// The text of the key and the setting that brought it; nothing when that is a fault already.
struct KeyText {
  std::string text;
  const Setting* setting;
};

std::optional<KeyText> find_key_text(const Configuration& configuration, const Environment& environment,
                                     Faults& faults) {
  const Setting* inline_key = configuration.find("Jwt:SigningKey");
  const Setting* file = configuration.find("Jwt:SigningKeyFile");
  if (inline_key && file && inline_key->origin.order < file->origin.order)
    inline_key = nullptr;  // the later layer wins
  if (inline_key) {
    if (!environment.is_development() && inline_key->origin.source == Source::settings_file) {
      faults.add(inline_key->origin.text,
                 "'Jwt:SigningKey' stands in a settings file, which is no place for a secret outside "
                 "Development; set it "
                 "as environment Jwt__SigningKey, or name a file with Jwt:SigningKeyFile");
      return std::nullopt;
    }
    return KeyText{inline_key->value, inline_key};
  }
  if (file) {
    auto text = read_file(file->value);
    if (!text) {
      faults.add(file->origin.text,
                 fmt::format("'Jwt:SigningKeyFile' names {}, which cannot be read", file->value));
      return std::nullopt;
    }
    return KeyText{*std::move(text), file};
  }
  configuration::read_required(configuration, "Jwt:SigningKey", faults);
  return std::nullopt;
}

void read_credentials(const Configuration& configuration, const Environment& environment,
                      JwtSettings& settings, Faults& faults) {
  const auto found = find_key_text(configuration, environment, faults);
  if (!found) return;
  auto read = issuer::read_signing_credentials(found->text, configuration["Jwt:Algorithm"],
                                               configuration["Jwt:KeyId"]);
  if (!read) {
    faults.add(found->setting->origin.text,
               fmt::format("'{}': {}", found->setting->key, read.error().subject));
    return;
  }
  settings.credentials = *std::move(read);
  if (found->setting->origin.source == Source::settings_file && found->setting->key.ends_with("Key"))
    settings.warnings.push_back(
        fmt::format("{}: a signing key stands in a settings file; keep it out of version control",
                    found->setting->origin.text));
}

void add_warnings(JwtSettings& settings) {
  const auto off = [&](bool checked, const char* name, const char* consequence) {
    if (!checked) settings.warnings.push_back(fmt::format("Jwt:{} is false: {}", name, consequence));
  };
  off(settings.validate_issuer, "ValidateIssuer", "tokens of any issuer with this key are accepted");
  off(settings.validate_audience, "ValidateAudience", "tokens meant for other services are accepted");
  off(settings.validate_lifetime, "ValidateLifetime", "expired tokens are accepted");
  off(settings.require_expiration_time, "RequireExpirationTime", "tokens that never expire are accepted");
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
  JwtSettings settings;
  configuration::check_known(
      configuration, "Jwt",
      {"Issuer", "Audience", "SigningKey", "SigningKeyFile", "Algorithm", "KeyId", "AccessTokenLifetime",
       "ClockSkew", "ValidateIssuer", "ValidateAudience", "ValidateLifetime", "RequireExpirationTime"},
      faults);
  settings.issuer = configuration::read_required(configuration, "Jwt:Issuer", faults);
  settings.audience = configuration::read_required(configuration, "Jwt:Audience", faults);
  read_credentials(configuration, environment, settings, faults);
  settings.access_token_lifetime = configuration::read_duration(configuration, "Jwt:AccessTokenLifetime",
                                                                settings.access_token_lifetime, faults);
  if (settings.access_token_lifetime.count() == 0)
    faults.add(configuration.find("Jwt:AccessTokenLifetime")->origin.text,
               "'Jwt:AccessTokenLifetime' is zero; tokens would never be valid");
  settings.clock_skew =
      configuration::read_duration(configuration, "Jwt:ClockSkew", settings.clock_skew, faults);
  settings.validate_issuer = configuration::read_bool(configuration, "Jwt:ValidateIssuer", true, faults);
  settings.validate_audience = configuration::read_bool(configuration, "Jwt:ValidateAudience", true, faults);
  settings.validate_lifetime = configuration::read_bool(configuration, "Jwt:ValidateLifetime", true, faults);
  settings.require_expiration_time =
      configuration::read_bool(configuration, "Jwt:RequireExpirationTime", true, faults);
  add_warnings(settings);
  return settings;
}

}  // namespace gatehouse::hosting
