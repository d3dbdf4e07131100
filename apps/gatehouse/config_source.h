/// Issuer config — the settings of an issuer, as the commands beside `serve` read them.
#pragma once

#include <string>
#include <vector>

#include "apps/gatehouse/commands.h"
#include "gatehouse/configuration/configuration.h"
#include "gatehouse/configuration/faults.h"

namespace gatehouse::program {

struct IssuerConfig {
  std::string file = "gatehouse.json";
  std::vector<std::string> changes;
};

/// --config and --set.
void add_config_options(CLI::App& command, IssuerConfig& config);

/// The file, the environment over it, and the changes over both; what cannot be read joins `faults`.
configuration::Configuration read_config(const IssuerConfig& config, configuration::Faults& faults);

}  // namespace gatehouse::program
