#include "gatehouse/stores/sqlite_database.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <fstream>
#include <latch>
#include <thread>

#include "gatehouse/base/wait_for.h"
#include "tests/support/temporary_folder.h"

namespace gatehouse::stores {
namespace {

class Sqlite : public testing::Test {
 protected:
  std::unique_ptr<SqliteDatabase> open(const SqliteOptions& options = {}) {
    return SqliteDatabase::open(path_, options).value();
  }

  test_support::TemporaryFolder folder_;
  std::string path_ = folder_.path("store.db");
};

auto insert(std::string value) {
  return [value = std::move(value)](SqliteConnection& connection) -> Result<void> {
    auto statement =
        connection.prepare("INSERT INTO revocations (kind, value, until, not_before) VALUES ('J', ?1, 0, 0)");
    return connection.finish(statement.text(value));
  };
}

Result<std::int64_t> count(SqliteConnection& connection) {
  auto statement = connection.prepare("SELECT count(*) FROM revocations");
  if (!statement.has_row()) return std::unexpected(connection.trouble());
  return statement.number_at(0);
}

TEST_F(Sqlite, IsReadableForItsOwnerAlone) {
  const auto database = open();
  struct stat found{};
  for (const char* suffix : {"", "-wal", "-shm"}) {
    ASSERT_EQ(::stat((path_ + suffix).c_str(), &found), 0) << suffix;
    EXPECT_EQ(found.st_mode & 0777u, 0600u) << suffix;
  }
}

TEST_F(Sqlite, KeepsWhatIsWrittenAndTheLatestInstantOverARestart) {
  const Instant now{Seconds(1'780'000'000)};
  {
    const auto first = open();
    auto job = [&](SqliteConnection& connection) { return first->note(connection, now); };
    ASSERT_TRUE(wait_for(first->write(job)));
    ASSERT_TRUE(wait_for(first->write(insert("a"))));
  }
  const auto second = open();
  EXPECT_EQ(second->latest(), now);
  EXPECT_EQ(wait_for(second->read(&count)), 1);
}

TEST_F(Sqlite, OneThatFailsLeavesTheOthersOfItsTransactionAlone) {
  const auto database = open();
  std::latch started(1), go(1);
  auto slow = [&](SqliteConnection&) -> Result<void> {
    started.count_down();
    go.wait();
    return {};
  };
  auto failing = [](SqliteConnection& connection) -> Result<void> {
    GH_CHECK(insert("undone")(connection));
    return fail(Failure::conflict, "test");
  };
  std::latch done(4);
  std::atomic<int> succeeded = 0;
  const auto count_result = [&](Result<void>&& result) {
    succeeded += result.has_value();
    done.count_down();
  };
  start(database->write(slow), count_result);
  started.wait();  // those that follow wait together, and share a transaction
  start(database->write(insert("first")), count_result);
  start(database->write(failing), count_result);
  start(database->write(insert("third")), count_result);
  go.count_down();
  done.wait();
  EXPECT_EQ(succeeded, 3);
  EXPECT_EQ(wait_for(database->read(&count)), 2);
}

TEST_F(Sqlite, ShedsWritesBeyondItsQueue) {
  const auto database = open({.longest_queue = 2});
  std::latch started(1), go(1), done(3);
  auto slow = [&](SqliteConnection&) -> Result<void> {
    started.count_down();
    go.wait();
    return {};
  };
  const auto finished = [&](Result<void>&& result) {
    EXPECT_TRUE(result);
    done.count_down();
  };
  start(database->write(slow), finished);
  started.wait();
  start(database->write(insert("a")), finished);
  start(database->write(insert("b")), finished);
  EXPECT_EQ(wait_for(database->write(insert("c"))).error().kind, Failure::overloaded);
  go.count_down();
  done.wait();
}

TEST_F(Sqlite, WaitsForAnotherThatWritesAndGivesUpInTime) {
  const auto database = open({.longest_wait = Seconds(0)});
  auto other = SqliteConnection::open(path_, SqliteConnection::Mode::write, Seconds(0)).value();
  ASSERT_TRUE(other.run("BEGIN IMMEDIATE"));
  EXPECT_EQ(wait_for(database->write(insert("a"))).error(),
            (Error{Failure::unavailable, "database is locked"}));
  ASSERT_TRUE(other.run("COMMIT"));
  EXPECT_TRUE(wait_for(database->write(insert("a"))));
  EXPECT_EQ(wait_for(database->read(&count)), 1);
}

TEST_F(Sqlite, ThoseThatStartAtOnceMakeOneSchema) {
  constexpr int rounds = 20, starters = 4;
  std::atomic<int> opened = 0;
  for (int round = 0; round < rounds; ++round) {
    const std::string path = folder_.path("store-" + std::to_string(round));
    std::latch all(starters);
    std::vector<std::jthread> threads;
    for (int i = 0; i < starters; ++i)
      threads.emplace_back([&] {
        all.arrive_and_wait();
        opened += SqliteDatabase::open(path, {}).has_value();
      });
  }
  EXPECT_EQ(opened, rounds * starters);
}

TEST_F(Sqlite, RefusesAFileThatItCannotUse) {
  std::ofstream(path_) << "this is no database, and long enough to be read as a header of one: "
                       << std::string(200, 'x');
  EXPECT_EQ(SqliteDatabase::open(path_, {}).error(),
            (Error{Failure::unavailable, path_ + ": file is not a database"}));
  EXPECT_EQ(SqliteDatabase::open("/nowhere/at/all.db", {}).error(),
            (Error{Failure::unavailable, "/nowhere/at/all.db: No such file or directory"}));
}

TEST_F(Sqlite, RefusesAFileOfANewerRelease) {
  {
    open();
  }
  {
    auto connection = SqliteConnection::open(path_, SqliteConnection::Mode::write, Seconds(1)).value();
    ASSERT_TRUE(connection.run("PRAGMA user_version = 99"));
  }
  const auto error = SqliteDatabase::open(path_, {}).error();
  EXPECT_EQ(error.kind, Failure::conflict);
  EXPECT_TRUE(error.subject.starts_with(path_ + ": the database is of version 99; this program knows "));
}

TEST_F(Sqlite, BringsAnOlderFileUpToDate) {
  {
    auto connection = SqliteConnection::open(path_, SqliteConnection::Mode::write, Seconds(1)).value();
    ASSERT_TRUE(connection.run(
        "CREATE TABLE users (id TEXT PRIMARY KEY, email TEXT NOT NULL UNIQUE COLLATE NOCASE, password_hash "
        "TEXT "
        "NOT NULL, roles TEXT NOT NULL, scopes TEXT NOT NULL, disabled INTEGER NOT NULL DEFAULT 0) STRICT, "
        "WITHOUT ROWID; INSERT INTO users VALUES ('u1', 'ada@example.com', '$h', '[]', '[]', 0); PRAGMA "
        "user_version = 1"));
  }
  const auto database = open();
  auto epoch = [](SqliteConnection& connection) -> Result<std::int64_t> {
    auto statement = connection.prepare("SELECT epoch FROM users WHERE id = 'u1'");
    if (!statement.has_row()) return std::unexpected(connection.trouble());
    return statement.number_at(0);
  };
  EXPECT_EQ(wait_for(database->read(epoch)), 0);
}

}  // namespace
}  // namespace gatehouse::stores
