#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <thread>

#include "gatehouse/base/wait_for.h"
#include "gatehouse/stores/revocation_journal.h"
#include "gatehouse/stores/sqlite_file.h"
#include "gatehouse/stores/sqlite_maintenance.h"
#include "gatehouse/stores/sqlite_schema.h"
#include "gatehouse/stores/store.h"
#include "gatehouse/stores/user_store.h"
#include "tests/support/stored_sessions.h"
#include "tests/support/temporary_folder.h"

namespace gatehouse::stores {
namespace {

constexpr Instant now{Seconds(1'780'000'000)};

class Backup : public testing::Test {
 protected:
  void add(const std::string& sid) { test_support::add_session(*store_, sid, now); }
  void rotate(const std::string& sid, std::uint32_t generation) {
    test_support::rotate_session(*store_, sid, generation, now);
  }
  void end(const std::string& sid) { test_support::end_session(*store_, sid, now); }

  // What is in the journal of a backup.
  std::vector<std::string> lines_since(std::uint64_t backup) {
    std::vector<std::string> lines;
    const auto read = read_journal(path_, {.lineage = lineage(), .backup = backup},
                                   [&](const std::string& text) -> Result<void> {
                                     if (text != journal_transaction) lines.push_back(text);
                                     return {};
                                   });
    is_complete_ = read.value().is_complete;
    return lines;
  }
  std::string lineage() {
    auto connection = open_sqlite_to_read(path_).value();
    return lineage_of(connection).value().id;
  }

  test_support::TemporaryFolder folder_;
  std::string path_ = folder_.path("store.db");
  std::string target_ = folder_.path("copy.db");
  std::unique_ptr<Store> store_ = open_sqlite_store(path_).value();
  bool is_complete_ = false;
};

TEST_F(Backup, HoldsWhatWasCommittedAndIsReadableForItsOwnerAlone) {
  add("sid-1");
  ASSERT_TRUE(back_up(path_, target_, now));
  add("sid-2");
  auto copy = open_sqlite_to_read(target_).value();
  auto statement = copy.prepare("SELECT sid FROM sessions");
  ASSERT_TRUE(statement.has_row());
  EXPECT_EQ(statement.text_at(0), "sid-1");
  EXPECT_FALSE(statement.has_row());
  struct stat found{};
  ASSERT_EQ(::stat(target_.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777u, 0600u);
  for (const std::string& name : folder_.names()) EXPECT_FALSE(name.contains("partial")) << name;
}

TEST_F(Backup, TakesNoNameThatIsTaken) {
  test_support::write_file(target_, "precious");
  EXPECT_EQ(back_up(path_, target_, now).error().kind, Failure::conflict);
  EXPECT_EQ(test_support::read_file(target_), "precious");
  EXPECT_EQ(back_up(folder_.path("none.db"), folder_.path("new.db"), now).error().kind, Failure::not_found);
  EXPECT_FALSE(std::filesystem::exists(folder_.path("none.db")));
}

TEST_F(Backup, IsNotUsedAsADatabase) {
  ASSERT_TRUE(back_up(path_, target_, now));
  EXPECT_EQ(open_sqlite_store(target_).error().kind, Failure::conflict);
  EXPECT_EQ(open_sqlite_user_store(target_).error().kind, Failure::conflict);
  EXPECT_EQ(back_up(target_, folder_.path("second.db"), now).error().kind, Failure::conflict);
}

// Or a server that is not root could revoke nothing once root has made a backup.
TEST_F(Backup, FilesBesideTheDatabaseBelongToWhoeverItBelongsTo) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root gives files away";
  constexpr uid_t other = 65'534;
  ASSERT_EQ(::chown(path_.c_str(), other, other), 0);
  ASSERT_TRUE(back_up(path_, target_, now));
  store_.reset();
  ASSERT_TRUE(restore(target_, path_, now));
  int seen = 0;
  for (const std::string& name : folder_.names()) {
    if (!name.starts_with("store.db")) continue;
    struct stat found{};
    ASSERT_EQ(::stat(folder_.path(name).c_str(), &found), 0);
    EXPECT_EQ(found.st_uid, other) << name;
    ++seen;
  }
  EXPECT_EQ(seen, 5);  // itself, what it replaced, its lock, two journals
}

TEST_F(Backup, IsAudited) {
  ASSERT_TRUE(back_up(path_, target_, now));
  const auto entries = wait_for(store_->audit().after(0, 10)).value();
  ASSERT_EQ(entries.size(), 1u);
  EXPECT_EQ(entries[0].event.event, "db.backup");
  EXPECT_EQ(check_database(path_).value().audit.first_broken, std::nullopt);
}

TEST_F(Backup, BeforeTheFirstOneNothingIsJournaled) {
  add("sid-1");
  end("sid-1");
  for (const std::string& name : folder_.names()) EXPECT_FALSE(name.contains("journal-")) << name;
}

TEST_F(Backup, WhatIsTakenFromSomebodyAfterwardsIsJournaled) {
  const auto users = open_sqlite_user_store(path_).value();
  const User ada{.id = "ada", .email = "ada@example.com", .password_hash = "$h"};
  ASSERT_TRUE(users->add(ada));
  add("sid-1");
  add("sid-2");
  ASSERT_TRUE(back_up(path_, target_, now));
  add("sid-3");  // gives, and takes nothing
  rotate("sid-1", 0);
  rotate("sid-1", 1);  // the first rotation was enough to know
  end("sid-2");
  ASSERT_TRUE(users->set_disabled("ada", true));
  ASSERT_TRUE(wait_for(store_->clients().add({.id = "web"})));
  ASSERT_TRUE(wait_for(store_->clients().remove("web")));
  const StoredKey key{.id = "k", .purpose = "sign:ES256", .wrapped = "sealed"};
  ASSERT_TRUE(wait_for(store_->keys().apply({KeyChange{.key = key, .from = std::nullopt}})));

  EXPECT_EQ(lines_since(1), (std::vector<std::string>{
                                R"(["rotated","sid-1",1])",
                                R"(["ended","sid-2",1780000000000,1])",
                                R"(["revoked",1,"S","sid-2",1780086400000,0])",
                                R"(["user","ada","ada@example.com","$h","[]","[]",1,0])",
                                R"(["client","web","{\"id\":\"web\"}"])",
                                R"(["client-removed","web"])",
                                R"(["key","k","sign:ES256",0,"announced",0,0,null,null,"","",0])",
                            }));
  EXPECT_TRUE(is_complete_);
}

TEST_F(Backup, WhatFailsIsNotJournaled) {
  ASSERT_TRUE(back_up(path_, target_, now));
  const StoredKey key{.id = "k", .purpose = "p"};
  const KeyChange change{.key = key, .from = std::nullopt};
  EXPECT_FALSE(wait_for(store_->keys().apply({change, change})));
  EXPECT_TRUE(lines_since(1).empty());
}

TEST_F(Backup, EachOneBeginsItsOwnFileAndTheOldOnesGoOn) {
  for (int number = 1; number <= 3; ++number) {
    add(fmt::format("sid-{}", number));
    ASSERT_TRUE(back_up(path_, folder_.path(fmt::format("copy-{}", number)), now, {.journals = 2}));
    end(fmt::format("sid-{}", number));
  }
  EXPECT_EQ(lines_since(3).size(), 2u);
  EXPECT_TRUE(is_complete_);
  EXPECT_EQ(lines_since(2).size(), 4u);
  EXPECT_TRUE(is_complete_);
  lines_since(1);
  EXPECT_FALSE(is_complete_);  // it was one too many to keep
  lines_since(4);
  EXPECT_FALSE(is_complete_);
}

TEST_F(Backup, AJournalThatIsNotWholeIsKnownForIt) {
  add("sid-1");
  ASSERT_TRUE(back_up(path_, target_, now));
  end("sid-1");
  const std::string file = journal_file(path_, {.lineage = lineage(), .backup = 1});
  const std::string whole = test_support::read_file(file);
  lines_since(1);
  EXPECT_TRUE(is_complete_);

  struct Damage {
    const char* name;
    std::string text;
    bool is_complete;
  };
  const std::size_t first_end = whole.find('\n') + 1;
  std::string bent = whole;
  bent[first_end + 12] ^= 1;
  const Damage damages[] = {
      {"nothing", whole, true},
      {"the last line is torn", whole.substr(0, whole.size() - 5), true},
      {"a line was changed", bent, false},
      {"the beginning is gone", whole.substr(first_end), false},
      {"it goes on elsewhere", whole + "9646c018 [\"next\",2]\n", false},
      {"empty", "", false},
  };
  for (const Damage& damage : damages) {
    test_support::write_file(file, damage.text);
    lines_since(1);
    EXPECT_EQ(is_complete_, damage.is_complete) << damage.name;
  }
}

TEST_F(Backup, WhatCannotBeJournaledIsNotDone) {
  add("sid-1");
  ASSERT_TRUE(back_up(path_, target_, now));
  const std::string file = journal_file(path_, {.lineage = lineage(), .backup = 1});
  std::filesystem::remove(file);
  std::filesystem::create_directory(file);
  const SessionSelection which{.by = SessionSelection::By::sid, .value = "sid-1"};
  const auto ended = wait_for(store_->sessions().end(which, SessionEnd::logout, now, now));
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().kind, Failure::unavailable);
  EXPECT_TRUE(ended.error().subject.starts_with(file)) << ended.error().subject;
  EXPECT_FALSE(wait_for(store_->sessions().find_by_sid("sid-1")).value().ended);

  std::filesystem::remove(file);
  EXPECT_TRUE(wait_for(store_->sessions().end(which, SessionEnd::logout, now, now)));
  lines_since(1);
  EXPECT_FALSE(is_complete_);  // it was away for a while, and nobody can tell what is missing
}

// What a backup does not have is in the journal, and the other way round, however they interleave.
TEST_F(Backup, NothingFallsBetweenTheCopyAndItsJournal) {
  constexpr int sessions = 400;
  for (int number = 0; number < sessions; ++number) add(fmt::format("sid-{}", number));
  std::atomic<int> ended = 0;
  std::thread ending([&] {
    for (; ended < sessions; ++ended) end(fmt::format("sid-{}", ended.load()));
  });
  while (ended < 20) std::this_thread::yield();
  const auto made = back_up(path_, target_, now);
  ending.join();
  ASSERT_TRUE(made) << made.error().subject;

  auto copy = open_sqlite_to_read(target_).value();
  auto statement = copy.prepare("SELECT count(*) FROM sessions WHERE ended IS NOT NULL");
  ASSERT_TRUE(statement.has_row());
  const auto in_copy = static_cast<std::size_t>(statement.number_at(0));
  EXPECT_GE(in_copy, 20u);
  std::size_t in_journal = 0;
  for (const std::string& line : lines_since(1)) in_journal += line.starts_with(R"(["ended")") ? 1 : 0;
  EXPECT_EQ(in_copy + in_journal, std::size_t{sessions});
}

}  // namespace
}  // namespace gatehouse::stores
