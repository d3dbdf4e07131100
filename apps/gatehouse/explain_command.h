/// `gatehouse explain` — every check of a token by the settings of a service, and what would mend it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "apps/gatehouse/command_line.h"

namespace gatehouse::program {

struct ExplainOptions {
  std::string config =
      "appsettings.json";                 ///< as gatehouse/settings reads it; the environment is laid over it
  std::vector<std::string> changes = {};  ///< "Jwt:Audience=orders", laid over both
  std::string route = {};                 ///< "GET /api/orders"; empty: the token alone
  std::string file = {};                  ///< of the token; empty: standard input
  std::string now = {};                   ///< RFC 3339; empty: the clock of this machine
  std::string color = "auto";
  bool as_json = false;
};

/// `yes` when it would pass and `no` when not. Stops as misused, and throws ConfigurationError for settings
/// that would not start a service.
ExitCode explain(const ExplainOptions& options);

}  // namespace gatehouse::program
