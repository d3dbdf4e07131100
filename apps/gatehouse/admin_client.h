/// Admin client — a command for a running issuer, sent by its admin socket.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "apps/gatehouse/commands.h"
#include "gatehouse/base/ascii.h"
#include "gatehouse/base/json.h"

namespace gatehouse::program {

struct AdminOptions {
  std::string socket;  ///< empty: $GATEHOUSE_ADMIN_SOCKET, else /run/gatehouse/admin.sock
  bool as_json = false;
};

/// --socket and --json.
void add_admin_options(CLI::App& command, AdminOptions& options);

/// A leaf that is sent to an issuer: it has --socket and --json.
CLI::App& add_admin_command(Commands& commands, CLI::App& to, AdminOptions& options, const std::string& name,
                            const std::string& what, Commands::Run run);

/// The body of the answer. Stops as `no` with the reason when the issuer refuses, as misused when it does not
/// understand, and as undecided when nobody answers.
std::string ask_issuer(const AdminOptions& options, std::string_view method, const std::string& target,
                       const std::string& body = {});

/// The same, printed: as it came with --json, else as lines or as a table for people.
ExitCode show_answer(const AdminOptions& options, std::string_view method, const std::string& target,
                     const std::string& body = {});

/// A JSON object or list as text: `name  value` lines, or a table of a list of objects.
std::string to_table(std::string_view json);

/// A member of a request's body; none when there are no values.
void write_list(json::Writer& writer, std::string_view name, const std::vector<std::string>& values);

}  // namespace gatehouse::program
