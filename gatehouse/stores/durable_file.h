/// Files that are on the disk when a call returns; private to this room.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "gatehouse/base/result.h"

namespace gatehouse::stores {

/// unavailable, with the path and the system's word for the last failure.
std::unexpected<Error> system_failure(const std::string& path);

/// All of `text`, or nothing: what was written in part is cut off again. `path` is for the failure.
Result<void> append_durably(int file, const std::string& path, std::string_view text);

/// Root makes files beside a database for whoever it belongs to, or the server could not use them: `file`
/// gets the owner of `path`, or where that is not there, of its lock or its folder. Others can make none for
/// anybody else.
void give_owner_of(const std::string& path, int file) noexcept;

/// A file of mode 0600 that was not there before; conflict when it was.
Result<void> make_new_file(const std::string& path);

Result<void> sync_file(const std::string& path);
Result<void> sync_folder_of(const std::string& path);  ///< what it names is found again after a crash

/// A file of mode 0600 that is there while it is written, and gone when that was in vain.
class Draft {
 public:
  /// In place of one that an attempt has left, which did not come to its end: nobody else may be at it.
  static Result<Draft> make(std::string path);
  Draft(Draft&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  Draft& operator=(Draft&&) = delete;
  ~Draft();

  const std::string& path() const noexcept { return path_; }

  Result<void> publish_new(const std::string& target) const;   ///< conflict: the name is taken
  Result<void> publish_over(const std::string& target) const;  ///< in place of what is there, at once

 private:
  explicit Draft(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

}  // namespace gatehouse::stores
