#include "gatehouse/settings/guard_settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "gatehouse/authorization/policy_text.h"
#include "gatehouse/settings/bearer_settings.h"

namespace gatehouse::settings {
namespace {

using authorization::AuthorizationOptions;
using authorization::AuthorizationPolicy;
using authorization::GuardBuilder;
using configuration::Configuration;
using configuration::Faults;
using configuration::Setting;

constexpr std::string_view policies_section = "Authorization:Policies";

std::optional<AuthorizationPolicy> read_policy(std::string_view text, const Setting& setting,
                                               Faults& faults) {
  auto policy = authorization::parse_policy(text);
  if (policy) return *std::move(policy);
  faults.add(setting.origin.text, fmt::format("'{}': {}", setting.key, policy.error().subject));
  return std::nullopt;
}

void add_policies(const Configuration& configuration, AuthorizationOptions& options, Faults& faults) {
  for (const Setting* setting : configuration.under(policies_section))
    if (auto policy = read_policy(setting->value, *setting, faults))
      options.add_policy(setting->key.substr(policies_section.size() + 1), *std::move(policy));
}

// A policy's name, or the text of one.
std::optional<AuthorizationPolicy> policy_of(std::string_view text, const Setting& setting,
                                             const AuthorizationOptions& options, Faults& faults) {
  if (auto named = options.find(text)) return named;
  return read_policy(text, setting, faults);
}

// "GET /orders/{id}: CanReadOrders". The pattern may hold colons, but none with a blank behind it.
void add_route(const Setting& setting, const AuthorizationOptions& options, GuardBuilder& builder,
               Faults& faults) {
  const std::string_view text = setting.value;
  const std::size_t slash = text.find('/');
  const std::size_t colon = text.find(": ", std::min(slash, text.size()));
  if (slash == text.npos || colon == text.npos) {
    faults.add(
        setting.origin.text,
        fmt::format("'{}' is '{}'; write a route as 'GET /orders/{{id}}: CanReadOrders'", setting.key, text));
    return;
  }
  std::string_view method = text.substr(0, slash);
  while (method.ends_with(' ')) method.remove_suffix(1);
  auto endpoint = builder.protect(method.empty() ? "*" : std::string(method),
                                  std::string(text.substr(slash, colon - slash)));
  const std::string_view demand = text.substr(colon + 2);
  if (demand == "anonymous")
    endpoint.allow_anonymous();
  else if (auto policy = policy_of(demand, setting, options, faults))
    endpoint.require_authorization(*std::move(policy));
}

void add_schemes(const BearerSettings& bearer, GuardBuilder& builder) {
  builder.add_authentication("Bearer").add_jwt_bearer(
      [&](authentication::JwtBearerOptions& options) { bearer.apply(options); });
}

}  // namespace

GuardBuilder read_guard_settings(const Configuration& configuration,
                                 const configuration::Environment& environment,
                                 std::vector<std::string>& warnings, Faults& faults) {
  GuardBuilder builder;
  const BearerSettings bearer = read_bearer_settings(configuration, environment, faults);
  warnings.insert(warnings.end(), bearer.warnings.begin(), bearer.warnings.end());
  if (environment.is_development()) builder.use_development();
  add_schemes(bearer, builder);

  configuration::check_known(configuration, "Authorization", {"Policies", "FallbackPolicy", "Routes"},
                             faults);
  builder.add_authorization([&](AuthorizationOptions& options) {
    add_policies(configuration, options, faults);
    if (const Setting* fallback = configuration.find("Authorization:FallbackPolicy"))
      options.fallback_policy = policy_of(fallback->value, *fallback, options, faults);
    for (const Setting* route : configuration.under("Authorization:Routes"))
      add_route(*route, options, builder, faults);
  });
  return builder;
}

}  // namespace gatehouse::settings
