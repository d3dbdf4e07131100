/// Files that are on the disk when a call returns; private to this room.
#pragma once

#include <string>
#include <string_view>

#include "gatehouse/base/result.h"

namespace gatehouse::stores {

/// unavailable, with the path and the system's word for the last failure.
std::unexpected<Error> system_failure(const std::string& path);

/// All of `text`, or nothing: what was written in part is cut off again. `path` is for the failure.
Result<void> append_durably(int file, const std::string& path, std::string_view text);

/// A file of mode 0600 that was not there before; conflict when it was.
Result<void> make_new_file(const std::string& path);

Result<void> sync_file(const std::string& path);
Result<void> sync_folder_of(const std::string& path);  ///< what it names is found again after a crash

}  // namespace gatehouse::stores
