#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>

#include "gatehouse/base/wait_for.h"
#include "gatehouse/stores/sqlite_file.h"
#include "gatehouse/stores/sqlite_maintenance.h"
#include "gatehouse/stores/sqlite_schema.h"
#include "gatehouse/stores/store.h"
#include "gatehouse/stores/user_store.h"
#include "tests/support/stored_sessions.h"
#include "tests/support/temporary_folder.h"

namespace gatehouse::stores {
namespace {

namespace fs = std::filesystem;

constexpr Instant start{Seconds(1'780'000'000)};
constexpr Instant later = start + Seconds(3'600);

// Where the restore learns what happened after the backup.
enum class Source : std::uint8_t { old_database, journal, nothing };

class Restore : public ::testing::Test {
 protected:
  void open() {
    store_ = open_sqlite_store(path_).value();
    users_ = open_sqlite_user_store(path_).value();
  }
  void close() {
    store_.reset();
    users_.reset();
  }

  void add(const std::string& sid) { test_support::add_session(*store_, sid, start); }
  void rotate(const std::string& sid, std::uint32_t generation = 0) {
    test_support::rotate_session(*store_, sid, generation, start);
  }
  void end(const std::string& sid) { test_support::end_session(*store_, sid, start); }
  Session found(const std::string& sid) {
    return wait_for(store_->sessions().find_by_sid(sid)).value_or(Session{.sid = "none"});
  }
  // "alive", or why it is not.
  std::string state(const std::string& sid) {
    const Session one = found(sid);
    if (one.sid == "none") return "none";
    return one.ended ? std::string(name(one.end_reason)) : "alive";
  }
  RevocationPage revocations() { return wait_for(store_->revocations().after(0, later, 100)).value(); }
  bool is_denied(const std::string& value) {
    for (const Revocation& one : revocations().entries)
      if (one.value == value) return true;
    return false;
  }

  void back_up(const std::string& target) { ASSERT_TRUE(stores::back_up(path_, target, start)); }
  void remove_database() {
    for (const char* suffix : {"", "-wal", "-shm"}) fs::remove(path_ + suffix);
  }
  void remove_journals() {
    for (const std::string& name : folder_.names())
      if (name.contains(".journal-")) fs::remove(folder_.path(name));
  }
  // The database is as it was before `steps`, the journal as after them.
  void lose(const std::function<void()>& steps) {
    close();
    const std::string snapshot = test_support::read_file(path_);
    open();
    steps();
    close();
    remove_database();
    test_support::write_file(path_, snapshot);
  }
  // With what the source leaves; the stores are open again afterwards.
  RestoreReport restore_from(Source source, const RestoreOptions& options = {}) {
    close();
    if (source != Source::old_database) remove_database();
    if (source == Source::nothing) remove_journals();
    auto report = stores::restore(backup_, path_, later, options);
    EXPECT_TRUE(report) << report.error().subject;
    open();
    return report.value_or(RestoreReport{});
  }

  test_support::TemporaryFolder folder_;
  std::string path_ = folder_.path("store.db");
  std::string backup_ = folder_.path("backup.db");
  std::unique_ptr<Store> store_ = open_sqlite_store(path_).value();
  std::unique_ptr<UserStore> users_ = open_sqlite_user_store(path_).value();
};

class RestoreFrom : public Restore, public ::testing::WithParamInterface<Source> {};

TEST_P(RestoreFrom, WhatWasRevokedStaysRevoked) {
  for (const char* sid : {"quiet", "ended", "rotated"}) add(sid);
  rotate("rotated");
  back_up(backup_);
  end("ended");
  rotate("rotated", 1);
  rotate("rotated", 2);
  add("new");
  const std::uint64_t head = revocations().head;

  const RestoreReport report = restore_from(GetParam());

  EXPECT_EQ(report.backup, 1u);
  EXPECT_TRUE(report.is_complete());
  EXPECT_EQ(state("quiet"), "alive");
  EXPECT_EQ(state("ended"), "logout");
  EXPECT_TRUE(is_denied("ended"));
  EXPECT_GE(revocations().head, head);
  if (GetParam() == Source::old_database) {
    EXPECT_TRUE(report.has_used_old);
    EXPECT_EQ(report.sessions_ended, 0u);
    EXPECT_EQ(state("new"), "alive");
    EXPECT_EQ(state("rotated"), "alive");
    EXPECT_EQ(found("rotated").generation, 3u);
    EXPECT_EQ(found("rotated").secret_hash, "hash 3");
  } else {  // which of its tokens is the newest is in no journal
    EXPECT_EQ(report.sessions_ended, 1u);
    EXPECT_EQ(state("rotated"), "restored");
    EXPECT_TRUE(is_denied("rotated"));
    EXPECT_EQ(state("new"), "none");
  }
}

TEST_P(RestoreFrom, UsersLoseWhatTheyHaveLost) {
  const User ada{.id = "ada", .email = "ada@example.com", .password_hash = "$old", .roles = {"admin"}};
  ASSERT_TRUE(users_->add(ada));
  ASSERT_TRUE(users_->add({.id = "bob", .email = "bob@example.com", .password_hash = "$old"}));
  ASSERT_TRUE(users_->add({.id = "cleo", .email = "cleo@example.com", .password_hash = "$old"}));
  back_up(backup_);
  ASSERT_TRUE(users_->set_password_hash("ada", "$new"));
  ASSERT_TRUE(users_->raise_epoch("ada"));
  ASSERT_TRUE(users_->set_disabled("bob", true));
  ASSERT_TRUE(users_->add({.id = "dan", .email = "dan@example.com"}));

  restore_from(GetParam());

  EXPECT_EQ(users_->find_by_id("ada")->password_hash, "$new");
  EXPECT_EQ(users_->find_by_id("ada")->epoch, 1u);
  EXPECT_EQ(users_->find_by_id("ada")->roles, ada.roles);
  EXPECT_TRUE(users_->find_by_id("bob")->disabled);
  EXPECT_FALSE(users_->find_by_id("cleo")->disabled);
  EXPECT_TRUE(users_->find_by_id("dan"));
}

TEST_P(RestoreFrom, WhatWasRemovedIsBackAndMayNotBeUsed) {
  ASSERT_TRUE(
      wait_for(store_->clients().add({.id = "web", .secrets = {{.hash = "leaked"}, {.hash = "new"}}})));
  ASSERT_TRUE(wait_for(store_->clients().add({.id = "gone"})));
  ASSERT_TRUE(users_->add({.id = "ada", .email = "ada@example.com"}));
  back_up(backup_);
  ASSERT_TRUE(wait_for(store_->clients().update({.id = "web", .secrets = {{.hash = "new"}}})));
  ASSERT_TRUE(wait_for(store_->clients().remove("gone")));
  ASSERT_TRUE(users_->remove("ada"));

  const RestoreReport report = restore_from(GetParam());

  EXPECT_EQ(report.clients_disabled, 1u);
  EXPECT_EQ(report.users_disabled, 1u);
  EXPECT_EQ(wait_for(store_->clients().find("web"))->secrets.size(), 1u);
  EXPECT_FALSE(wait_for(store_->clients().find("web"))->is_disabled);
  EXPECT_TRUE(wait_for(store_->clients().find("gone"))->is_disabled);
  EXPECT_TRUE(users_->find_by_id("ada")->disabled);
}

TEST_P(RestoreFrom, ALoginByAnotherIssuerThatWasTakenAwayStaysAway) {
  const auto add_login = [&](const char* subject, const char* user) {
    const ExternalLogin login{
        .issuer = "https://other", .subject = subject, .user_id = user, .created = start};
    ASSERT_TRUE(wait_for(store_->external_logins().add(login)));
  };
  add_login("kept", "ada");
  add_login("removed", "bob");
  back_up(backup_);
  ASSERT_TRUE(wait_for(store_->external_logins().remove("https://other", "removed")));
  add_login("new", "cleo");

  restore_from(GetParam());

  EXPECT_TRUE(wait_for(store_->external_logins().find("https://other", "kept")));
  EXPECT_FALSE(wait_for(store_->external_logins().find("https://other", "removed")));
  EXPECT_EQ(wait_for(store_->external_logins().find("https://other", "new"))->user_id, "cleo");
}

// A table that comes anew has to be thought of: in journal_triggers.cc, in restore_sources.cc, and here.
TEST_F(Restore, KnowsEveryTable) {
  auto connection = open_sqlite_to_read(path_).value();
  auto statement = connection.prepare(
      "SELECT group_concat(name, ' ') FROM (SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY "
      "name)");
  ASSERT_TRUE(statement.has_row());
  EXPECT_EQ(statement.text_at(0),
            "audit clients clock external_logins keys lineage revocations sessions sqlite_sequence users");
}

TEST_P(RestoreFrom, KeysOnlyMoveOn) {
  const auto key = [](std::string id, std::uint32_t number, KeyState state, std::string wrapped = "sealed") {
    return StoredKey{.id = std::move(id),
                     .purpose = "sign:ES256",
                     .number = number,
                     .state = state,
                     .public_key = "{}",
                     .wrapped = std::move(wrapped)};
  };
  const auto apply = [&](std::vector<KeyChange> changes) {
    ASSERT_TRUE(wait_for(store_->keys().apply(std::move(changes))));
  };
  using enum KeyState;
  apply({{key("stolen", 1, active), std::nullopt}, {key("next", 2, announced), std::nullopt}});
  back_up(backup_);
  apply({{key("stolen", 1, compromised, ""), active},
         {key("next", 2, active), announced},
         {key("third", 3, announced), std::nullopt}});
  apply({{key("next", 2, retired, ""), active},
         {key("third", 3, active), announced},
         {key("fourth", 4, announced), std::nullopt}});

  restore_from(GetParam());

  const auto keys = wait_for(store_->keys().list()).value();
  ASSERT_EQ(keys.size(), 4u);
  EXPECT_EQ(keys[0].state, compromised);
  EXPECT_TRUE(keys[0].wrapped.empty());
  EXPECT_EQ(keys[1].state, retired);
  EXPECT_TRUE(keys[1].wrapped.empty());
  if (GetParam() == Source::old_database) {
    EXPECT_EQ(keys[2].state, active);
    EXPECT_EQ(keys[2].wrapped, "sealed");
    EXPECT_EQ(keys[3].state, announced);
  } else {  // what it has signed is still believed, and it signs no more
    EXPECT_EQ(keys[2].state, retired);
    EXPECT_EQ(keys[2].public_key, "{}");
    EXPECT_EQ(keys[2].removes, later + RestoreOptions{}.longest_token);
    EXPECT_EQ(keys[3].state, removed);
  }
}

TEST_P(RestoreFrom, AStrictOneEndsEverySessionForEverLater) {
  add("quiet");
  back_up(backup_);
  add("new");
  EXPECT_EQ(restore_from(GetParam(), {.strict = true}).sessions_ended,
            GetParam() == Source::old_database ? 2u : 1u);
  EXPECT_EQ(state("quiet"), "restored");
  EXPECT_TRUE(is_denied("quiet"));

  restore_from(Source::journal);
  EXPECT_EQ(state("quiet"), "restored");
}

TEST_P(RestoreFrom, NoRevocationGetsANumberThatWasGiven) {
  back_up(backup_);
  for (const char* value : {"a", "b", "c"})
    ASSERT_TRUE(wait_for(store_->revocations().append({.value = value, .until = start})));
  ASSERT_TRUE(wait_for(store_->revocations().remove_over(later, 100)));
  const RevocationPage before = revocations();
  EXPECT_EQ(before.head, 3u);

  restore_from(GetParam());

  EXPECT_GE(revocations().head, before.head);
  EXPECT_FALSE(revocations().epoch.empty());
  EXPECT_NE(revocations().epoch, before.epoch);
  EXPECT_GT(wait_for(store_->revocations().append({.value = "d", .until = later})).value(), 3u);
}

INSTANTIATE_TEST_SUITE_P(Stores, RestoreFrom, ::testing::Values(Source::old_database, Source::journal),
                         [](const auto& test) {
                           return test.param == Source::journal ? "TheJournal" : "TheOldDatabase";
                         });

TEST_F(Restore, WithoutOldDatabaseAndJournalEverySessionEnds) {
  for (const char* sid : {"quiet", "ended"}) add(sid);
  back_up(backup_);
  end("ended");
  const std::uint64_t head = revocations().head;

  const RestoreReport report = restore_from(Source::nothing);

  EXPECT_FALSE(report.is_complete());
  EXPECT_EQ(report.sessions_ended, 2u);
  EXPECT_EQ(state("quiet"), "restored");
  EXPECT_EQ(state("ended"), "restored");
  EXPECT_GT(revocations().head, head);
}

TEST_F(Restore, OrGoesOnWhenTheBackupIsTrusted) {
  add("quiet");
  back_up(backup_);
  EXPECT_EQ(restore_from(Source::nothing, {.trusts_backup = true}).sessions_ended, 0u);
  EXPECT_EQ(state("quiet"), "alive");
}

TEST_F(Restore, APartOfTheJournalIsNotEnough) {
  add("quiet");
  back_up(backup_);
  back_up(folder_.path("second.db"));
  end("quiet");
  close();
  auto connection = open_sqlite_to_read(path_).value();
  fs::remove(journal_file(path_, {.lineage = lineage_of(connection).value().id, .backup = 2}));
  EXPECT_FALSE(restore_from(Source::journal).is_complete());
  EXPECT_EQ(state("quiet"), "restored");
}

TEST_F(Restore, AnOlderBackupTakesEveryJournalSince) {
  for (const char* sid : {"first", "second", "third"}) add(sid);
  back_up(backup_);
  end("first");
  back_up(folder_.path("second.db"));
  end("second");
  EXPECT_TRUE(restore_from(Source::journal).has_used_journal);
  EXPECT_EQ(state("first"), "logout");
  EXPECT_EQ(state("second"), "logout");
  EXPECT_EQ(state("third"), "alive");
  end("third");
  EXPECT_TRUE(restore_from(Source::journal).has_used_journal);
  EXPECT_EQ(state("third"), "logout");
}

TEST_F(Restore, ASessionMayBeCarriedOnByANewerTokenForAWhile) {
  for (const char* sid : {"quiet", "rotated"}) add(sid);
  back_up(backup_);
  rotate("rotated");
  const RestoreReport report = restore_from(Source::journal, {.recovery_window = Seconds(600)});
  EXPECT_EQ(report.sessions_recoverable, 1u);
  EXPECT_EQ(report.sessions_ended, 0u);
  EXPECT_EQ(state("rotated"), "alive");
  EXPECT_EQ(found("rotated").secret_hash, "");  // the token that the backup knows is an old one
  EXPECT_EQ(found("quiet").secret_hash, "hash 0");
}

// A program that is killed between the two flushes of a transaction leaves its lines without its commit.
TEST_F(Restore, ADatabaseWithoutTheJournalsLastTransactionIsBelieved) {
  add("ended");
  back_up(backup_);
  add("since");
  lose([this] { end("ended"); });
  const RestoreReport report = restore_from(Source::old_database);
  EXPECT_TRUE(report.has_used_old);
  EXPECT_EQ(report.sessions_ended, 0u);
  EXPECT_EQ(state("since"), "alive");
  EXPECT_EQ(state("ended"), "logout");  // too much was taken away, never too little
  EXPECT_TRUE(is_denied("ended"));
}

TEST_F(Restore, AnOutdatedDatabaseIsNotBelieved) {
  for (const char* sid : {"ended", "rotated"}) add(sid);
  back_up(backup_);
  lose([this] {
    end("ended");
    rotate("rotated");
  });
  const RestoreReport report = restore_from(Source::old_database);
  EXPECT_FALSE(report.has_used_old);
  EXPECT_TRUE(report.has_used_journal);
  EXPECT_EQ(state("ended"), "logout");
  EXPECT_EQ(state("rotated"), "restored");
}

TEST_F(Restore, ADamagedOrAnotherDatabaseIsKeptAndNotBelieved) {
  for (const char* sid : {"quiet", "ended"}) add(sid);
  back_up(backup_);
  end("ended");
  close();
  const std::string whole = test_support::read_file(path_);
  const std::string damaged = whole.substr(0, 8192) + std::string(whole.size() - 8192, '\7');
  remove_database();
  ASSERT_TRUE(open_sqlite_store(path_));
  const std::string another = test_support::read_file(path_);
  for (const std::string& text : {std::string("no database"), damaged, another}) {
    remove_database();
    test_support::write_file(path_, text);
    const RestoreReport report = restore_from(Source::old_database);
    EXPECT_FALSE(report.has_used_old);
    EXPECT_TRUE(report.has_used_journal);
    EXPECT_EQ(fs::file_size(report.replaced), text.size());
    EXPECT_EQ(state("quiet"), "alive");
    EXPECT_EQ(state("ended"), "logout");
  }
}

TEST_F(Restore, IsRefusedWhileSomebodyUsesTheDatabase) {
  back_up(backup_);
  EXPECT_EQ(stores::restore(backup_, path_, later).error().kind, Failure::conflict);
  store_.reset();
  EXPECT_EQ(stores::restore(backup_, path_, later).error().kind, Failure::conflict);
  users_.reset();
  {
    auto other = open_sqlite_to_read(path_).value();
    ASSERT_TRUE(version_of(other));
    EXPECT_EQ(stores::restore(backup_, path_, later).error().kind, Failure::conflict);
  }
  EXPECT_TRUE(stores::restore(backup_, path_, later));
}

TEST_F(Restore, TakesBackupsAlone) {
  add("quiet");
  close();
  fs::copy_file(path_, backup_);
  EXPECT_EQ(stores::restore(backup_, path_, later).error().kind, Failure::conflict);
  EXPECT_EQ(stores::restore(folder_.path("none"), path_, later).error().kind, Failure::not_found);
  test_support::write_file(folder_.path("text"), "no database");
  const auto refused = stores::restore(folder_.path("text"), path_, later);
  EXPECT_EQ(refused.error().kind, Failure::unavailable);
  EXPECT_TRUE(refused.error().subject.starts_with(folder_.path("text")));
  EXPECT_FALSE(restore_from(Source::journal, {.trusts_backup = true}).is_complete());
  EXPECT_EQ(state("quiet"), "alive");
  EXPECT_EQ(restore_from(Source::old_database, {.strict = true}).backup, 0u);
  EXPECT_EQ(state("quiet"), "restored");
}

TEST_F(Restore, ToAPlaceWhereThereWasNothingLeavesNoWalBehind) {
  add("quiet");
  back_up(backup_);
  end("quiet");
  close();
  test_support::write_file(path_ + "-wal", "of another time");
  restore_from(Source::journal);
  EXPECT_EQ(state("quiet"), "logout");
}

TEST_F(Restore, TheAuditLogGoesOn) {
  back_up(backup_);
  ASSERT_TRUE(wait_for(store_->audit().append({.at = start, .event = "user.created"})));
  restore_from(Source::old_database);
  const auto entries = wait_for(store_->audit().after(0, 10)).value();
  ASSERT_EQ(entries.size(), 3u);
  EXPECT_EQ(entries[0].event.event, "db.backup");
  EXPECT_EQ(entries[1].event.event, "user.created");
  EXPECT_EQ(entries[2].event.event, "db.restored");
  EXPECT_EQ(entries[2].event.reason, "old_database");
  EXPECT_EQ(check_database(path_).value().audit.first_broken, std::nullopt);
}

}  // namespace
}  // namespace gatehouse::stores
