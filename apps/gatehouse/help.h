/// `gatehouse help CODE` — what a failure means and what to do, as docs/failures.md has it.
#pragma once

#include <string_view>

#include "apps/gatehouse/command_line.h"

namespace gatehouse::program {

/// docs/failures.md, as it stood when the program was built.
extern const std::string_view failures_page;

/// Stops as misused for a code that there is not, naming the nearest.
ExitCode help(std::string_view code);

}  // namespace gatehouse::program
