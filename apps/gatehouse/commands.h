/// Commands — the tree of what the program can do; every leaf with what it runs.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "apps/gatehouse/command_line.h"

namespace gatehouse::program {

class Commands {
 public:
  using Run = std::function<ExitCode()>;

  /// A command that has others.
  CLI::App& add(CLI::App& to, const std::string& name, const std::string& what) {
    // What is left over is refused by refuse_further(): CLI11 would repeat a token that is no argument.
    return *to.add_subcommand(name, what)->allow_extras();
  }
  CLI::App& add(CLI::App& to, const std::string& name, const std::string& what, Run run) {
    CLI::App& command = add(to, name, what);
    leaves_.emplace_back(&command, std::move(run));
    return command;
  }

  /// What the command that was asked for runs; null when none was.
  const Run* asked() const {
    for (const auto& [command, run] : leaves_)
      if (command->parsed()) return &run;
    return nullptr;
  }

 private:
  std::vector<std::pair<CLI::App*, Run>> leaves_;
};

/// A word that names what a command is about, such as an e-mail; never a token, which is refused with the way
/// to hand it to the command `for_tokens`, where there is one.
CLI::Option* add_word(CLI::App& command, const std::string& name, std::string& value, const std::string& what,
                      const std::string& for_tokens = {});

void add_serve_command(CLI::App& app, Commands& commands);
void add_user_commands(CLI::App& app, Commands& commands);
void add_client_commands(CLI::App& app, Commands& commands);
void add_session_commands(CLI::App& app, Commands& commands);
void add_key_commands(CLI::App& app, Commands& commands);
void add_audit_commands(CLI::App& app, Commands& commands);
void add_token_commands(CLI::App& app, Commands& commands);
void add_db_commands(CLI::App& app, Commands& commands);
void add_doctor_command(CLI::App& app, Commands& commands);

}  // namespace gatehouse::program
