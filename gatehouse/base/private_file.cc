#include "gatehouse/base/private_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "gatehouse/base/random.h"

namespace gatehouse {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  int get() const noexcept { return number_; }
  bool is_open() const noexcept { return number_ >= 0; }

 private:
  int number_;
};

std::unexpected<Error> system_failure(const std::string& path, int error) {
  const Failure kind = error == ENOENT ? Failure::not_found : Failure::unavailable;
  return fail(kind, fmt::format("{}: {}", path, std::generic_category().message(error)));
}

std::unexpected<Error> unsafe(const std::string& path, std::string_view why) {
  return fail(Failure::configuration_invalid, fmt::format("{}: {}", path, why));
}

struct Place {
  std::string folder, name;
};

Place place_of(const std::string& path) {
  const std::filesystem::path whole(path);
  std::string folder = whole.parent_path().string();
  return {.folder = folder.empty() ? "." : std::move(folder), .name = whole.filename().string()};
}

// Files are opened by way of the folder that was looked at, so that no other can take its place meanwhile.
Result<Descriptor> open_folder(const std::string& folder) {
  Descriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened.is_open()) return system_failure(folder, errno);
  struct stat facts{};
  if (::fstat(opened.get(), &facts) != 0) return system_failure(folder, errno);
  const std::string_view why = unsafe_in_folder(facts.st_uid, facts.st_mode, ::geteuid());
  if (!why.empty()) return unsafe(folder, why);
  return opened;
}

// Where everybody may make files, as in /tmp, somebody else may have made this one first: its owner tells.
Result<void> check_file(int file, const std::string& path, const PrivateFileRules& rules) {
  struct stat facts{};
  if (::fstat(file, &facts) != 0) return system_failure(path, errno);
  if (!S_ISREG(facts.st_mode)) return unsafe(path, "it is no plain file");
  const std::string_view why = unsafe_in_file(facts.st_uid, facts.st_mode, ::geteuid(), rules.is_secret);
  if (!why.empty()) return unsafe(path, why);
  if (std::cmp_greater(facts.st_size, rules.most))
    return fail(Failure::too_large, fmt::format("{}: more than {} octets", path, rules.most));
  return {};
}

bool write_all(int file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(file, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return ::fsync(file) == 0;
}

}  // namespace

std::string_view unsafe_in_file(std::uint32_t owner, std::uint32_t mode, std::uint32_t user, bool is_secret) {
  if (owner != user && owner != 0) return "another user owns it; chown it to the one that this runs as";
  if ((mode & (S_IWGRP | S_IWOTH)) != 0) return "others may write it; chmod it to 600";
  if (is_secret && (mode & S_IROTH) != 0) return "others may read it; chmod it to 600";
  return {};
}

std::string_view unsafe_in_folder(std::uint32_t owner, std::uint32_t mode, std::uint32_t user) {
  if (owner != user && owner != 0)
    return "another user owns this folder; chown it to the one that this runs as, or use one in it";
  if ((mode & S_IWOTH) != 0 && (mode & S_ISVTX) == 0)
    return "others may write into this folder; chmod it to 700, or use one in it";
  return {};
}

Result<std::string> read_private_file(const std::string& path, const PrivateFileRules& rules) {
  const Place place = place_of(path);
  GH_TRY(const Descriptor folder, open_folder(place.folder));
  const int link = rules.may_be_link ? 0 : O_NOFOLLOW;
  // What is no plain file, such as a pipe that nobody writes to, must not make this wait.
  const Descriptor file(::openat(folder.get(), place.name.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | link));
  if (!file.is_open() && errno == ELOOP) return unsafe(path, "it is a symbolic link; name the file itself");
  if (!file.is_open()) return system_failure(path, errno);
  GH_CHECK(check_file(file.get(), path, rules));
  std::string octets(rules.most + 1, '\0');  // it may grow while it is read
  std::size_t size = 0;
  while (size < octets.size()) {
    const ssize_t count = ::read(file.get(), octets.data() + size, octets.size() - size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return system_failure(path, errno);
    if (count == 0) break;
    size += static_cast<std::size_t>(count);
  }
  if (size > rules.most) return fail(Failure::too_large, path);
  octets.resize(size);
  return octets;
}

Result<void> write_private_file(const std::string& path, std::string_view text) {
  const Place place = place_of(path);
  if (::mkdir(place.folder.c_str(), 0700) != 0 && errno != EEXIST) return system_failure(path, errno);
  GH_TRY(const Descriptor folder, open_folder(place.folder));
  const std::string draft = fmt::format("{}.{}", place.name, random_text(6));
  const Descriptor file(::openat(folder.get(), draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file.is_open()) return system_failure(path, errno);
  if (write_all(file.get(), text) &&
      ::renameat(folder.get(), draft.c_str(), folder.get(), place.name.c_str()) == 0 &&
      ::fsync(folder.get()) == 0)
    return {};
  const int error = errno;
  ::unlinkat(folder.get(), draft.c_str(), 0);
  return system_failure(path, error);
}

Result<void> make_private_folder(const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (!error) std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
  return error ? system_failure(folder, error.value()) : Result<void>();
}

Result<void> remove_private_file(const std::string& path) {
  const Place place = place_of(path);
  GH_TRY(const Descriptor folder, open_folder(place.folder));
  if (::unlinkat(folder.get(), place.name.c_str(), 0) != 0 && errno != ENOENT)
    return system_failure(path, errno);
  return {};
}

}  // namespace gatehouse
