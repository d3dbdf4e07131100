#include "gatehouse/stores/user_store.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "tests/support/temporary_folder.h"

namespace gatehouse::stores {
namespace {

// One suite that every store passes.
struct Backend {
  const char* name;
  std::unique_ptr<UserStore> (*make)(const std::string& path);
};

const Backend backends[] = {
    {"Memory", [](const std::string&) { return make_memory_user_store(); }},
    {"Sqlite", [](const std::string& path) { return open_sqlite_user_store(path).value(); }},
};

class UserStoreContract : public testing::TestWithParam<Backend> {
 protected:
  UserStoreContract() : store_(GetParam().make(folder_.path("users.db"))) {}

  test_support::TemporaryFolder folder_;
  std::unique_ptr<UserStore> store_;
  const User ada_{.id = "u1",
                  .email = "ada@example.com",
                  .password_hash = "$h",
                  .roles = {"Admin", "a\"b"},
                  .scopes = {"orders.read"},
                  .epoch = 4};
};

TEST_P(UserStoreContract, GivesBackWhatWasAdded) {
  ASSERT_TRUE(store_->add(ada_));
  EXPECT_EQ(store_->find_by_id("u1"), ada_);
  EXPECT_EQ(store_->find_by_email("ada@example.com"), ada_);
  EXPECT_EQ(store_->count(), 1u);
}

TEST_P(UserStoreContract, FindsAnEmailWithoutRegardToCase) {
  ASSERT_TRUE(store_->add(ada_));
  EXPECT_TRUE(store_->find_by_email("ADA@Example.com"));
}

TEST_P(UserStoreContract, SaysWhenThereIsNoSuchUser) {
  for (const char* text : {"", "nobody", "' OR 1=1 --"}) {
    EXPECT_EQ(store_->find_by_id(text).error().kind, Failure::not_found);
    EXPECT_EQ(store_->find_by_email(text).error().kind, Failure::not_found);
  }
  EXPECT_EQ(store_->set_disabled("nobody", true).error().kind, Failure::not_found);
  EXPECT_EQ(store_->set_password_hash("nobody", "$h").error().kind, Failure::not_found);
  EXPECT_EQ(store_->raise_epoch("nobody").error().kind, Failure::not_found);
}

TEST_P(UserStoreContract, RefusesASecondUserOfOneIdOrEmail) {
  ASSERT_TRUE(store_->add(ada_));
  User same_id = ada_;
  same_id.email = "other@example.com";
  User same_email = ada_;
  same_email.id = "u2";
  same_email.email = "Ada@example.com";
  EXPECT_EQ(store_->add(same_id).error().kind, Failure::conflict);
  EXPECT_EQ(store_->add(same_email).error().kind, Failure::conflict);
  EXPECT_EQ(store_->count(), 1u);
}

TEST_P(UserStoreContract, ChangesWhatItIsAskedTo) {
  ASSERT_TRUE(store_->add(ada_));
  ASSERT_TRUE(store_->set_disabled("u1", true));
  ASSERT_TRUE(store_->set_password_hash("u1", "$new"));
  EXPECT_TRUE(store_->find_by_id("u1")->disabled);
  EXPECT_EQ(store_->find_by_id("u1")->password_hash, "$new");
  ASSERT_TRUE(store_->raise_epoch("u1"));
  EXPECT_EQ(store_->find_by_id("u1")->epoch, ada_.epoch + 1);
  ASSERT_TRUE(store_->set_disabled("u1", false));
  EXPECT_FALSE(store_->find_by_id("u1")->disabled);
}

TEST_P(UserStoreContract, KeepsAllOfANewUser) {
  User changed = ada_;
  changed.epoch = 7;
  changed.roles = {"Admin"};
  ASSERT_TRUE(store_->add(changed));
  EXPECT_EQ(store_->find_by_id("u1"), changed);
}

TEST_P(UserStoreContract, ListsThemByIdAPieceAtATime) {
  for (const char* id : {"u3", "u1", "u2"}) {
    ASSERT_TRUE(store_->add({.id = id, .email = std::string(id) + "@example.com"}));
  }
  const auto ids = [&](std::string_view after, std::size_t most) {
    std::string all;
    const auto listed = store_->list(after, most).value();
    for (const User& user : listed) all += user.id + ' ';
    return all;
  };
  EXPECT_EQ(ids("", 2), "u1 u2 ");
  EXPECT_EQ(ids("u2", 2), "u3 ");
  EXPECT_EQ(ids("u3", 2), "");
}

TEST_P(UserStoreContract, ChangesRightsAndRemoves) {
  ASSERT_TRUE(store_->add(ada_));
  ASSERT_TRUE(store_->set_rights("u1", {"Admin"}, {"orders.read", "orders.write"}));
  EXPECT_EQ(store_->find_by_id("u1")->roles, std::vector<std::string>{"Admin"});
  EXPECT_EQ(store_->find_by_id("u1")->scopes, (std::vector<std::string>{"orders.read", "orders.write"}));
  ASSERT_TRUE(store_->remove("u1"));
  EXPECT_EQ(store_->find_by_id("u1").error().kind, Failure::not_found);
  EXPECT_EQ(store_->set_rights("u1", {}, {}).error().kind, Failure::not_found);
  EXPECT_EQ(store_->remove("u1").error().kind, Failure::not_found);
}

TEST_P(UserStoreContract, ReplacesAHashOnlyIfItIsStillTheSame) {
  ASSERT_TRUE(store_->add(ada_));
  EXPECT_TRUE(store_->replace_password_hash("u1", "$h", "$new"));
  EXPECT_EQ(store_->replace_password_hash("u1", "$h", "$other").error().kind, Failure::conflict);
  EXPECT_EQ(store_->replace_password_hash("nobody", "$h", "$new").error().kind, Failure::conflict);
  EXPECT_EQ(store_->find_by_id("u1")->password_hash, "$new");
}

TEST_P(UserStoreContract, OneOfManyRacingAddsWins) {
  std::atomic<int> added = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) threads.emplace_back([&] { added += store_->add(ada_).has_value(); });
  }
  EXPECT_EQ(added, 1);
}

INSTANTIATE_TEST_SUITE_P(Stores, UserStoreContract, testing::ValuesIn(backends),
                         [](const auto& test) { return test.param.name; });

TEST(SqliteUserStore, KeepsUsersOverARestart) {
  const test_support::TemporaryFolder folder;
  const std::string path = folder.path("users.db");
  ASSERT_TRUE(open_sqlite_user_store(path).value()->add({.id = "u1", .email = "ada@example.com"}));
  EXPECT_TRUE(open_sqlite_user_store(path).value()->find_by_id("u1"));
}

TEST(SqliteUserStore, NamesTheFileItCannotUse) {
  const test_support::TemporaryFolder folder;
  const std::string path = folder.path("users.db");
  test_support::write_file(
      path, "this is no database, and long enough to be read as a header of one: " + std::string(200, 'x'));
  const auto opened = open_sqlite_user_store(path);
  ASSERT_FALSE(opened);
  EXPECT_TRUE(opened.error().subject.starts_with(path));
  EXPECT_FALSE(open_sqlite_user_store("/nowhere/at/all.db"));
}

}  // namespace
}  // namespace gatehouse::stores
