#include "gatehouse/stores/revocation_journal.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <vector>

#include "gatehouse/base/digest.h"
#include "gatehouse/stores/durable_file.h"

namespace gatehouse::stores {
namespace {

std::string checksum(std::string_view text) {
  std::string hex;
  for (const char octet : sha256(text).substr(0, 4))
    hex += fmt::format("{:02x}", static_cast<unsigned char>(octet));
  return hex;
}

std::string line_of(std::string_view text) { return fmt::format("{} {}\n", checksum(text), text); }

// The text of a line; empty: it is not as it was written.
std::string_view text_of(std::string_view line) {
  constexpr std::size_t prefix = 9;
  if (line.size() <= prefix) return {};
  const std::string_view text = line.substr(prefix);
  return line.substr(0, prefix - 1) == checksum(text) ? text : std::string_view();
}

std::string header_of(const JournalPlace& place) {
  return fmt::format(R"(["begun","{}",{}])", place.lineage, place.backup);
}

std::string link_to(std::uint64_t backup) { return fmt::format(R"(["next",{}])", backup); }

struct FileReading {
  bool is_whole = true;
  bool has_next = false;
};

// A line that is torn at the very end was not finished, so that nobody was told of its transaction.
Result<FileReading> read_file(const std::string& name, const JournalPlace& place,
                              const std::function<Result<void>(const std::string&)>& visit) {
  FileReading reading;
  std::ifstream file(name, std::ios::binary);
  std::string line;
  reading.is_whole = static_cast<bool>(std::getline(file, line)) && text_of(line) == header_of(place);
  while (std::getline(file, line)) {
    const bool is_torn = file.eof();
    const std::string text(text_of(line));
    if (text.empty() && !is_torn) reading.is_whole = false;
    if (text.empty()) continue;
    if (text == link_to(place.backup + 1))
      reading.has_next = true;
    else
      GH_CHECK(visit(text));
  }
  return reading;
}

std::vector<std::uint64_t> numbers_of(const std::string& path, const std::string& lineage) {
  const std::filesystem::path whole(path);
  const std::string prefix = fmt::format("{}.journal-{}-", whole.filename().string(), lineage);
  const auto folder = whole.has_parent_path() ? whole.parent_path() : std::filesystem::path(".");
  std::vector<std::uint64_t> numbers;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(prefix)) continue;
    std::uint64_t number = 0;
    const char* end = name.data() + name.size();
    const auto read = std::from_chars(name.data() + prefix.size(), end, number);
    if (read.ec == std::errc() && read.ptr == end) numbers.push_back(number);
  }
  return numbers;
}

}  // namespace

std::string journal_file(const std::string& path, const JournalPlace& place) {
  return fmt::format("{}.journal-{}-{}", path, place.lineage, place.backup);
}

RevocationJournal::~RevocationJournal() {
  if (file_ >= 0) ::close(file_);
}

void RevocationJournal::add(const JournalPlace& place, std::string_view text) {
  place_ = place;
  lines_ += line_of(text);
}

// A file that somebody has taken away comes again without its beginning, by which a restore sees that it does
// not say everything.
Result<void> RevocationJournal::open() {
  if (file_ >= 0 && opened_ == place_) return {};
  if (file_ >= 0) ::close(file_);
  const std::string name = journal_file(path_, place_);
  file_ = ::open(name.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);  // NOLINT(*-vararg): POSIX
  if (file_ < 0) return system_failure(name);
  give_owner_of(path_, file_);
  opened_ = place_;
  return {};
}

Result<void> RevocationJournal::flush() {
  trouble_.reset();
  if (lines_.empty()) return {};
  const std::string lines = std::exchange(lines_, {});
  auto flushed = open();
  if (flushed) flushed = append_durably(file_, journal_file(path_, place_), lines);
  if (!flushed) trouble_ = flushed.error();
  return flushed;
}

Result<void> begin_journal(const std::string& path, const JournalPlace& place) {
  RevocationJournal journal(path);
  std::error_code error;
  if (std::filesystem::file_size(journal_file(path, place), error) == 0 || error) {
    journal.add(place, header_of(place));
    GH_CHECK(journal.flush());
  }
  const JournalPlace before{.lineage = place.lineage, .backup = place.backup - 1};
  if (std::filesystem::exists(journal_file(path, before), error)) {
    journal.add(before, link_to(place.backup));
    GH_CHECK(journal.flush());
  }
  return sync_folder_of(path);
}

Result<JournalReading> read_journal(const std::string& path, const JournalPlace& since,
                                    const std::function<Result<void>(const std::string& text)>& visit) {
  JournalReading reading{.newest = since.backup, .is_complete = true};
  const std::uint64_t newest = newest_journal(path, since.lineage);
  if (newest < since.backup) reading.is_complete = false;
  for (JournalPlace place = since; place.backup <= newest; ++place.backup) {
    GH_TRY(const FileReading read, read_file(journal_file(path, place), place, visit));
    const bool is_last = place.backup == newest;
    if (!read.is_whole || read.has_next == is_last) reading.is_complete = false;
    reading.newest = place.backup;
  }
  return reading;
}

std::uint64_t newest_journal(const std::string& path, const std::string& lineage) {
  std::uint64_t newest = 0;
  for (const std::uint64_t number : numbers_of(path, lineage)) newest = std::max(newest, number);
  return newest;
}

void remove_journals_before(const std::string& path, const JournalPlace& place) {
  std::error_code error;
  for (const std::uint64_t number : numbers_of(path, place.lineage))
    if (number < place.backup)
      std::filesystem::remove(journal_file(path, {.lineage = place.lineage, .backup = number}), error);
}

}  // namespace gatehouse::stores
