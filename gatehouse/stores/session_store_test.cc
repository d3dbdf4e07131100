#include "gatehouse/stores/session_store.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <thread>

#include "gatehouse/base/wait_for.h"
#include "gatehouse/stores/store.h"
#include "tests/support/each_store.h"

namespace gatehouse::stores {
namespace {

constexpr Instant login_time{Seconds(1'780'000'000)};
constexpr Instant later = login_time + Seconds(600);
constexpr Seconds day = std::chrono::hours(24);

Session session(int number = 1) {
  return {.id = fmt::format("{:016}", number),
          .sid = fmt::format("sid-{}", number),
          .user_id = "ada",
          .client_id = "web",
          .scope = "orders.read orders.write",
          .audience = "https://api.example.com",
          .amr = "pwd",
          .binding = "",
          .device = "a browser",
          .address = "192.0.2.1",
          .created = login_time,
          .idle_expires = login_time + 14 * day,
          .absolute_expires = login_time + 30 * day,
          .user_epoch = 3,
          .secret_hash = "hash 0"};
}

SessionRotation rotation(std::uint32_t generation, int number = 1) {
  return {.id = session(number).id,
          .client_id = "web",
          .binding = "",
          .generation = generation,
          .secret_hash = fmt::format("hash {}", generation),
          .next_secret_hash = fmt::format("hash {}", generation + 1),
          .successor = fmt::format("sealed {}", generation + 1),
          .request_hash = fmt::format("nonce {}", generation + 1),
          .address = "192.0.2.2",
          .now = later,
          .idle_lifetime = 14 * day};
}

class SessionStoreContract : public test_support::EachStore {
 protected:
  SessionStore& sessions() { return store_->sessions(); }
  void add(const Session& one) { ASSERT_TRUE(wait_for(sessions().add(one))); }
  Session find(int number = 1) { return wait_for(sessions().find_by_sid(session(number).sid)).value(); }
  bool rotate(const SessionRotation& one) { return wait_for(sessions().rotate(one)).value().is_rotated; }
  std::vector<std::string> end(const SessionSelection& which, Instant now = later) {
    return wait_for(sessions().end(which, SessionEnd::logout, now, now + Seconds(660))).value();
  }
  RevocationPage log(std::uint64_t after = 0, Instant now = later, std::size_t most = 100) {
    return wait_for(store_->revocations().after(after, now, most)).value();
  }
};

TEST_P(SessionStoreContract, GivesBackWhatWasAdded) {
  Session one = session();
  one.binding = "thumbprint";
  one.successor = std::string("\0sealed\0", 8);
  one.request_hash = "nonce";
  one.rotated = later;
  one.grace_uses = 2;
  one.mismatches = 1;
  one.mismatched = later;
  one.recoverable_until = later;
  one.ended = later + Seconds(1);
  one.end_reason = SessionEnd::password_change;
  add(one);
  EXPECT_EQ(find(), one);
  EXPECT_EQ(wait_for(sessions().find_by_id(one.id)), one);
  add(session(2));
  EXPECT_EQ(find(2), session(2));
  EXPECT_EQ(wait_for(sessions().count()), 2u);
}

TEST_P(SessionStoreContract, KnowsNoOtherSession) {
  add(session());
  for (const char* sid : {"", "sid-2", "SID-1", "' OR 1=1 --"})
    EXPECT_EQ(wait_for(sessions().find_by_sid(sid)).error().kind, Failure::not_found) << sid;
  EXPECT_EQ(wait_for(sessions().find_by_id("sid-1")).error().kind, Failure::not_found);
}

TEST_P(SessionStoreContract, CountsMismatchesWithinAWindow) {
  add(session());
  const auto count = [&](Seconds passed) {
    return wait_for(sessions().count_mismatch(session().id, later + passed, Seconds(3600)));
  };
  EXPECT_EQ(count(Seconds(0)), 1);
  EXPECT_EQ(count(Seconds(10)), 2);
  EXPECT_EQ(count(Seconds(3599)), 3);
  EXPECT_EQ(count(Seconds(3600)), 1);
  EXPECT_EQ(find().mismatched, later + Seconds(3600));
  EXPECT_EQ(wait_for(sessions().count_mismatch("other", later, Seconds(1))).error().kind, Failure::not_found);
}

TEST_P(SessionStoreContract, RefusesASecondSessionOfOneIdOrSid) {
  add(session());
  Session same_id = session(2), same_sid = session(2);
  same_id.id = session(1).id;
  same_sid.sid = session(1).sid;
  for (const Session& other : {same_id, same_sid})
    EXPECT_EQ(wait_for(sessions().add(other)).error().kind, Failure::conflict);
  EXPECT_EQ(wait_for(sessions().count()), 1u);
}

TEST_P(SessionStoreContract, RotatesTheNewestGeneration) {
  add(session());
  const auto outcome = wait_for(sessions().rotate(rotation(0))).value();
  EXPECT_TRUE(outcome.is_rotated);
  Session expected = session();
  expected.generation = 1;
  expected.secret_hash = "hash 1";
  expected.successor = "sealed 1";
  expected.request_hash = "nonce 1";
  expected.address = "192.0.2.2";
  expected.rotated = later;
  expected.idle_expires = later + 14 * day;
  EXPECT_EQ(outcome.session, expected);
  EXPECT_EQ(find(), expected);
  EXPECT_TRUE(rotate(rotation(1)));
}

TEST_P(SessionStoreContract, CarriesOnWhatIsRecoverableOnce) {
  Session left_behind = session();
  left_behind.generation = 3;
  left_behind.secret_hash.clear();
  left_behind.recoverable_until = later;
  add(left_behind);
  const auto carry_on = [&](std::uint32_t generation, Seconds passed, std::string client = "web") {
    SessionRotation wanted = rotation(generation);
    wanted.client_id = std::move(client);
    wanted.now = login_time + passed;
    return wait_for(sessions().carry_on(wanted))->is_rotated;
  };
  EXPECT_FALSE(carry_on(3, Seconds(1)));    // no newer than the row
  EXPECT_FALSE(carry_on(9, Seconds(600)));  // too late
  EXPECT_FALSE(carry_on(9, Seconds(1), "another"));
  EXPECT_FALSE(wait_for(sessions().rotate(rotation(3)))->is_rotated);
  EXPECT_TRUE(carry_on(9, Seconds(599)));
  EXPECT_EQ(find().generation, 10u);
  EXPECT_EQ(find().secret_hash, "hash 10");
  EXPECT_FALSE(carry_on(12, Seconds(599)));  // a second time

  add(session(2));  // nothing has left this one behind
  EXPECT_FALSE(wait_for(sessions().carry_on(rotation(9, 2)))->is_rotated);
}

TEST_P(SessionStoreContract, RotatingNeverMovesTheAbsoluteEnd) {
  add(session());
  for (std::uint32_t generation = 0; generation < 30; ++generation) {
    SessionRotation one = rotation(generation);
    one.now = login_time + generation * day;
    ASSERT_TRUE(rotate(one)) << generation;
    EXPECT_LE(find().idle_expires, session().absolute_expires);
    EXPECT_EQ(find().absolute_expires, session().absolute_expires);
  }
  SessionRotation late = rotation(30);
  late.now = login_time + 30 * day;
  EXPECT_FALSE(rotate(late));
}

struct Refusal {
  const char* name;
  std::function<void(Session&)> change_session;
  std::function<void(SessionRotation&)> change_rotation;
};
const auto as_it_is = [](auto&) {};
const std::vector<Refusal> refusals = {
    {"another generation", as_it_is, [](auto& r) { r.generation = 1; }},
    {"another secret", as_it_is, [](auto& r) { r.secret_hash = "other"; }},
    {"another client", as_it_is, [](auto& r) { r.client_id = "Web"; }},
    {"another key", as_it_is, [](auto& r) { r.binding = "key"; }},
    {"no key", [](auto& s) { s.binding = "key"; }, as_it_is},
    {"it has ended", [](auto& s) { s.ended = login_time; }, as_it_is},
    {"it was idle", [](auto& s) { s.idle_expires = later; }, as_it_is},
    {"it is over", [](auto& s) { s.absolute_expires = later; }, as_it_is},
};

TEST_P(SessionStoreContract, RotatesNothingElseAndSaysHowTheRowStands) {
  int number = 0;
  for (const Refusal& row : refusals) {
    Session one = session(++number);
    row.change_session(one);
    add(one);
    SessionRotation asked = rotation(0, number);
    row.change_rotation(asked);
    const auto outcome = wait_for(sessions().rotate(asked)).value();
    EXPECT_FALSE(outcome.is_rotated) << row.name;
    EXPECT_EQ(outcome.session, one) << row.name;
    EXPECT_EQ(find(number), one) << row.name;
  }
  EXPECT_EQ(wait_for(sessions().rotate(rotation(0, 99)))->session, std::nullopt);
}

TEST_P(SessionStoreContract, CountsUsesOfGraceUpToItsLimit) {
  add(session());
  ASSERT_TRUE(rotate(rotation(0)));
  const auto use = [&](std::uint32_t generation) {
    return wait_for(sessions().use_grace(session().id, generation, 2)).value();
  };
  EXPECT_FALSE(use(0));
  EXPECT_TRUE(use(1));
  EXPECT_TRUE(use(1));
  EXPECT_FALSE(use(1));
  EXPECT_EQ(find().grace_uses, 2);
  ASSERT_TRUE(rotate(rotation(1)));
  EXPECT_FALSE(use(1));
  EXPECT_TRUE(use(2));
  end({.value = session().id});
  EXPECT_FALSE(use(2));
  EXPECT_FALSE(wait_for(sessions().use_grace("no such", 0, 2)).value());
}

TEST_P(SessionStoreContract, EndsWhatIsSelectedOnceAndLogsIt) {
  using By = SessionSelection::By;
  for (int number = 1; number <= 4; ++number) add(session(number));
  Session other = session(5), expired = session(6);
  other.user_id = "bob";
  other.client_id = "app";
  expired.idle_expires = later;
  add(other);
  add(expired);

  EXPECT_EQ(end({.by = By::id, .value = session(1).id}), std::vector<std::string>{"sid-1"});
  EXPECT_EQ(end({.by = By::id, .value = session(1).id}), std::vector<std::string>{});
  EXPECT_EQ(end({.by = By::sid, .value = "sid-5", .user_id = "ada"}), std::vector<std::string>{});
  EXPECT_EQ(end({.by = By::sid, .value = "sid-2", .user_id = "ada"}), std::vector<std::string>{"sid-2"});
  EXPECT_EQ(end({.by = By::user, .value = "ada", .except_sid = "sid-3"}), std::vector<std::string>{"sid-4"});
  EXPECT_EQ(end({.by = By::client, .value = "app"}), std::vector<std::string>{"sid-5"});
  EXPECT_FALSE(find(3).ended);
  EXPECT_FALSE(find(6).ended);
  EXPECT_EQ(find(4).ended, later);
  EXPECT_EQ(find(4).end_reason, SessionEnd::logout);

  std::vector<std::string> logged;
  for (const Revocation& entry : log().entries) {
    EXPECT_EQ(entry.kind, Revoked::session);
    EXPECT_EQ(entry.until, later + Seconds(660));
    logged.push_back(entry.value);
  }
  EXPECT_EQ(logged, (std::vector<std::string>{"sid-1", "sid-2", "sid-4", "sid-5"}));
}

TEST_P(SessionStoreContract, MovesOneSessionToAnotherEpoch) {
  add(session(1));
  add(session(2));
  ASSERT_TRUE(wait_for(sessions().set_user_epoch("sid-1", 4)));
  EXPECT_EQ(find(1).user_epoch, 4u);
  EXPECT_EQ(find(2), session(2));
  EXPECT_EQ(wait_for(sessions().set_user_epoch("sid-3", 4)).error().kind, Failure::not_found);
}

TEST_P(SessionStoreContract, ListsWhatIsAliveTheNewestFirst) {
  for (int number = 1; number <= 4; ++number) {
    Session one = session(number);
    one.created = login_time + Seconds(number);
    if (number == 2) one.ended = login_time;
    if (number == 4) one.user_id = "bob";
    add(one);
  }
  std::vector<std::string> sids;
  const auto listed = wait_for(sessions().list("ada", later, 10)).value();
  for (const Session& one : listed) sids.push_back(one.sid);
  EXPECT_EQ(sids, (std::vector<std::string>{"sid-3", "sid-1"}));
  EXPECT_EQ(wait_for(sessions().list("ada", later, 1))->size(), 1u);
  EXPECT_EQ(wait_for(sessions().list("ada", login_time + 30 * day, 10))->size(), 0u);
}

TEST_P(SessionStoreContract, RemovesWhatHasBeenOverForLongInSteps) {
  for (int number = 1; number <= 5; ++number) {
    Session one = session(number);
    if (number > 3) one.absolute_expires = login_time + 40 * day;
    add(one);
  }
  const Instant before = login_time + 31 * day;
  EXPECT_EQ(wait_for(sessions().remove_expired(login_time + 30 * day, 10)), 0u);
  EXPECT_EQ(wait_for(sessions().remove_expired(before, 2)), 2u);
  EXPECT_EQ(wait_for(sessions().remove_expired(before, 2)), 1u);
  EXPECT_EQ(wait_for(sessions().remove_expired(before, 2)), 0u);
  EXPECT_EQ(wait_for(sessions().count()), 2u);
  EXPECT_EQ(wait_for(sessions().find_by_sid("sid-1")).error().kind, Failure::not_found);
  add(session(1));
}

TEST_P(SessionStoreContract, ForgetsSuccessorsInSteps) {
  for (int number = 1; number <= 5; ++number) {
    add(session(number));
    SessionRotation one = rotation(0, number);
    one.now = later + Seconds(number);
    ASSERT_TRUE(rotate(one));
  }
  std::string at;
  int steps = 0;
  do {
    at = wait_for(sessions().forget_successors(later + Seconds(4), at, 2)).value();
    ++steps;
  } while (!at.empty());
  EXPECT_EQ(steps, 3);
  for (int number = 1; number <= 5; ++number) EXPECT_EQ(find(number).successor.empty(), number < 4) << number;
}

// Of any number who present the same token, one rotates; the others see the row that it left.
TEST_P(SessionStoreContract, OneOfManyRacingRotationsWins) {
  constexpr int threads = 8, rounds = 25;
  add(session());
  for (std::uint32_t round = 0; round < rounds; ++round) {
    std::atomic<int> winners = 0, agreeing = 0;
    {
      std::vector<std::jthread> racers;
      for (int i = 0; i < threads; ++i)
        racers.emplace_back([&, i] {
          SessionRotation mine = rotation(round);
          mine.successor = fmt::format("of {}", i);
          const auto outcome = wait_for(sessions().rotate(mine)).value();
          winners += outcome.is_rotated;
          agreeing += outcome.session->generation == round + 1;
        });
    }
    ASSERT_EQ(winners, 1);
    ASSERT_EQ(agreeing, threads);
  }
}

TEST_P(SessionStoreContract, OneOfManyRacingEndsWins) {
  add(session());
  std::atomic<std::size_t> ended = 0;
  {
    std::vector<std::jthread> racers;
    for (int i = 0; i < 8; ++i) racers.emplace_back([&] { ended += end({.value = session().id}).size(); });
  }
  EXPECT_EQ(ended, 1u);
  EXPECT_EQ(log().entries.size(), 1u);
}

TEST_P(SessionStoreContract, KnowsTheLatestInstantItWasWrittenAt) {
  add(session());
  EXPECT_EQ(store_->latest(), login_time);
  ASSERT_TRUE(rotate(rotation(0)));
  EXPECT_EQ(store_->latest(), later);
  SessionRotation earlier = rotation(1);
  earlier.now = login_time;
  ASSERT_TRUE(rotate(earlier));
  EXPECT_EQ(store_->latest(), later);
}

TEST_P(SessionStoreContract, NumbersRevocationsOnceAndPagesThem) {
  RevocationLog& revocations = store_->revocations();
  EXPECT_EQ(log().head, 0u);
  EXPECT_TRUE(log().entries.empty());
  const Revocation of_ada{
      .kind = Revoked::subject, .value = "ada", .until = later + Seconds(10), .not_before = later};
  EXPECT_EQ(wait_for(revocations.append(of_ada)), 1u);
  for (std::uint64_t i = 2; i <= 5; ++i)
    EXPECT_EQ(wait_for(revocations.append({.value = fmt::format("jti-{}", i), .until = later + Seconds(20)})),
              i);
  ASSERT_EQ(log().entries.size(), 5u);
  Revocation expected = of_ada;
  expected.sequence = 1;
  EXPECT_EQ(log().entries.front(), expected);
  EXPECT_EQ(log(1, later, 2).entries.size(), 2u);
  EXPECT_EQ(log(1, later, 2).entries.front().value, "jti-2");
  EXPECT_EQ(log(0, later + Seconds(11)).entries.size(), 4u);
  EXPECT_EQ(log(5).entries.size(), 0u);
  EXPECT_EQ(log(5).head, 5u);

  EXPECT_EQ(wait_for(revocations.remove_over(later + Seconds(20), 10)), 1u);
  EXPECT_EQ(wait_for(revocations.remove_over(later + Seconds(21), 3)), 3u);
  EXPECT_EQ(wait_for(revocations.remove_over(later + Seconds(21), 3)), 1u);
  EXPECT_EQ(log().head, 5u);
  EXPECT_EQ(wait_for(revocations.append(of_ada)), 6u);
}

GH_TEST_EACH_STORE(SessionStoreContract);

}  // namespace
}  // namespace gatehouse::stores
