#include "gatehouse/base/private_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/failure_of.h"
#include "tests/support/temporary_folder.h"

namespace gatehouse {
namespace {

using test_support::failure_of;
using test_support::TemporaryFolder;
using test_support::write_file;

std::uint32_t mode_of(const std::string& path) {
  struct stat facts{};
  return ::stat(path.c_str(), &facts) == 0 ? facts.st_mode & 07777u : 0;
}

TEST(PrivateFile, ComesBackAsItWasWritten) {
  const TemporaryFolder folder;
  const std::string path = folder.path("kept");
  for (const std::string& octets : {std::string("first"), std::string("\0\xff second", 9), std::string()}) {
    ASSERT_TRUE(write_private_file(path, octets));
    EXPECT_EQ(read_private_file(path), octets);
  }
  EXPECT_EQ(mode_of(path), 0600u);
  EXPECT_EQ(folder.names(), std::vector<std::string>{"kept"});
}

TEST(PrivateFile, TakesThePlaceOfALinkAndNotOfWhatItPointsTo) {
  const TemporaryFolder folder;
  write_file(folder.path("other"), "untouched");
  std::filesystem::create_symlink("other", folder.path("kept"));
  ASSERT_TRUE(write_private_file(folder.path("kept"), "new"));
  EXPECT_EQ(test_support::read_file(folder.path("other")), "untouched");
  EXPECT_EQ(read_private_file(folder.path("kept")), "new");
}

TEST(PrivateFile, MakesTheFolderForItsOwnerAlone) {
  const TemporaryFolder folder;
  ASSERT_TRUE(write_private_file(folder.path("inner/kept"), "octets"));
  EXPECT_EQ(mode_of(folder.path("inner")), 0700u);
  const auto deeper = write_private_file(folder.path("no/such/kept"), "octets");
  EXPECT_EQ(failure_of(deeper), Failure::not_found);
}

TEST(PrivateFile, IsRemovedOnceAndNotMissedAfter) {
  const TemporaryFolder folder;
  ASSERT_TRUE(write_private_file(folder.path("kept"), "octets"));
  EXPECT_TRUE(remove_private_file(folder.path("kept")));
  EXPECT_TRUE(remove_private_file(folder.path("kept")));
  EXPECT_TRUE(folder.names().empty());
}

struct ReadCase {
  const char* name;
  std::function<void(const TemporaryFolder&)> arrange;  // around the file "kept", of eight octets
  PrivateFileRules rules;
  std::optional<Failure> expected;
  const char* why = "";
};

class Reading : public ::testing::TestWithParam<ReadCase> {};

TEST_P(Reading, IsRefusedWhereOthersCouldHaveWritten) {
  const TemporaryFolder folder;
  write_file(folder.path("kept"), "8 octets");
  GetParam().arrange(folder);
  const auto read = read_private_file(folder.path("kept"), GetParam().rules);
  EXPECT_EQ(failure_of(read), GetParam().expected);
  if (!read) EXPECT_TRUE(read.error().subject.contains(GetParam().why)) << read.error().subject;
  if (!read) EXPECT_TRUE(read.error().subject.starts_with(folder.path())) << read.error().subject;
}

auto with_mode(mode_t mode) {
  return [mode](const TemporaryFolder& folder) { ::chmod(folder.path("kept").c_str(), mode); };
}

auto with_folder_mode(mode_t mode) {
  return [mode](const TemporaryFolder& folder) { ::chmod(folder.path().c_str(), mode); };
}

void as_link(const TemporaryFolder& folder) {
  std::filesystem::rename(folder.path("kept"), folder.path("other"));
  std::filesystem::create_symlink("other", folder.path("kept"));
}

const std::vector<ReadCase> read_cases = {
    {"TakesOnesOwn", [](const auto&) {}, {}, {}},
    {"TakesWhatOthersMayRead", with_mode(0644), {}, {}},
    {"RefusesWhatTheGroupMayWrite", with_mode(0660), {}, Failure::configuration_invalid, "chmod it to 600"},
    {"RefusesWhatOthersMayWrite", with_mode(0602), {}, Failure::configuration_invalid, "chmod it to 600"},
    {"TakesASecretOfAGroup", with_mode(0640), {.is_secret = true}, {}},
    {"RefusesASecretOfEverybody",
     with_mode(0644),
     {.is_secret = true},
     Failure::configuration_invalid,
     "others may read it"},
    {"TakesAStickyFolder", with_folder_mode(01777), {}, {}},
    {"RefusesAFolderThatOthersMayWrite",
     with_folder_mode(0777),
     {},
     Failure::configuration_invalid,
     "into this folder"},
    {"RefusesALink", as_link, {}, Failure::configuration_invalid, "symbolic link"},
    {"TakesALinkWhereAllowed", as_link, {.may_be_link = true}, {}},
    {"JudgesTheFileBehindALink",
     [](const auto& folder) {
       as_link(folder);
       ::chmod(folder.path("other").c_str(), 0666);
     },
     {.may_be_link = true},
     Failure::configuration_invalid,
     "others may write it"},
    {"RefusesAFolder",
     [](const auto& folder) {
       std::filesystem::remove(folder.path("kept"));
       std::filesystem::create_directory(folder.path("kept"));
     },
     {},
     Failure::configuration_invalid,
     "no plain file"},
    {"RefusesAPipeAtOnce",
     [](const auto& folder) {
       std::filesystem::remove(folder.path("kept"));
       ::mkfifo(folder.path("kept").c_str(), 0600);
     },
     {},
     Failure::configuration_invalid,
     "no plain file"},
    {"TakesOneAtTheCap", [](const auto&) {}, {.most = 8}, {}},
    {"RefusesOneBeyondTheCap", [](const auto&) {}, {.most = 7}, Failure::too_large, "7 octets"},
    {"MissesOne",
     [](const auto& folder) { std::filesystem::remove(folder.path("kept")); },
     {},
     Failure::not_found},
    {"MissesItsFolder",
     [](const auto& folder) { std::filesystem::remove_all(folder.path()); },
     {},
     Failure::not_found},
};

INSTANTIATE_TEST_SUITE_P(PrivateFile, Reading, ::testing::ValuesIn(read_cases),
                         [](const auto& test) { return test.param.name; });

TEST(PrivateFolder, IsMadeWithThoseAroundItAndShutToOthers) {
  const TemporaryFolder folder;
  const std::string inner = folder.path("a/b");
  ASSERT_TRUE(make_private_folder(inner));
  EXPECT_EQ(std::filesystem::status(inner).permissions(), std::filesystem::perms::owner_all);
  std::filesystem::permissions(inner, std::filesystem::perms::all);
  ASSERT_TRUE(make_private_folder(inner));
  EXPECT_EQ(std::filesystem::status(inner).permissions(), std::filesystem::perms::owner_all);
  write_file(folder.path("file"), "");
  EXPECT_EQ(failure_of(make_private_folder(folder.path("file/a"))), Failure::unavailable);
}

TEST(PrivateFile, IsNotWrittenWhereOthersMayWrite) {
  const TemporaryFolder folder;
  ::chmod(folder.path().c_str(), 0777);
  EXPECT_EQ(failure_of(write_private_file(folder.path("kept"), "octets")), Failure::configuration_invalid);
  EXPECT_EQ(failure_of(remove_private_file(folder.path("kept"))), Failure::configuration_invalid);
  EXPECT_TRUE(folder.names().empty());
}

TEST(PrivateFile, LeavesNothingBehindWhereItCannotBeWritten) {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder.path("kept"));
  write_file(folder.path("file"), "");
  EXPECT_EQ(failure_of(write_private_file(folder.path("kept"), "octets")), Failure::unavailable);
  EXPECT_EQ(failure_of(write_private_file(folder.path("file/kept"), "octets")), Failure::unavailable);
  EXPECT_EQ(folder.names(), (std::vector<std::string>{"file", "kept"}));
}

// Whoever it belongs to, a test can not always make it so.
struct OwnerCase {
  std::uint32_t owner, file_mode, folder_mode;
  bool is_file_safe, is_folder_safe;
};

TEST(PrivateFile, IsThisUsersOrRoots) {
  constexpr std::uint32_t user = 1000;
  const std::vector<OwnerCase> cases = {
      {user, 0600, 0700, true, true},    {0, 0644, 0755, true, true},      {1001, 0600, 0700, false, false},
      {1001, 0600, 01777, false, false}, {user, 0660, 0777, false, false}, {user, 0602, 0703, false, false},
      {user, 0644, 0775, true, true},    {0, 0600, 01777, true, true},
  };
  for (const OwnerCase& one : cases) {
    SCOPED_TRACE(::testing::Message()
                 << one.owner << " " << std::oct << one.file_mode << " " << one.folder_mode);
    EXPECT_EQ(unsafe_in_file(one.owner, one.file_mode, user, false).empty(), one.is_file_safe);
    EXPECT_EQ(unsafe_in_folder(one.owner, one.folder_mode, user).empty(), one.is_folder_safe);
  }
}

}  // namespace
}  // namespace gatehouse
