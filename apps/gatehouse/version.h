/// `gatehouse version` — which program this is, and which libraries it runs with.
#pragma once

#include "apps/gatehouse/command_line.h"

namespace gatehouse::program {

/// As JSON also every shared library that is loaded now, and the file it came from: what a security notice
/// is compared with.
ExitCode version(bool as_json);

}  // namespace gatehouse::program
