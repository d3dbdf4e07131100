// `gatehouse client` — the programs that may ask for tokens.
#include <fmt/format.h>

#include "apps/gatehouse/admin_client.h"
#include "gatehouse/configuration/configuration.h"

namespace gatehouse::program {
namespace {

struct ClientOptions {
  AdminOptions admin;
  std::string id, name, keys_file, access_token_lifetime, idle_lifetime, absolute_lifetime, secret_lifetime;
  std::vector<std::string> grants, scopes, audiences, origins;
  bool is_public = false, is_first_party = false, may_introspect = false;
  std::size_t number = 0;
};

std::string path_of(const ClientOptions& options, std::string_view rest = {}) {
  return fmt::format("/clients/{}{}", percent_encode(options.id), rest);
}

void write_duration(json::Writer& writer, std::string_view name, const std::string& text) {
  if (text.empty()) return;
  const auto duration = configuration::parse_duration(text);
  if (!duration) throw Stop(misused, fmt::format("'{}' is no duration; write 600s, 10m, 2h or 30d", text));
  writer.member(name, static_cast<std::int64_t>(duration->count()));
}

// A new secret is data, and is shown this once: alone on standard output, with the talk beside it.
ExitCode show_with_secret(const ClientOptions& options, const std::string& answer) {
  if (options.admin.as_json) return print(printable(answer) + '\n'), yes;
  json::Parser parser;
  const auto read = parser.parse(answer);
  const auto secret = read ? read->find_string("secret") : std::nullopt;
  const auto client = read ? read->find("client") : std::nullopt;
  if (!secret || !client) return print(to_table(answer)), yes;
  fmt::print(stderr, "{}the secret is shown this once:\n", to_table(client->dump()));
  print(std::string(*secret) + '\n');
  return yes;
}

ExitCode add_client(const ClientOptions& options) {
  json::Writer writer;
  writer.begin_object().member("id", options.id);
  if (!options.name.empty()) writer.member("name", options.name);
  if (!options.keys_file.empty())
    writer.name("keys").raw(read_secret(options.keys_file, "JWK set", "client add"));
  write_list(writer, "grants", options.grants);
  write_list(writer, "scopes", options.scopes);
  write_list(writer, "audiences", options.audiences);
  write_list(writer, "origins", options.origins);
  writer.member("first_party", options.is_first_party).member("may_introspect", options.may_introspect);
  write_duration(writer, "access_token_lifetime", options.access_token_lifetime);
  write_duration(writer, "idle_lifetime", options.idle_lifetime);
  write_duration(writer, "absolute_lifetime", options.absolute_lifetime);
  writer.member("generate_secret", !options.is_public && options.keys_file.empty()).end_object();
  return show_with_secret(options, ask_issuer(options.admin, "POST", "/clients", std::move(writer).take()));
}

ExitCode add_secret(const ClientOptions& options) {
  json::Writer writer;
  writer.begin_object();
  write_duration(writer, "lifetime", options.secret_lifetime);
  return show_with_secret(options, ask_issuer(options.admin, "POST", path_of(options, "/secrets"),
                                              std::move(writer.end_object()).take()));
}

void add_definition(CLI::App& command, ClientOptions& options) {
  const auto repeated = [&](const char* name, std::vector<std::string>& values, const char* what) {
    command.add_option(name, values, what)->allow_extra_args(false);
  };
  command.add_option("--name", options.name, "for people");
  repeated("--grant", options.grants, "client_credentials, refresh_token, ...; may be repeated");
  repeated("--scope", options.scopes, "that it may be given; may be repeated");
  repeated("--audience", options.audiences, "of its tokens; the first is the usual one; may be repeated");
  repeated("--origin", options.origins, "of its pages; may be repeated");
  command.add_flag("--public", options.is_public, "it has no secret: an app, or a page");
  command.add_option("--keys-file", options.keys_file,
                     "a JWK set; it signs assertions instead of sending a secret");
  command.add_flag("--first-party", options.is_first_party, "users may give it their passwords");
  command.add_flag("--introspect", options.may_introspect, "it may ask about tokens of its audiences");
  command.add_option("--access-token-lifetime", options.access_token_lifetime, "such as 10m");
  command.add_option("--idle-lifetime", options.idle_lifetime, "of its users' sessions, without a refresh");
  command.add_option("--absolute-lifetime", options.absolute_lifetime, "of its users' sessions, in any case");
}

}  // namespace

void add_client_commands(CLI::App& app, Commands& commands) {
  const auto options = std::make_shared<ClientOptions>();
  CLI::App& client = commands.add(app, "client", "the programs that may ask for tokens");
  const auto leaf = [&](CLI::App& to, const char* name, const char* what, bool about_one,
                        Commands::Run run) -> CLI::App& {
    CLI::App& command = add_admin_command(commands, to, options->admin, name, what, std::move(run));
    if (about_one) add_word(command, "CLIENT", options->id, "its id")->required();
    return command;
  };
  const auto simple = [&](const char* name, const char* what, const char* method, const char* rest) {
    leaf(client, name, what, true,
         [=] { return show_answer(options->admin, method, path_of(*options, rest)); });
  };
  add_definition(leaf(client, "add", "a new client; its secret is shown this once", true,
                      [=] { return add_client(*options); }),
                 *options);
  leaf(client, "list", "every client", false, [=] { return show_answer(options->admin, "GET", "/clients"); });
  simple("show", "one client", "GET", "");
  simple("disable", "no tokens any more; every session of it ends", "POST", "/disable");
  simple("enable", "tokens again", "POST", "/enable");
  simple("remove", "forget a client; every session of it ends", "DELETE", "");
  CLI::App& secret = commands.add(client, "secret", "what a client proves itself with: two at most");
  leaf(secret, "add", "a second secret, to be used before the first is removed", true, [=] {
    return add_secret(*options);
  }).add_option("--lifetime", options->secret_lifetime, "such as 90d; else it does not expire");
  leaf(secret, "remove", "one that is not used any more", true,
       [=] {
         return show_answer(options->admin, "DELETE",
                            path_of(*options, fmt::format("/secrets/{}", options->number)));
       })
      .add_option("NUMBER", options->number, "1 is the first that `client show` has")
      ->required();
}

}  // namespace gatehouse::program
