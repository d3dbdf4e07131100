/// StoreLock — who has a database file open, for a restore to know; private to this room.
///
/// A lock of the system on a file of its own beside it, which stays when the database is replaced. It goes
/// with its process, however that ends.
#pragma once

#include <string>

#include "gatehouse/base/result.h"

namespace gatehouse::stores {

class StoreLock {
 public:
  /// With others who use it. Fails with unavailable while it is being restored.
  static Result<StoreLock> share(const std::string& path);

  /// Alone. Fails with conflict while anybody uses it.
  static Result<StoreLock> take(const std::string& path);

  StoreLock(StoreLock&& other) noexcept;
  StoreLock& operator=(StoreLock&&) = delete;
  ~StoreLock();

 private:
  explicit StoreLock(int file) noexcept : file_(file) {}
  static Result<StoreLock> lock(const std::string& path, int operation, Error when_taken);

  int file_;
};

}  // namespace gatehouse::stores
