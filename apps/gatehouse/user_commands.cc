// `gatehouse user` — who may log in.
#include <fmt/format.h>

#include <fstream>

#include "apps/gatehouse/admin_client.h"

namespace gatehouse::program {
namespace {

struct UserOptions {
  AdminOptions admin;
  std::string who;
  std::string id;
  std::string password_file;
  std::string hash_file;
  std::string file;
  std::string after;
  std::size_t most = 100;
  std::vector<std::string> roles, scopes, names;
};

std::string path_of(const UserOptions& options, std::string_view rest = {}) {
  return fmt::format("/users/{}{}", percent_encode(options.who), rest);
}

void write_password(json::Writer& writer, const UserOptions& options, std::string_view command) {
  if (!options.hash_file.empty())
    writer.member("password_hash", read_secret(options.hash_file, "password hash", command));
  else
    writer.member("password", read_secret(options.password_file, "password", command));
}

ExitCode add_user(const UserOptions& options) {
  json::Writer writer;
  writer.begin_object().member("email", options.who);
  if (!options.id.empty()) writer.member("id", options.id);
  write_list(writer, "roles", options.roles);
  write_list(writer, "scopes", options.scopes);
  write_password(writer, options, "user add");
  return show_answer(options.admin, "POST", "/users", std::move(writer.end_object()).take());
}

ExitCode set_password(const UserOptions& options) {
  json::Writer writer;
  writer.begin_object();
  write_password(writer, options, "user passwd");
  return show_answer(options.admin, "POST", path_of(options, "/password"),
                     std::move(writer.end_object()).take());
}

ExitCode change_names(const UserOptions& options, std::string_view what, std::string_view how) {
  json::Writer writer;
  writer.begin_object();
  write_list(writer, how, options.names);
  return show_answer(options.admin, "POST", path_of(options, what), std::move(writer.end_object()).take());
}

// What is refused is said with its line; the others are kept.
ExitCode import_users(const UserOptions& options) {
  std::ifstream file(options.file);
  if (!file) throw Stop(misused, fmt::format("{} cannot be read", options.file));
  std::string line;
  int number = 0, kept = 0, refused = 0;
  while (std::getline(file, line)) {
    ++number;
    if (line.empty()) continue;
    try {
      ask_issuer(options.admin, "POST", "/users", line);
      ++kept;
    } catch (const Stop& stop) {
      if (stop.code() == undecided) throw;
      fmt::print(stderr, "{}:{}: {}\n", options.file, number, stop.what());
      ++refused;
    }
  }
  print(options.admin.as_json ? fmt::format("{{\"imported\":{},\"refused\":{}}}\n", kept, refused)
                              : fmt::format("{} imported, {} refused\n", kept, refused));
  return refused == 0 ? yes : no;
}

}  // namespace

void add_user_commands(CLI::App& app, Commands& commands) {
  const auto options = std::make_shared<UserOptions>();
  CLI::App& user = commands.add(app, "user", "who may log in");
  const auto about_one = [&](CLI::App& to, const char* name, const char* what,
                             Commands::Run run) -> CLI::App& {
    CLI::App& command = add_admin_command(commands, to, options->admin, name, what, std::move(run));
    add_word(command, "USER", options->who, "an e-mail or an id")->required();
    return command;
  };
  const auto simple = [&](const char* name, const char* what, const char* method, const char* rest) {
    about_one(user, name, what, [=] { return show_answer(options->admin, method, path_of(*options, rest)); });
  };

  CLI::App& adding = add_admin_command(commands, user, options->admin, "add",
                                       "a new user; the password comes from standard input or a file",
                                       [=] { return add_user(*options); });
  add_word(adding, "EMAIL", options->who, "what they log in with")->required();
  adding.add_option("--id", options->id, "the `sub` of their tokens; else a random one");
  adding.add_option("--role", options->roles, "may be repeated")->allow_extra_args(false);
  adding.add_option("--scope", options->scopes, "may be repeated; none: all that a client has")
      ->allow_extra_args(false);
  CLI::App& password = about_one(user, "passwd", "another password; every session ends",
                                 [=] { return set_password(*options); });
  for (CLI::App* command : {&adding, &password}) {
    command->add_option("--password-file", options->password_file, "instead of standard input");
    command->add_option("--hash-file", options->hash_file, "a hash that another system has made");
  }
  CLI::App& listing = add_admin_command(commands, user, options->admin, "list", "users by id", [=] {
    return show_answer(options->admin, "GET",
                       fmt::format("/users?most={}&after={}", options->most, percent_encode(options->after)));
  });
  listing.add_option("--after", options->after, "begin behind this id");
  listing.add_option("--most", options->most, "how many, up to 1000")->capture_default_str();
  simple("show", "one user", "GET", "");
  simple("disable", "no login any more; every session ends", "POST", "/disable");
  simple("enable", "login again", "POST", "/enable");
  simple("logout", "end every session and every token", "POST", "/logout");
  simple("remove", "forget a user; every session ends", "DELETE", "");
  for (const char* what : {"role", "scope"}) {
    CLI::App& group = commands.add(user, what, std::string("what a user is given: ") + what + 's');
    for (const char* how : {"add", "remove"}) {
      CLI::App& command = about_one(group, how, "one or several", [=] {
        return change_names(*options, std::string("/") + what + 's', how);
      });
      command.add_option("NAME", options->names, "such as Admin")->required();
    }
  }
  CLI::App& importing = add_admin_command(commands, user, options->admin, "import",
                                          "users of another system, a JSON object a line",
                                          [=] { return import_users(*options); });
  importing.add_option("FILE", options->file, R"({"email","password_hash","roles","scopes","id"})")
      ->required();
}

}  // namespace gatehouse::program
