/// Development secrets — what a program needs to start on a developer's machine, made once and kept outside
/// the tree.
#pragma once

#include <string>

#include "gatehouse/base/result.h"

namespace gatehouse::hosting {

/// Puts a random `Jwt:SigningKey` into the secrets file at `path`, beside what is there, readable by its
/// owner only; makes the folders. Returns the path. Fails with configuration_invalid: no home, or a file that
/// cannot be written or is no JSON object.
Result<std::string> make_development_signing_key(const std::string& path);

/// Where a program of this name keeps state in Development: $XDG_STATE_HOME/gatehouse/<name> or under
/// ~/.local/state, made with permissions for its owner only. Fails with configuration_invalid.
Result<std::string> development_state_directory(const std::string& name);

}  // namespace gatehouse::hosting
