#include "gatehouse/hosting/private_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "gatehouse/base/random.h"

namespace gatehouse::hosting {
namespace {

namespace fs = std::filesystem;

std::unexpected<Error> refused(const std::string& path, const std::string& why) {
  return fail(Failure::configuration_invalid, fmt::format("{}: {}", path, why));
}

}  // namespace

Result<void> make_private_folder(const std::string& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (!error) fs::permissions(folder, fs::perms::owner_all, error);
  return error ? refused(folder, error.message()) : Result<void>();
}

Result<void> write_private_file(const std::string& path, std::string_view text) {
  const std::string draft = fmt::format("{}.{}", path, random_text(6));
  const int file = ::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return refused(path, std::generic_category().message(errno));
  const bool written =
      std::cmp_equal(::write(file, text.data(), text.size()), text.size()) && ::fsync(file) == 0;
  ::close(file);
  if (written && ::rename(draft.c_str(), path.c_str()) == 0) return {};
  const std::string why = std::generic_category().message(errno);
  ::unlink(draft.c_str());
  return refused(path, why);
}

}  // namespace gatehouse::hosting
