/// `gatehouse token show` — what stands in a token. Decodes, and judges nothing.
#pragma once

#include <string>
#include <string_view>

#include "apps/gatehouse/command_line.h"

namespace gatehouse::program {

/// `{"header":…,"payload":…}` as one line; of an encrypted token the header alone. `no` for a text that is
/// no token.
ExitCode show_token(std::string_view token);

}  // namespace gatehouse::program
