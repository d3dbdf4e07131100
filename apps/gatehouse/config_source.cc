#include "apps/gatehouse/config_source.h"

namespace gatehouse::program {

void add_config_options(CLI::App& command, ConfigSource& config) {
  command.add_option("--config", config.file, "settings of the issuer; the environment is laid over them")
      ->capture_default_str();
  command.add_option("--set", config.changes, "KEY=VALUE, one setting laid over all; may be repeated")
      ->allow_extra_args(false);
}

configuration::Configuration read_config(const ConfigSource& config, configuration::Faults& faults) {
  std::vector<std::string> arguments;
  for (const std::string& change : config.changes) arguments.push_back("--" + change);
  return configuration::ConfigurationBuilder(faults)
      .add_json_file(config.file, false)
      .add_environment(configuration::environment_variables(), {"Urls"})
      .add_arguments(arguments)
      .build();
}

}  // namespace gatehouse::program
