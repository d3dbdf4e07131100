/// A guard made of settings, which logs each denial — what a program with a server of its own begins with.
#pragma once

#include "gatehouse/configuration/configuration.h"
#include "gatehouse/guard.h"

namespace gatehouse {

using configuration::Configuration;
using configuration::ConfigurationError;

/// The guard that `settings` describe (settings/guard_settings.h). Denials and unwise settings go to standard
/// error as one line of JSON each. Throws ConfigurationError with every fault.
Guard make_guard(const Configuration& settings);

}  // namespace gatehouse
