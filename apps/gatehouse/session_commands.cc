// `gatehouse session`, `revoke`, `key`, `audit`, `status` — what is alive in an issuer, and what ends it.
#include <fmt/format.h>

#include "apps/gatehouse/admin_client.h"

namespace gatehouse::program {
namespace {

struct SessionOptions {
  AdminOptions admin;
  std::string user, sid, jti, sub, client, file, kid, algorithm;
  bool by_token = false;
  std::uint64_t after = 0;
  std::size_t most = 100;
};

ExitCode revoke(const SessionOptions& options) {
  const std::pair<std::string_view, const std::string&> named[] = {
      {"jti", options.jti}, {"sid", options.sid}, {"sub", options.sub}, {"client", options.client}};
  json::Writer writer;
  writer.begin_object();
  int count = 0;
  for (const auto& [kind, value] : named) {
    if (value.empty()) continue;
    ++count;
    writer.member("kind", kind).member("value", value);
  }
  if (options.by_token || !options.file.empty()) {
    ++count;
    writer.member("token", read_token(options.file, "revoke --token"));
  }
  if (count != 1) throw Stop(misused, "revoke is told one of --jti, --sid, --sub, --client and --token");
  return show_answer(options.admin, "POST", "/revocations", std::move(writer.end_object()).take());
}

// `no` when the chain does not hold.
ExitCode verify(const SessionOptions& options) {
  const std::string answer = ask_issuer(options.admin, "GET", "/audit/verify");
  json::Parser parser;
  const auto read = parser.parse(answer);
  print(options.admin.as_json ? answer + '\n' : to_table(answer));
  const auto broken = read ? read->find("first_broken") : std::nullopt;
  return broken && broken->kind() == json::Kind::null ? yes : no;
}

ExitCode rotate(const SessionOptions& options) {
  json::Writer writer;
  writer.begin_object();
  if (!options.algorithm.empty()) writer.member("algorithm", options.algorithm);
  return show_answer(options.admin, "POST", "/keys/rotate", std::move(writer.end_object()).take());
}

}  // namespace

void add_session_commands(CLI::App& app, Commands& commands) {
  const auto options = std::make_shared<SessionOptions>();
  CLI::App& session = commands.add(app, "session", "who is logged in");
  add_word(add_admin_command(
               commands, session, options->admin, "list", "the sessions of a user that are alive",
               [=] {
                 return show_answer(options->admin, "GET",
                                    fmt::format("/users/{}/sessions", percent_encode(options->user)));
               }),
           "USER", options->user, "an e-mail or an id")
      ->required();
  add_word(
      add_admin_command(
          commands, session, options->admin, "revoke", "end one session",
          [=] { return show_answer(options->admin, "DELETE", "/sessions/" + percent_encode(options->sid)); }),
      "SID", options->sid, "its `sid`")
      ->required();

  CLI::App& revoking =
      add_admin_command(commands, app, options->admin, "revoke",
                        "withdraw what was given out, before its time", [=] { return revoke(*options); });
  revoking.add_option("--jti", options->jti, "one access token");
  revoking.add_option("--sid", options->sid, "a session");
  revoking.add_option("--sub", options->sub, "everything of a user: an e-mail or an id");
  revoking.add_option("--client", options->client, "everything of a client");
  revoking.add_flag("--token", options->by_token,
                    "the token on standard input, with its session if it is a refresh token");
  revoking.add_option("--file", options->file, "file with that token, instead of standard input");

  add_admin_command(commands, app, options->admin, "status", "how an issuer stands",
                    [=] { return show_answer(options->admin, "GET", "/status"); });
}

void add_key_commands(CLI::App& app, Commands& commands) {
  const auto options = std::make_shared<SessionOptions>();
  CLI::App& key = commands.add(app, "key", "what an issuer signs with");
  add_admin_command(commands, key, options->admin, "list", "every key, with what becomes of it",
                    [=] { return show_answer(options->admin, "GET", "/keys"); });
  add_admin_command(commands, key, options->admin, "rotate", "the announced key signs from now on", [=] {
    return rotate(*options);
  }).add_option("--algorithm", options->algorithm, "such as ES256; else the usual one");
  add_word(add_admin_command(
               commands, key, options->admin, "compromise", "a key is believed no more, at once",
               [=] {
                 return show_answer(options->admin, "POST",
                                    fmt::format("/keys/{}/compromise", percent_encode(options->kid)));
               }),
           "KID", options->kid, "its name")
      ->required();
  add_admin_command(commands, key, options->admin, "rewrap", "seal every key under the first wrapping key",
                    [=] { return show_answer(options->admin, "POST", "/keys/rewrap"); });
}

void add_audit_commands(CLI::App& app, Commands& commands) {
  const auto options = std::make_shared<SessionOptions>();
  CLI::App& audit = commands.add(app, "audit", "what has happened to whom");
  CLI::App& listing =
      add_admin_command(commands, audit, options->admin, "list", "entries, the oldest first", [=] {
        return show_answer(options->admin, "GET",
                           fmt::format("/audit?after={}&most={}", options->after, options->most));
      });
  listing.add_option("--after", options->after, "begin behind this number");
  listing.add_option("--most", options->most, "how many, up to 1000")->capture_default_str();
  add_admin_command(commands, audit, options->admin, "verify", "whether every entry is as it was written",
                    [=] { return verify(*options); });
}

}  // namespace gatehouse::program
