#include "gatehouse/stores/sqlite_maintenance.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "gatehouse/base/wait_for.h"
#include "gatehouse/stores/sqlite_connection.h"
#include "gatehouse/stores/sqlite_schema.h"
#include "gatehouse/stores/store.h"
#include "tests/support/temporary_folder.h"

namespace gatehouse::stores {
namespace {

class Maintenance : public testing::Test {
 protected:
  void run(const char* sql) {
    auto connection = SqliteConnection::open(path_, SqliteConnection::Mode::write, Seconds(1)).value();
    ASSERT_TRUE(connection.run(sql));
  }

  test_support::TemporaryFolder folder_;
  std::string path_ = folder_.path("store.db");
};

TEST_F(Maintenance, SaysThatThereIsNoFileAndMakesNone) {
  EXPECT_EQ(migration_status(path_).error(), (Error{.kind = Failure::not_found, .subject = path_}));
  EXPECT_EQ(apply_migrations(path_).error().kind, Failure::not_found);
  EXPECT_EQ(check_database(path_).error().kind, Failure::not_found);
  EXPECT_TRUE(folder_.names().empty());
}

TEST_F(Maintenance, SaysWhichStepsAreDueWithoutTakingThem) {
  test_support::write_file(path_, "");
  for (int i = 0; i < 2; ++i) {
    const auto status = migration_status(path_).value();
    EXPECT_EQ(status.version, 0u);
    EXPECT_EQ(status.newest, newest_version());
    ASSERT_EQ(status.due.size(), newest_version());
    EXPECT_EQ(status.due.front(), "users");
  }
  EXPECT_EQ(std::filesystem::file_size(path_), 0u);
}

TEST_F(Maintenance, TakesTheStepsThatAreDue) {
  test_support::write_file(path_, "");
  const MigrationStatus expected{.version = newest_version(), .newest = newest_version(), .due = {}};
  EXPECT_EQ(apply_migrations(path_), expected);
  EXPECT_EQ(apply_migrations(path_), expected);
  EXPECT_TRUE(open_sqlite_store(path_));
}

TEST_F(Maintenance, KnowsAFileFromANewerRelease) {
  run("PRAGMA user_version = 99");
  EXPECT_EQ(migration_status(path_).error().kind, Failure::conflict);
  EXPECT_EQ(apply_migrations(path_).error().kind, Failure::conflict);
  EXPECT_EQ(check_database(path_).error().kind, Failure::conflict);
}

TEST_F(Maintenance, ChecksPagesAndTheAuditChain) {
  {
    const auto store = open_sqlite_store(path_).value();
    for (const char* event : {"a", "b", "c"})
      ASSERT_TRUE(wait_for(store->audit().append(AuditEvent{.event = event})));
  }
  const auto whole = check_database(path_).value();
  EXPECT_EQ(whole.version, newest_version());
  EXPECT_EQ(whole.audit.entries, 3u);
  EXPECT_EQ(whole.audit.first_broken, std::nullopt);

  run("DROP TRIGGER audit_is_not_changed; UPDATE audit SET actor = 'eve' WHERE sequence = 2");
  EXPECT_EQ(check_database(path_).value().audit.first_broken, 2u);
}

TEST_F(Maintenance, SaysWhatIsDamaged) {
  ASSERT_TRUE(open_sqlite_store(path_));
  const std::string whole = test_support::read_file(path_);
  test_support::write_file(path_, whole.substr(0, 4096) + std::string(whole.size() - 4096, 'x'));
  const auto damaged = check_database(path_);
  ASSERT_FALSE(damaged);
  EXPECT_EQ(damaged.error().kind, Failure::unavailable);
  EXPECT_TRUE(damaged.error().subject.starts_with(path_)) << damaged.error().subject;

  test_support::write_file(path_, "no database");
  EXPECT_EQ(check_database(path_).error().kind, Failure::unavailable);
}

}  // namespace
}  // namespace gatehouse::stores
