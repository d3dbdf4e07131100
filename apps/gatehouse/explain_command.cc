#include "apps/gatehouse/explain_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "apps/gatehouse/explain_report.h"
#include "apps/gatehouse/policy_fixes.h"
#include "gatehouse/base/ascii.h"
#include "gatehouse/configuration/configuration.h"
#include "gatehouse/settings/bearer_settings.h"
#include "gatehouse/settings/guard_settings.h"
#include "gatehouse/tokens/claim_mapping.h"

namespace gatehouse::program {
namespace {

using authorization::Guard;
using authorization::RouteDecision;
using claims::ClaimsPrincipal;
using configuration::Configuration;
using configuration::Setting;
using tokens::Explanation;
using tokens::TokenValidator;

// A service as its settings describe it.
struct Service {
  Configuration settings;
  TokenValidator validator;
  Guard guard;
};

// "Jwt:Audience=orders" as an argument of a service would be.
std::string as_argument(const std::string& change) {
  const std::string key = to_lower(std::string_view(change).substr(0, change.find('=')));
  if (!change.contains('='))
    throw Stop(misused, fmt::format("--set {} has no value; write --set KEY=VALUE", change));
  if (key == "jwt:signingkey")
    throw Stop(
        misused,
        "a secret on the command line ends up in history and in ps; use: --set Jwt:SigningKeyFile=FILE");
  if (!key.starts_with("jwt:") && !key.starts_with("authorization:"))
    throw Stop(misused,
               fmt::format("--set {}: an explanation reads settings of Jwt: and Authorization: alone", key));
  return "--" + change;
}

Service read_service(const ExplainOptions& options) {
  std::vector<std::string> changes;
  for (const std::string& change : options.changes) changes.push_back(as_argument(change));
  configuration::Faults faults;
  const Configuration settings = configuration::ConfigurationBuilder(faults)
                                     .add_json_file(options.config, false)
                                     .add_environment(configuration::environment_variables())
                                     .add_arguments(changes)
                                     .build();
  faults.throw_if_any();
  std::vector<std::string> warnings;
  const auto environment = configuration::Environment::current();
  auto builder = settings::read_guard_settings(settings, environment, warnings, faults);
  const auto bearer = settings::read_bearer_settings(settings, environment, faults);
  faults.throw_if_any();
  auto guard = builder.build();
  if (!guard) faults.add("", guard.error().subject);
  auto validator = TokenValidator::make(bearer.parameters());
  if (!validator) faults.add("", validator.error().subject);
  faults.throw_if_any();
  for (const std::string& warning : warnings) fmt::print(stderr, "gatehouse: warning: {}\n", warning);
  return {.settings = settings, .validator = *std::move(validator), .guard = *std::move(guard)};
}

Instant read_now(const std::string& text) {
  if (text.empty()) return SystemClock().now();
  const auto instant = parse_instant(text);
  if (!instant)
    throw Stop(misused, fmt::format("--now is '{}'; write 2026-01-15T09:00:00Z", printable(text)));
  return *instant;
}

RouteDecision decide(const Guard& guard, const std::string& route, const ClaimsPrincipal& user) {
  const std::size_t blank = route.find(' ');
  const std::string method = blank == route.npos ? "GET" : route.substr(0, blank);
  const std::string target = route.substr(blank == route.npos ? 0 : blank + 1);
  if (method.empty() || !target.starts_with('/'))
    throw Stop(misused, fmt::format("--route is '{}'; write --route 'GET /api/orders'", printable(route)));
  return guard.decide({.method = method, .target = target}, user);
}

// Where a setting stands now; a list that nobody wrote may have its single name: Jwt:Audience.
std::string place_of(std::string_view key, const Configuration& settings) {
  if (key.empty()) return {};
  const auto elements = settings.under(key);
  const Setting* found = elements.empty() ? settings.find(key) : elements.back();
  if (!found) found = settings.find(key.substr(0, key.size() - 1));
  if (!found) return {};
  const std::string& origin = found->origin.text;
  const bool has_column = found->origin.source == configuration::Source::settings_file;
  return has_column ? origin.substr(0, origin.rfind(':')) : origin;
}

// An open route is reached with any token; what is no route is answered before anybody is asked who they are.
int status_of(const Explanation& explanation, const std::optional<RouteDecision>& route) {
  const bool is_judged = !route || route->policy;
  if (!is_judged) return route->status;
  if (!explanation.is_accepted()) return 401;
  return route ? route->status : 200;
}

std::string judge_of(const ExplainOptions& options) {
  if (options.changes.empty()) return "judged by " + options.config.substr(options.config.rfind('/') + 1);
  const std::size_t count = options.changes.size();
  return fmt::format("with {} setting{} changed by --set", count, count == 1 ? "" : "s");
}

Report make_report(const ExplainOptions& options, const Service& service, const std::string& text) {
  Report report{.target = options.route, .judge = judge_of(options)};
  report.explanation = tokens::explain(text, service.validator, read_now(options.now));
  const bool is_accepted = report.explanation.is_accepted();
  const auto& parameters = service.validator.parameters();
  const auto token = tokens::read_unverified(text, service.validator);
  const ClaimsPrincipal user =
      token ? ClaimsPrincipal(tokens::to_identity(*token, parameters)) : *ClaimsPrincipal::anonymous();
  if (is_accepted) report.subject = user.name().value_or("");

  std::vector<tokens::Fix> fixes = report.explanation.fixes;
  if (!options.route.empty()) {
    report.route = decide(service.guard, options.route, user);
    report.missing = missing_for(*report.route, user);
    if (is_accepted && token) fixes = policy_fixes(*report.route, *token, parameters);
  }
  report.status = status_of(report.explanation, report.route);
  if (report.status == 401) report.code = code(report.explanation.failure()->kind);
  if (report.status == 403) report.code = code(Failure::forbidden);
  if (report.status == 404) report.code = code(Failure::not_found);
  for (tokens::Fix& fix : fixes) {
    std::string where = place_of(fix.setting, service.settings);
    report.fixes.push_back({.fix = std::move(fix), .where = std::move(where)});
  }
  return report;
}

}  // namespace

ExitCode explain(const ExplainOptions& options) {
  const Service service = read_service(options);
  const std::string token = read_token(options.file, "explain");
  const Report report = make_report(options, service, token);
  print(options.as_json ? to_json(report) : to_text(report, wants_color(options.color)));
  return report.status == 200 ? yes : no;
}

}  // namespace gatehouse::program
