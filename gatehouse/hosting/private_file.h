/// Private files — for keys and secrets: their owner's only, and written whole or not at all; private to this
/// room.
#pragma once

#include <string>
#include <string_view>

#include "gatehouse/base/result.h"

namespace gatehouse::hosting {

/// Makes the folder and those around it; nobody else may look in. Fails with configuration_invalid.
Result<void> make_private_folder(const std::string& folder);

/// A new file takes the old one's place at once: a crash leaves the one or the other. Fails with
/// configuration_invalid.
Result<void> write_private_file(const std::string& path, std::string_view text);

}  // namespace gatehouse::hosting
