// gatehouse — the command line. Exit codes: 0 yes, 1 no, 2 wrong usage or configuration, 3 could not decide.
// Data goes to standard output, talk to standard error.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>

#include "apps/gatehouse/command_line.h"
#include "apps/gatehouse/explain_command.h"
#include "apps/gatehouse/help.h"
#include "apps/gatehouse/token_show.h"
#include "apps/gatehouse/version.h"
#include "gatehouse/configuration/faults.h"

namespace gatehouse::program {
namespace {

// A command that says itself what it does not know: CLI11 would repeat a token that is no argument.
CLI::App& add_command(CLI::App& to, const std::string& name, const std::string& what) {
  return *to.add_subcommand(name, what)->allow_extras();
}

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

ExitCode run(int argc, char** argv) {
  CLI::App app("Gatehouse: bearer tokens and policies on the command line", "gatehouse");
  app.allow_extras();
  app.footer("Tokens come from standard input or --file, never from an argument.");
  ExplainOptions options;
  CLI::App& explaining = add_command(app, "explain", "every check of a token, and what would mend it");
  add_explain_options(explaining, options);

  CLI::App& token = add_command(app, "token", "show or inspect a token");
  std::string file;
  CLI::App& showing = add_command(token, "show", "decode a token; verifies nothing");
  showing.add_option("--file", file, "file with the token, instead of standard input");
  CLI::App& inspecting = add_command(token, "inspect", "the same as gatehouse explain");
  add_explain_options(inspecting, options);

  std::string about;
  CLI::App& helping = add_command(app, "help", "what a failure means, and what to do");
  helping.add_option("CODE", about, "such as audience_invalid");
  bool as_json = false;
  CLI::App& versioning = add_command(app, "version", "the version of this program");
  versioning.add_flag("--json", as_json, "also the libraries that it runs with");

  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp& asked) {
    app.exit(asked);
    return yes;
  } catch (const CLI::ParseError& error) {
    throw Stop(misused, error.what());
  }
  check_words(app, "");
  if (explaining.parsed() || inspecting.parsed()) return explain(options);
  if (showing.parsed()) return show_token(read_token(file, "token show"));
  if (versioning.parsed()) return version(as_json);
  if (!about.empty()) return help(about);
  print(app.get_formatter()->make_help(&app, app.get_name(), CLI::AppFormatMode::Normal));
  return yes;
}

}  // namespace
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
