/// Config source — the settings of an issuer or a service, as commands read them.
#pragma once

#include <string>
#include <vector>

#include "apps/gatehouse/commands.h"
#include "gatehouse/configuration/configuration.h"
#include "gatehouse/configuration/faults.h"

namespace gatehouse::program {

struct ConfigSource {
  std::string file = "gatehouse.json";
  std::vector<std::string> changes;
};

/// --config and --set.
void add_config_options(CLI::App& command, ConfigSource& config);

/// The file, the environment over it, and the changes over both; what cannot be read joins `faults`.
configuration::Configuration read_config(const ConfigSource& config, configuration::Faults& faults);

}  // namespace gatehouse::program
