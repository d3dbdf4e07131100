#include "gatehouse/stores/audit_log.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <thread>

#include "gatehouse/base/wait_for.h"
#include "gatehouse/stores/sqlite_connection.h"
#include "gatehouse/stores/store.h"
#include "tests/support/each_store.h"
#include "tests/support/temporary_folder.h"

namespace gatehouse::stores {
namespace {

AuditEvent event(int number) {
  return {.at = Instant(Seconds(1'780'000'000 + number)),
          .event = "session.ended",
          .actor = "ada",
          .subject = "bob",
          .client = "web",
          .sid = fmt::format("sid-{}", number),
          .address = "192.0.2.1",
          .reason = "logout"};
}

class AuditLogContract : public test_support::EachStore {
 protected:
  void append(int number) { ASSERT_TRUE(wait_for(log_.append(event(number)))); }

  AuditLog& log_ = store_->audit();
};

TEST_P(AuditLogContract, GivesBackWhatWasAppendedInItsOrder) {
  EXPECT_TRUE(wait_for(log_.after(0, 10))->empty());
  for (int i = 1; i <= 3; ++i) append(i);
  const auto entries = wait_for(log_.after(0, 10)).value();
  ASSERT_EQ(entries.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(entries[i].sequence, i + 1);
    EXPECT_EQ(entries[i].event, event(static_cast<int>(i) + 1));
  }
  EXPECT_EQ(wait_for(log_.after(1, 1))->front().sequence, 2u);
  EXPECT_TRUE(wait_for(log_.after(3, 10))->empty());
}

TEST_P(AuditLogContract, IsOneChainHoweverManyAppend) {
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i)
      threads.emplace_back([&, i] {
        for (int j = 0; j < 20; ++j) append(100 * i + j);
      });
  }
  const auto verdict = wait_for(verify_chain(log_)).value();
  EXPECT_EQ(verdict.entries, 160u);
  EXPECT_EQ(verdict.first_broken, std::nullopt);
  EXPECT_EQ(verdict.newest_hash, wait_for(log_.after(159, 1))->front().hash);
}

TEST_P(AuditLogContract, AnEmptyChainHolds) {
  const auto verdict = wait_for(verify_chain(log_)).value();
  EXPECT_EQ(verdict.entries, 0u);
  EXPECT_EQ(verdict.first_broken, std::nullopt);
}

GH_TEST_EACH_STORE(AuditLogContract);

TEST(AuditChain, DependsOnEverythingInItsOrder) {
  const std::string hash = chain_hash("p", 1, event(1));
  EXPECT_NE(chain_hash("q", 1, event(1)), hash);
  EXPECT_NE(chain_hash("p", 2, event(1)), hash);
  AuditEvent shifted = event(1);  // the same characters, in other members
  shifted.actor = "adab";
  shifted.subject = "ob";
  EXPECT_NE(chain_hash("p", 1, shifted), hash);
  for (std::string AuditEvent::* member :
       {&AuditEvent::event, &AuditEvent::actor, &AuditEvent::subject, &AuditEvent::client, &AuditEvent::sid,
        &AuditEvent::address, &AuditEvent::reason}) {
    AuditEvent other = event(1);
    (other.*member) += "x";
    EXPECT_NE(chain_hash("p", 1, other), hash);
  }
}

class ChangedFile : public testing::TestWithParam<const char*> {};

// By somebody who takes the trigger away first.
TEST_P(ChangedFile, BreaksTheChainWhereItWasChanged) {
  const test_support::TemporaryFolder folder;
  const std::string path = folder.path("store.db");
  const auto store = open_sqlite_store(path).value();
  for (int i = 1; i <= 5; ++i) ASSERT_TRUE(wait_for(store->audit().append(event(i))));
  auto connection = SqliteConnection::open(path, SqliteConnection::Mode::write, Seconds(1)).value();
  EXPECT_FALSE(connection.run(GetParam()));
  ASSERT_TRUE(connection.run("DROP TRIGGER audit_is_not_changed; DROP TRIGGER audit_is_not_deleted"));
  ASSERT_TRUE(connection.run(GetParam()));
  const auto verdict = wait_for(verify_chain(store->audit())).value();
  EXPECT_EQ(verdict.first_broken, 3u);
  EXPECT_EQ(verdict.entries, 2u);
}

INSTANTIATE_TEST_SUITE_P(AuditChain, ChangedFile,
                         testing::Values("UPDATE audit SET actor = 'eve' WHERE sequence = 3",
                                         "DELETE FROM audit WHERE sequence = 3",
                                         "UPDATE audit SET sequence = sequence + 10 WHERE sequence >= 3"));

}  // namespace
}  // namespace gatehouse::stores
