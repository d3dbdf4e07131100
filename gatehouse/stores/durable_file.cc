#include "gatehouse/stores/durable_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <tuple>

namespace gatehouse::stores {
namespace {

Result<void> sync(const std::string& path, int flags) {
  const int file = ::open(path.c_str(), flags | O_CLOEXEC);  // NOLINT(*-vararg): POSIX
  if (file < 0) return system_failure(path);
  const bool is_synced = ::fsync(file) == 0;
  Result<void> outcome = is_synced ? Result<void>() : system_failure(path);
  ::close(file);
  return outcome;
}

std::string folder_of(const std::string& path) {
  std::string folder = std::filesystem::path(path).parent_path().string();
  return folder.empty() ? "." : folder;
}

// How much of it was written.
std::size_t write_some(int file, std::string_view text) {
  std::size_t written = 0;
  while (written < text.size()) {
    const ssize_t count = ::write(file, text.data() + written, text.size() - written);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    written += static_cast<std::size_t>(count);
  }
  return written;
}

}  // namespace

std::unexpected<Error> system_failure(const std::string& path) {
  return fail(Failure::unavailable, fmt::format("{}: {}", path, std::generic_category().message(errno)));
}

Result<void> append_durably(int file, const std::string& path, std::string_view text) {
  const std::size_t written = write_some(file, text);
  if (written == text.size() && ::fdatasync(file) == 0) return {};
  const auto failure = system_failure(path);
  struct stat facts{};
  if (::fstat(file, &facts) == 0)
    std::ignore = ::ftruncate(file, facts.st_size - static_cast<off_t>(written));
  return failure;
}

void give_owner_of(const std::string& path, int file) noexcept {
  if (::geteuid() != 0) return;
  struct stat facts{};
  const std::string folder = folder_of(path);
  for (const std::string& name : {path, path + ".lock", folder}) {
    if (::stat(name.c_str(), &facts) != 0) continue;
    std::ignore = ::fchown(file, facts.st_uid, facts.st_gid);
    return;
  }
}

Result<void> make_new_file(const std::string& path) {
  const int file =
      ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);  // NOLINT(*-vararg): POSIX
  if (file < 0 && errno == EEXIST) return fail(Failure::conflict, path + ": it exists already");
  if (file < 0) return system_failure(path);
  ::close(file);
  return {};
}

Result<void> sync_file(const std::string& path) { return sync(path, O_RDONLY); }

Result<void> sync_folder_of(const std::string& path) { return sync(folder_of(path), O_RDONLY | O_DIRECTORY); }

Result<Draft> Draft::make(std::string path) {
  for (const char* suffix : {"", "-journal", "-wal", "-shm"}) ::unlink((path + suffix).c_str());
  GH_CHECK(make_new_file(path));
  return Draft(std::move(path));
}

Draft::~Draft() {
  if (!path_.empty()) ::unlink(path_.c_str());
}

Result<void> Draft::publish_new(const std::string& target) const {
  GH_CHECK(sync_file(path_));
  if (::link(path_.c_str(), target.c_str()) != 0)
    return errno == EEXIST ? fail(Failure::conflict, target + ": it exists already") : system_failure(target);
  ::unlink(path_.c_str());
  return sync_folder_of(target);
}

Result<void> Draft::publish_over(const std::string& target) const {
  const int file = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC);  // NOLINT(*-vararg): POSIX
  if (file < 0) return system_failure(path_);
  give_owner_of(target, file);
  ::close(file);
  GH_CHECK(sync_file(path_));
  if (::rename(path_.c_str(), target.c_str()) != 0) return system_failure(target);
  return sync_folder_of(target);
}

}  // namespace gatehouse::stores
