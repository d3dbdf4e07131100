#include "gatehouse/settings/bearer_settings.h"

#include <fmt/format.h>

#include <fstream>
#include <sstream>

#include "gatehouse/jose/key_text.h"

namespace gatehouse::settings {
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
  bool is_inline;
};

std::optional<KeyText> find_key_text(const Configuration& configuration, bool is_required, Faults& faults) {
  const Setting* inline_key = configuration.find("Jwt:SigningKey");
  const Setting* file = configuration.find("Jwt:SigningKeyFile");
  if (inline_key && file && inline_key->origin.order < file->origin.order)
    inline_key = nullptr;  // the later layer wins
  if (inline_key) return KeyText{inline_key->value, inline_key, true};
  if (!file) {
    if (is_required) configuration::read_required(configuration, "Jwt:SigningKey", faults);
    return std::nullopt;
  }
  auto text = read_file(file->value);
  if (text) return KeyText{*std::move(text), file, false};
  faults.add(file->origin.text,
             fmt::format("'Jwt:SigningKeyFile' names {}, which cannot be read", file->value));
  return std::nullopt;
}

void read_key(const Configuration& configuration, const Environment& environment, BearerSettings& settings,
              Faults& faults) {
  const auto found = find_key_text(configuration, !settings.has_authority(), faults);
  if (!found) return;
  const auto& [text, setting, is_inline] = *found;
  auto key = jose::read_key(text);
  if (!key) {
    faults.add(setting->origin.text, fmt::format("'{}': {}", setting->key, key.error().subject));
    return;
  }
  const bool is_tracked = is_inline && key->is_private() && setting->origin.source == Source::settings_file;
  if (is_tracked && !environment.is_development()) {
    faults.add(setting->origin.text,
               "'Jwt:SigningKey' stands in a settings file, which is no place for a secret outside "
               "Development; set it as environment Jwt__SigningKey, or name a file with Jwt:SigningKeyFile");
    return;
  }
  if (is_tracked)
    settings.warnings.push_back(fmt::format(
        "{}: a signing key stands in a settings file; keep it out of version control", setting->origin.text));
  settings.key = *std::move(key);
  settings.key_setting = setting->key;
}

// In the order of the settings, also where a layer names one element and no other. A single value under the
// name of a list would be read by nobody.
std::vector<std::string> values_of(const Configuration& configuration, std::string_view key, Faults& faults) {
  std::vector<std::string> elements;
  for (const Setting* element : configuration::read_list(configuration, key, faults))
    elements.push_back(element->value);
  return elements;
}

// One name and a list of further ones, of which at least one may have to be said.
std::string read_names(const Configuration& configuration, const std::string& one, bool is_required,
                       std::vector<std::string>& further, Faults& faults) {
  further = values_of(configuration, one + 's', faults);
  if (!is_required && !configuration.find(one) && further.empty()) return {};
  if (configuration.find(one) || further.empty())
    return configuration::read_required(configuration, one, faults);
  std::string first = std::move(further.front());
  further.erase(further.begin());
  return first;
}

void read_authority(const Configuration& configuration, discovery::AuthorityOptions& authority,
                    Faults& faults) {
  authority.authority = configuration["Jwt:Authority"];
  authority.metadata_address = configuration["Jwt:MetadataAddress"];
  authority.fetch_base = configuration["Jwt:FetchBase"];
  authority.snapshot_file = configuration["Jwt:SnapshotFile"];
  authority.require_https_metadata =
      configuration::read_bool(configuration, "Jwt:RequireHttpsMetadata", true, faults);
}

void add_warnings(BearerSettings& settings) {
  const auto off = [&](bool checked, const char* name, const char* consequence) {
    if (!checked) settings.warnings.push_back(fmt::format("Jwt:{} is false: {}", name, consequence));
  };
  off(settings.authority.require_https_metadata, "RequireHttpsMetadata",
      "anybody between here and the authority can give you keys");
  off(settings.validate_issuer, "ValidateIssuer", "tokens of any issuer with this key are accepted");
  off(settings.validate_audience, "ValidateAudience", "tokens meant for other services are accepted");
  off(settings.validate_lifetime, "ValidateLifetime", "expired tokens are accepted");
  off(settings.require_expiration_time, "RequireExpirationTime", "tokens that never expire are accepted");
}

}  // namespace

tokens::TokenValidationParameters BearerSettings::parameters() const {
  tokens::TokenValidationParameters parameters{.validate_issuer = validate_issuer,
                                               .valid_issuer = issuer,
                                               .valid_issuers = issuers,
                                               .validate_audience = validate_audience,
                                               .valid_audience = audience,
                                               .valid_audiences = audiences,
                                               .issuer_signing_key = key,
                                               .valid_algorithms = valid_algorithms,
                                               .require_expiration_time = require_expiration_time,
                                               .validate_lifetime = validate_lifetime,
                                               .clock_skew = clock_skew};
  if (!valid_types.empty()) parameters.valid_types = valid_types;
  if (!role_claim_types.empty()) parameters.role_claim_types = role_claim_types;
  return parameters;
}

void BearerSettings::apply(authentication::JwtBearerOptions& options) const {
  options.token_validation_parameters = parameters();
  options.authority_options = authority;
}

BearerSettings read_bearer_settings(const Configuration& configuration, const Environment& environment,
                                    Faults& faults) {
  BearerSettings settings;
  configuration::check_known(configuration, "Jwt",
                             {"Authority",
                              "MetadataAddress",
                              "FetchBase",
                              "SnapshotFile",
                              "RequireHttpsMetadata",
                              "Issuer",
                              "Issuers",
                              "Audience",
                              "Audiences",
                              "SigningKey",
                              "SigningKeyFile",
                              "Algorithm",
                              "KeyId",
                              "AccessTokenLifetime",
                              "ClockSkew",
                              "ValidAlgorithms",
                              "ValidTypes",
                              "RoleClaimTypes",
                              "ValidateIssuer",
                              "ValidateAudience",
                              "ValidateLifetime",
                              "RequireExpirationTime"},
                             faults);
  read_authority(configuration, settings.authority, faults);
  settings.issuer =
      read_names(configuration, "Jwt:Issuer", !settings.has_authority(), settings.issuers, faults);
  settings.audience = read_names(configuration, "Jwt:Audience", true, settings.audiences, faults);
  read_key(configuration, environment, settings, faults);
  settings.clock_skew =
      configuration::read_duration(configuration, "Jwt:ClockSkew", settings.clock_skew, faults);
  settings.valid_algorithms = values_of(configuration, "Jwt:ValidAlgorithms", faults);
  settings.valid_types = values_of(configuration, "Jwt:ValidTypes", faults);
  settings.role_claim_types = values_of(configuration, "Jwt:RoleClaimTypes", faults);
  settings.validate_issuer = configuration::read_bool(configuration, "Jwt:ValidateIssuer", true, faults);
  settings.validate_audience = configuration::read_bool(configuration, "Jwt:ValidateAudience", true, faults);
  settings.validate_lifetime = configuration::read_bool(configuration, "Jwt:ValidateLifetime", true, faults);
  settings.require_expiration_time =
      configuration::read_bool(configuration, "Jwt:RequireExpirationTime", true, faults);
  add_warnings(settings);
  return settings;
}

}  // namespace gatehouse::settings
