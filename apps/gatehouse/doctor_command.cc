// `gatehouse doctor` — whether an issuer can be relied on: its settings, its file, its keys, what others see
// of it.
#include <fmt/format.h>

#include <optional>

#include "apps/gatehouse/admin_client.h"
#include "apps/gatehouse/config_source.h"
#include "gatehouse/base/wait_for.h"
#include "gatehouse/hosting/backchannel.h"
#include "gatehouse/hosting/issuer_settings.h"
#include "gatehouse/jose/key_set.h"
#include "gatehouse/stores/sqlite_maintenance.h"

namespace gatehouse::program {
namespace {

struct DoctorOptions {
  ConfigSource config;
  AdminOptions admin;
};

struct Finding {
  ExitCode verdict;  // yes, no, or undecided where it could not be looked at
  std::string what;
  std::string detail;
};

using Findings = std::vector<Finding>;

std::optional<hosting::IssuerSettings> look_at_settings(const configuration::Configuration& configuration,
                                                        configuration::Faults& faults, Findings& findings) {
  auto settings = hosting::read_issuer_settings(configuration, configuration::Environment::current(), faults);
  for (const auto& [where, message] : faults.all())
    findings.push_back({no, "settings", where.empty() ? message : where + ": " + message});
  if (!faults.empty()) return std::nullopt;
  findings.push_back({yes, "settings", fmt::format("issuer {}", settings.server.issuer)});
  const auto policy = issuer::PasswordPolicy::make(settings.passwords);
  findings.push_back({policy ? yes : no, "passwords",
                      policy ? fmt::format("{} are refused", policy->blocked()) : policy.error().subject});
  return settings;
}

void look_at_store(const std::string& path, Findings& findings) {
  if (path == "memory") {
    findings.push_back({yes, "store", "in memory: forgotten at a restart"});
    return;
  }
  const auto status = stores::migration_status(path);
  if (!status && status.error().kind == Failure::not_found)
    findings.push_back({yes, "store", fmt::format("{} is made at the first start", path)});
  else if (!status)
    findings.push_back({no, "store", status.error().subject});
  else if (!status->due.empty())
    findings.push_back({no, "store",
                        fmt::format("{} steps of the schema are due; gatehouse db migrate, or a start, "
                                    "takes them",
                                    status->due.size())});
  else
    findings.push_back({yes, "store", fmt::format("version {}", status->version)});
}

// What the running issuer says of itself.
void look_at_operation(const AdminOptions& options, Findings& findings) {
  std::string answer;
  try {
    answer = ask_issuer(options, "GET", "/status");
  } catch (const Stop& stop) {
    findings.push_back({stop.code() == undecided ? undecided : no, "running", stop.what()});
    return;
  }
  json::Parser parser;
  const auto root = parser.parse(answer);
  const auto member = [&](std::string_view name) { return root ? root->find(name) : std::nullopt; };
  const auto signs = member("signs");
  const bool is_signing = signs && signs->kind() == json::Kind::boolean && signs->as_bool();
  const auto why = root ? root->find_string("why_not") : std::nullopt;
  const auto keys = member("signing_keys");
  findings.push_back(
      {is_signing ? yes : no, "keys",
       is_signing ? (keys ? keys->dump() : "") : std::string(why.value_or("it does not sign"))});
  const auto behind = member("clock_behind");
  const std::int64_t seconds = behind && behind->kind() == json::Kind::integer ? behind->as_integer() : 0;
  findings.push_back({seconds <= 2 ? yes : no, "clock",
                      seconds <= 2
                          ? "not behind what was written before"
                          : fmt::format("{} s behind what was written before; set it right", seconds)});
}

Result<std::string> fetch(hosting::Backchannel& backchannel, const std::string& address) {
  GH_TRY(Url url, Url::parse(address));
  hosting::HttpClientRequest request{.url = std::move(url)};
  auto response = wait_for(backchannel.send(std::move(request)));
  if (!response) return std::unexpected(response.error());
  if (response->status != 200)
    return fail(Failure::unavailable, fmt::format("{} answers {}", address, response->status));
  return std::move(response->body);
}

// As an API would: the documents that it needs, where it looks for them.
Finding look_from_outside(const configuration::Configuration& configuration, const std::string& issuer) {
  const SystemClock clock;
  const auto backchannel =
      hosting::Backchannel::make(clock, {.ca_file = configuration["Backchannel:CaFile"]});
  if (!backchannel) return {no, "outside", backchannel.error().subject};
  const auto document = fetch(**backchannel, issuer + "/.well-known/openid-configuration");
  if (!document) return {undecided, "outside", document.error().subject};
  json::Parser parser;
  const auto root = parser.parse(*document);
  const auto named = root && root->is_object() ? root->find_string("issuer") : std::nullopt;
  const auto address = root && root->is_object() ? root->find_string("jwks_uri") : std::nullopt;
  if (named != issuer || !address)
    return {no, "outside",
            fmt::format("what answers at {} is another issuer: {}", issuer, named.value_or("none"))};
  const auto keys = fetch(**backchannel, std::string(*address));
  if (!keys) return {no, "outside", keys.error().subject};
  const auto set = jose::KeySet::parse(*keys);
  if (!set) return {no, "outside", describe(set.error())};
  return {yes, "outside", fmt::format("discovery and {} keys", set->keys().size())};
}

std::string to_json(const Findings& findings) {
  json::Writer writer;
  writer.begin_object().name("findings").begin_array();
  for (const auto& [verdict, what, detail] : findings)
    writer.begin_object()
        .member("verdict", verdict == yes  ? "ok"
                           : verdict == no ? "no"
                                           : "unknown")
        .member("what", what)
        .member("detail", detail)
        .end_object();
  return std::move(writer.end_array().end_object()).take();
}

ExitCode examine(DoctorOptions options) {
  Findings findings;
  configuration::Faults faults;
  const auto configuration = read_config(options.config, faults);
  if (const auto settings = look_at_settings(configuration, faults, findings)) {
    look_at_store(settings->store, findings);
    if (options.admin.socket.empty()) options.admin.socket = settings->admin_socket;
    look_at_operation(options.admin, findings);
    findings.push_back(look_from_outside(configuration, settings->server.issuer));
  }
  const std::string json = to_json(findings);
  print(options.admin.as_json ? printable(json) + '\n' : to_table(json));
  ExitCode worst = yes;
  for (const Finding& one : findings)
    if (one.verdict == no || worst == yes) worst = one.verdict == no ? no : std::max(worst, one.verdict);
  return worst;
}

}  // namespace

void add_doctor_command(CLI::App& app, Commands& commands) {
  const auto options = std::make_shared<DoctorOptions>();
  CLI::App& command = commands.add(app, "doctor", "whether an issuer can be relied on, and what is wrong",
                                   [=] { return examine(*options); });
  add_config_options(command, options->config);
  add_admin_options(command, options->admin);
}

}  // namespace gatehouse::program
