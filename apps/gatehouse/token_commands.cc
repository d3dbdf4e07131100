// `gatehouse token` — tokens to try an API with, each proven before it is shown.
#include <fmt/format.h>

#include <optional>

#include "apps/gatehouse/admin_client.h"
#include "apps/gatehouse/config_source.h"
#include "apps/gatehouse/token_ledger.h"
#include "apps/gatehouse/token_show.h"
#include "gatehouse/base/wait_for.h"
#include "gatehouse/hosting/backchannel.h"
#include "gatehouse/hosting/jwt_settings.h"
#include "gatehouse/issuer/jwt_token_service.h"
#include "gatehouse/issuer/scope.h"
#include "gatehouse/tokens/explain.h"
#include "gatehouse/tokens/validate.h"

namespace gatehouse::program {
namespace {

struct TokenOptions {
  AdminOptions admin;
  std::string client, user, scope, audience, lifetime;  // of an issuer
  std::string config, name;                             // of a service that has its own key
  std::vector<std::string> changes, roles;
  std::string check, ca_file;
  bool is_unchecked = false;
  std::string id, file;
};

// A token that is not yet shown to anybody.
struct Candidate {
  std::string text;
  std::string who;
  std::string proof;  // by whom it was accepted; empty: by nobody yet
  Seconds lifetime{};
  MadeToken made;
};

std::optional<Seconds> read_lifetime(const TokenOptions& options) {
  if (options.lifetime.empty()) return std::nullopt;
  const auto lifetime = configuration::parse_duration(options.lifetime);
  if (!lifetime || lifetime->count() == 0)
    throw Stop(misused, fmt::format("--lifetime is '{}'; write 60s, 10m or 1h", options.lifetime));
  return lifetime;
}

Candidate ask_issuer_for_token(const TokenOptions& options) {
  json::Writer writer;
  writer.begin_object().member("client", options.client);
  if (!options.user.empty()) writer.member("user", options.user);
  if (!options.scope.empty()) writer.member("scope", options.scope);
  if (!options.audience.empty()) writer.member("audience", options.audience);
  if (const auto lifetime = read_lifetime(options))
    writer.member("lifetime", static_cast<std::int64_t>(lifetime->count()));
  const std::string answer =
      ask_issuer(options.admin, "POST", "/tokens", std::move(writer.end_object()).take());
  json::Parser parser;
  const auto root = parser.parse(answer);
  if (!root || !root->find_string("access_token"))
    throw Stop(undecided, "the issuer's answer cannot be read");
  const auto text = [&](std::string_view name) { return std::string(root->find_string(name).value_or("")); };
  const auto seconds = root->find("expires_in");
  return {.text = text("access_token"),
          .who = options.user.empty() ? options.client : options.user,
          .proof = "its issuer",
          .lifetime = Seconds(seconds && seconds->kind() == json::Kind::integer ? seconds->as_integer() : 0),
          .made = {.id = text("jti"),
                   .subject = text("sub"),
                   .audience = text("audience"),
                   .scope = text("scope"),
                   .expires = text("expires"),
                   .origin = "issuer"}};
}

hosting::JwtSettings read_settings(const TokenOptions& options) {
  configuration::Faults faults;
  const auto configuration = read_config({.file = options.config, .changes = options.changes}, faults);
  faults.throw_if_any();
  auto settings = hosting::read_jwt_settings(configuration, configuration::Environment::current(), faults);
  faults.throw_if_any();
  return settings;
}

// Signed with the service's own key, and judged by the service's own rules.
Candidate make_by_settings(const TokenOptions& options) {
  if (options.name.empty()) throw Stop(misused, "--config needs --name, who the token is about");
  const hosting::JwtSettings settings = read_settings(options);
  if (!settings.credentials)
    throw Stop(misused,
               fmt::format("{} names an authority and no key: its issuer makes the tokens", options.config));
  const SystemClock clock;
  const Seconds lifetime = read_lifetime(options).value_or(settings.access_token_lifetime);
  const issuer::JwtTokenService service(
      {.issuer = settings.issuer,
       .audience = options.audience.empty() ? settings.audience : options.audience,
       .lifetime = lifetime},
      *settings.credentials, clock);
  const auto scopes = issuer::read_scope(options.scope);
  if (!scopes) throw Stop(misused, "--scope has to be names, separated by blanks");
  const auto text = service.create_access_token(options.name, options.roles, *scopes);
  if (!text) throw Stop(misused, describe(text.error()));
  const auto validator = tokens::TokenValidator::make(settings.parameters());
  if (!validator) throw Stop(misused, describe(validator.error()));
  const auto token = validator->validate(*text, clock.now());
  if (!token && !options.is_unchecked)
    throw Stop(
        no,
        fmt::format("the settings would refuse it: {}; gatehouse help {} says why, and --no-check shows it "
                    "all the same",
                    describe(token.error()), code(token.error().kind)));
  const auto unverified = tokens::read_unverified(*text, *validator);
  const auto id = unverified ? unverified->claims.find_string("jti") : std::nullopt;
  return {.text = *text,
          .who = options.name,
          .proof = token ? options.config : "",
          .lifetime = lifetime,
          .made = {.id = std::string(id.value_or("")),
                   .subject = options.name,
                   .audience = options.audience.empty() ? settings.audience : options.audience,
                   .scope = options.scope,
                   .expires = format_instant(clock.now() + lifetime),
                   .origin = options.config}};
}

// A GET with the token, or without one: the status, and what a challenge says.
struct Tried {
  int status;
  std::string challenge;
};

Tried try_target(const TokenOptions& options, const std::string& token) {
  const auto url = Url::parse(options.check);
  if (!url) throw Stop(misused, fmt::format("--check is '{}', which is no URL", options.check));
  const SystemClock clock;
  const auto backchannel = hosting::Backchannel::make(clock, {.ca_file = options.ca_file});
  if (!backchannel) throw Stop(misused, describe(backchannel.error()));
  hosting::HttpClientRequest request{.url = *url};
  if (!token.empty()) request.headers.emplace_back("Authorization", "Bearer " + token);
  const auto response = wait_for((*backchannel)->send(std::move(request)));
  if (!response)
    throw Stop(undecided, fmt::format("{} does not answer: {}; nothing is shown that was not proven",
                                      options.check, describe(response.error())));
  return {.status = response->status,
          .challenge = std::string(response->headers.find("WWW-Authenticate").value_or(""))};
}

// 401 and 403 are a no. A target that asks nobody for a token proves nothing by its yes.
void prove_at_target(const TokenOptions& options, Candidate& candidate) {
  const Tried with = try_target(options, candidate.text);
  if (with.status == 401 || with.status == 403)
    throw Stop(no, fmt::format("{} refuses the token with {}{}{}; nothing is shown", options.check,
                               with.status, with.challenge.empty() ? "" : ": ", printable(with.challenge)));
  if (with.status >= 500)
    throw Stop(undecided, fmt::format("{} answers {}: nothing is proven", options.check, with.status));
  const Tried without = try_target(options, {});
  if (without.status != 401)
    throw Stop(undecided,
               fmt::format("{} answers {} without a token too: that proves nothing; name an address that "
                           "demands one",
                           options.check, without.status));
  candidate.proof = options.check;
}

std::string show(Seconds lifetime) {
  const auto count = lifetime.count();
  return count % 60 == 0 ? fmt::format("{} min", count / 60) : fmt::format("{} s", count);
}

ExitCode create(const TokenOptions& options) {
  if (options.config.empty() == options.client.empty())
    throw Stop(misused,
               "token create is told --client, for a token of a running issuer, or --config, for one of a "
               "service that has its own key");
  Candidate candidate = options.config.empty() ? ask_issuer_for_token(options) : make_by_settings(options);
  if (!options.check.empty() && !options.is_unchecked) prove_at_target(options, candidate);
  if (options.is_unchecked) candidate.proof.clear();
  TokenLedger(SystemClock().now()).add(candidate.made);
  fmt::print(
      stderr, "token for {}: scope {}, audience {}, valid {}; {}\n", printable(candidate.who),
      candidate.made.scope.empty() ? "(none)" : candidate.made.scope, candidate.made.audience,
      show(candidate.lifetime),
      candidate.proof.empty() ? "not checked" : fmt::format("checked against {}: accepted", candidate.proof));
  if (!options.admin.as_json) return print(candidate.text + '\n'), yes;
  json::Writer writer;
  writer.begin_object().member("access_token", candidate.text).member("jti", candidate.made.id);
  writer.member("expires", candidate.made.expires).member("checked_by", candidate.proof);
  print(std::move(writer.end_object()).take() + '\n');
  return yes;
}

ExitCode list(const TokenOptions& options) {
  const TokenLedger ledger(SystemClock().now());
  const std::string json = to_json(ledger.tokens());
  print(options.admin.as_json ? json + '\n' : to_table(json));
  return yes;
}

const MadeToken& find(const TokenLedger& ledger, const std::string& id) {
  const MadeToken* found = ledger.find(id);
  if (!found)
    throw Stop(
        no, fmt::format("there is no token '{}' among those that token create has made and that are valid; "
                        "see gatehouse token list",
                        printable(id)));
  return *found;
}

ExitCode show(const TokenOptions& options) {
  if (options.id.empty()) return show_token(read_token(options.file, "token show"));
  const TokenLedger ledger(SystemClock().now());
  const std::string json = to_json({find(ledger, options.id)});
  print(options.admin.as_json ? json + '\n' : to_table(json));
  return yes;
}

ExitCode remove(const TokenOptions& options) {
  TokenLedger ledger(SystemClock().now());
  const MadeToken made = find(ledger, options.id);
  if (made.origin == "issuer") {
    json::Writer writer;
    writer.begin_object().member("kind", "jti").member("value", made.id).end_object();
    ask_issuer(options.admin, "POST", "/revocations", std::move(writer).take());
    fmt::print(stderr,
               "revoked: endpoints that demand tokens which were not withdrawn refuse it from now on\n");
  } else {
    fmt::print(stderr, "forgotten: a service without an issuer cannot be told; the token is good until {}\n",
               made.expires);
  }
  ledger.remove(made.id);
  return yes;
}

}  // namespace

void add_token_commands(CLI::App& app, Commands& commands) {
  const auto options = std::make_shared<TokenOptions>();
  CLI::App& token = commands.add(app, "token", "tokens to try an API with");
  CLI::App& creating = add_admin_command(commands, token, options->admin, "create",
                                         "a token, shown only when it is proven to be accepted",
                                         [=] { return create(*options); });
  creating.add_option("--client", options->client, "of the running issuer, whose token it is to be");
  creating.add_option("--user", options->user, "about whom; else about the client itself");
  creating.add_option("--config", options->config,
                      "settings of a service that has its own key, instead of an issuer");
  creating.add_option("--set", options->changes, "KEY=VALUE, one setting laid over --config")
      ->allow_extra_args(false);
  creating.add_option("--name", options->name, "with --config: about whom");
  creating.add_option("--role", options->roles, "with --config; may be repeated")->allow_extra_args(false);
  creating.add_option("--scope", options->scope, "names, separated by blanks");
  creating.add_option("--audience", options->audience, "for which API; else the usual one");
  creating.add_option("--lifetime", options->lifetime, "such as 10m");
  creating.add_option("--check", options->check,
                      "an address that demands a token: it is asked before the token is shown");
  creating.add_option("--ca-file", options->ca_file, "certificates to trust at that address");
  creating.add_flag("--no-check", options->is_unchecked, "show it whatever anybody says");

  CLI::App& listing =
      commands.add(token, "list", "those that were made here and are valid", [=] { return list(*options); });
  listing.add_flag("--json", options->admin.as_json, "as data");
  CLI::App& showing =
      commands.add(token, "show", "decode a token, which verifies nothing; or one of the list",
                   [=] { return show(*options); });
  add_word(showing, "ID", options->id, "of the list; else a token is read", "token show");
  showing.add_option("--file", options->file, "file with the token, instead of standard input");
  showing.add_flag("--json", options->admin.as_json, "one of the list as data");
  CLI::App& removing =
      add_admin_command(commands, token, options->admin, "remove", "revoke one of the list, and forget it",
                        [=] { return remove(*options); });
  add_word(removing, "ID", options->id, "of the list")->required();
}

}  // namespace gatehouse::program
