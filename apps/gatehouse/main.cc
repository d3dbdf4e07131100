// gatehouse — the command line. Exit codes: 0 yes, 1 no, 2 wrong usage or configuration, 3 could not decide.
// Data goes to standard output, talk to standard error.

#include <fmt/format.h>

#include <cstdio>

#include "apps/gatehouse/command_line.h"
#include "apps/gatehouse/commands.h"
#include "apps/gatehouse/explain_command.h"
#include "apps/gatehouse/help.h"
#include "apps/gatehouse/version.h"
#include "gatehouse/configuration/faults.h"

namespace gatehouse::program {
namespace {

void add_explain_options(CLI::App& command, ExplainOptions& options) {
  command
      .add_option("--config", options.config, "settings of the service; the environment is laid over them")
      ->capture_default_str();
  command.add_option("--set", options.changes, "KEY=VALUE, one setting laid over all; may be repeated")
      ->allow_extra_args(false);
  command.add_option("--route", options.route, "what is asked for: 'GET /api/orders'");
  command.add_option("--file", options.file, "file with the token, instead of standard input");
  command.add_option("--now", options.now, "instant to judge at: 2026-01-15T09:00:00Z");
  command.add_option("--color", options.color, "auto, always or never")
      ->check(CLI::IsMember({"auto", "always", "never"}));
  command.add_flag("--json", options.as_json, "the explanation as data");
}

// The words of the command line that nobody asked for, in the deepest command that was named.
void check_words(const CLI::App& command, const std::string& path) {
  std::vector<std::string> names;
  const auto words = command.remaining();
  const bool is_option = !words.empty() && words.front().starts_with('-');
  for (const CLI::Option* option : command.get_options())
    if (is_option) names.push_back(option->get_name());
  for (const CLI::App* inner : command.get_subcommands([](const CLI::App*) { return true; }))
    if (!is_option) names.push_back(inner->get_name());
  refuse_further(words, path, {names.begin(), names.end()});
  const auto inner = command.get_subcommands();
  if (!inner.empty())
    return check_words(*inner.front(),
                       path.empty() ? inner.front()->get_name() : path + ' ' + inner.front()->get_name());
  if (!names.empty() && !is_option)
    throw Stop(misused, fmt::format("no command; see gatehouse {}{}--help", path, path.empty() ? "" : " "));
}

void add_explanations(CLI::App& app, Commands& commands) {
  const auto options = std::make_shared<ExplainOptions>();
  add_explain_options(commands.add(app, "explain", "every check of a token, and what would mend it",
                                   [=] { return explain(*options); }),
                      *options);
  add_explain_options(commands.add(*app.get_subcommand("token"), "inspect", "the same as gatehouse explain",
                                   [=] { return explain(*options); }),
                      *options);
}

void add_talk(CLI::App& app, Commands& commands) {
  const auto about = std::make_shared<std::string>();
  commands
      .add(app, "help", "what a failure means, and what to do",
           [&app, about] {
             if (!about->empty()) return help(*about);
             print(app.get_formatter()->make_help(&app, app.get_name(), CLI::AppFormatMode::Normal));
             return yes;
           })
      .add_option("CODE", *about, "such as audience_invalid");
  const auto as_json = std::make_shared<bool>(false);
  commands.add(app, "version", "the version of this program", [=] { return version(*as_json); })
      .add_flag("--json", *as_json, "also the libraries that it runs with");
}

ExitCode run(int argc, char** argv) {
  CLI::App app("Gatehouse: an issuer, and bearer tokens and policies on the command line", "gatehouse");
  app.allow_extras();
  app.footer("Tokens, passwords and secrets come from standard input or a file, never from an argument.");
  Commands commands;
  add_serve_command(app, commands);
  add_token_commands(app, commands);
  add_explanations(app, commands);
  add_user_commands(app, commands);
  add_client_commands(app, commands);
  add_session_commands(app, commands);
  add_key_commands(app, commands);
  add_audit_commands(app, commands);
  add_db_commands(app, commands);
  add_doctor_command(app, commands);
  add_talk(app, commands);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp& asked) {
    app.exit(asked);
    return yes;
  } catch (const CLI::ParseError& error) {
    throw Stop(misused, printable(error.what()));
  }
  check_words(app, "");
  if (const Commands::Run* asked = commands.asked()) return (*asked)();
  print(app.get_formatter()->make_help(&app, app.get_name(), CLI::AppFormatMode::Normal));
  return yes;
}

}  // namespace

CLI::Option* add_word(CLI::App& command, const std::string& name, std::string& value, const std::string& what,
                      const std::string& for_tokens) {
  const auto refuse_token = [name, for_tokens](const std::string& word) {
    if (!looks_like_a_token(word)) return std::string();
    if (!for_tokens.empty()) refuse_further({word}, for_tokens, {});
    throw Stop(misused,
               fmt::format("{} is a token, which ends up in history and in ps; it has no place here", name));
  };
  return command.add_option(name, value, what)->check(CLI::Validator(refuse_token, ""));
}

}  // namespace gatehouse::program

int main(int argc, char** argv) try {
  return gatehouse::program::run(argc, argv);
} catch (const gatehouse::program::Stop& stop) {
  fmt::print(stderr, "gatehouse: {}\n", stop.what());
  return stop.code();
} catch (const gatehouse::configuration::ConfigurationError& error) {
  for (const auto& [where, message] : error.faults())
    fmt::print(stderr, "gatehouse: {}{}{}\n", where, where.empty() ? "" : ": ",
               gatehouse::program::printable(message));
  return gatehouse::program::misused;
} catch (const std::exception& error) {
  fmt::print(stderr, "gatehouse: {}\n", error.what());
  return gatehouse::program::undecided;
}
