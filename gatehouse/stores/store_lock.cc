#include "gatehouse/stores/store_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "gatehouse/stores/durable_file.h"

namespace gatehouse::stores {

Result<StoreLock> StoreLock::lock(const std::string& path, int operation, Error when_taken) {
  const std::string name = path + ".lock";
  StoreLock lock(::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));  // NOLINT(*-vararg): POSIX
  if (lock.file_ >= 0) give_owner_of(path, lock.file_);
  if (lock.file_ >= 0 && ::flock(lock.file_, operation | LOCK_NB) == 0) return lock;
  if (lock.file_ >= 0 && errno == EWOULDBLOCK) return std::unexpected(std::move(when_taken));
  return fail(Failure::unavailable, fmt::format("{}: {}", path, std::generic_category().message(errno)));
}

Result<StoreLock> StoreLock::share(const std::string& path) {
  return lock(path, LOCK_SH,
              {.kind = Failure::unavailable, .subject = fmt::format("{}: it is being restored", path)});
}

Result<StoreLock> StoreLock::take(const std::string& path) {
  return lock(path, LOCK_EX,
              {.kind = Failure::conflict,
               .subject = fmt::format("{}: it is in use; stop the programs that have it open", path)});
}

StoreLock::StoreLock(StoreLock&& other) noexcept : file_(std::exchange(other.file_, -1)) {}

StoreLock::~StoreLock() {
  if (file_ >= 0) ::close(file_);
}

}  // namespace gatehouse::stores
