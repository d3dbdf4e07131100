#include "gatehouse/issuer/session_service.h"

#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <thread>

#include "gatehouse/base/wait_for.h"
#include "gatehouse/stores/store.h"
#include "tests/support/each_store.h"
#include "tests/support/settable_clock.h"

namespace gatehouse::issuer {
namespace {

using stores::SessionEnd;
using stores::SessionSelection;

const Secret tag_key(std::string(32, 't'));

RefreshTokenFormat format() { return RefreshTokenFormat::make({.keys = {{0, tag_key}}}).value(); }

class Sessions : public test_support::EachStore {
 protected:
  std::string log_in(const NewSession& login = {.user_id = "ada", .client_id = "web", .scope = "read"}) {
    auto started = wait_for(service_.start(login)).value();
    sid_ = started.session.sid;
    return started.refresh_token;
  }

  RefreshOutcome refresh(const std::string& token, std::string request_id = {}, std::string client = "web") {
    return wait_for(service_.refresh({.token = token,
                                      .client_id = std::move(client),
                                      .request_id = std::move(request_id),
                                      .binding = {},
                                      .address = "192.0.2.1",
                                      .lifetimes = {}}))
        .value();
  }
  std::string rotated(const std::string& token, std::string request_id = {}) {
    const auto outcome = refresh(token, std::move(request_id));
    EXPECT_EQ(name(outcome.decided), "rotate");
    return outcome.refresh_token;
  }
  std::string_view decided(const std::string& token) { return name(refresh(token).decided); }

  // The token with another secret, under a tag of ours.
  std::string forge(const std::string& token) {
    auto read = format().read(token).value();
    read.secret = Secret(std::string(32, 'f'));
    return format().write(read);
  }
  std::string at_generation(const std::string& token, std::uint32_t generation) {
    auto read = format().read(token).value();
    read.generation = generation;
    return format().write(read);
  }

  std::optional<SessionEnd> ended() {
    const auto session = wait_for(store_->sessions().find_by_sid(sid_)).value();
    return session.ended ? std::optional(session.end_reason) : std::nullopt;
  }
  std::vector<stores::Revocation> log() {
    return wait_for(store_->revocations().after(0, clock_.now(), 100)).value().entries;
  }

  test_support::SettableClock clock_;
  SessionService service_{store_->sessions(), format(), {}, clock_};
  std::string sid_;
};

TEST_P(Sessions, RefreshAgainAndAgain) {
  std::string token = log_in();
  std::set<std::string> seen{token};
  for (int i = 0; i < 5; ++i) {
    clock_.advance(Seconds(600));
    token = rotated(token);
    EXPECT_TRUE(seen.insert(token).second);
  }
  EXPECT_EQ(wait_for(store_->sessions().count()), 1u);
}

TEST_P(Sessions, ARetrySoonAfterGetsTheSameSuccessor) {
  const std::string first = log_in();
  const std::string second = rotated(first);
  clock_.advance(Seconds(30));
  const auto again = refresh(first);
  EXPECT_EQ(again.decided, Rotation::retry);
  EXPECT_EQ(again.refresh_token, second);
  EXPECT_EQ(ended(), std::nullopt);
  rotated(second);
}

TEST_P(Sessions, TheSeventeenthRetryIsStaleAndEndsNothing) {
  const std::string first = log_in();
  const std::string second = rotated(first);
  for (int i = 0; i < 16; ++i) ASSERT_EQ(decided(first), "retry") << i;
  EXPECT_EQ(decided(first), "stale");
  EXPECT_EQ(ended(), std::nullopt);
  rotated(second);
}

TEST_P(Sessions, AReplayEndsTheSessionAndIsLoggedOnce) {
  const std::string first = log_in();
  const std::string second = rotated(first);
  clock_.advance(Seconds(31));
  const auto replayed = refresh(first);
  EXPECT_EQ(replayed.decided, Rotation::replay);
  EXPECT_TRUE(replayed.has_ended_session);
  EXPECT_EQ(ended(), SessionEnd::replay);
  ASSERT_EQ(log().size(), 1u);
  EXPECT_EQ(log().front().value, sid_);
  EXPECT_EQ(log().front().until, clock_.now() + Seconds(3660));
  EXPECT_EQ(decided(second), "dead");
  EXPECT_EQ(decided(first), "dead");
  EXPECT_EQ(log().size(), 1u);
}

TEST_P(Sessions, AThiefWhoIsFasterIsFoundOutByTheClient) {
  const std::string stolen = log_in();
  const std::string of_thief = rotated(stolen);
  clock_.advance(Seconds(600));
  EXPECT_EQ(decided(stolen), "replay");
  EXPECT_EQ(decided(of_thief), "dead");
}

// Who always uses the token before the newest one is stopped at the first late use.
TEST_P(Sessions, AThiefCannotLeapAlong) {
  std::string stolen = log_in();
  const std::string next = rotated(stolen);
  clock_.advance(Seconds(600));
  rotated(next);
  clock_.advance(Seconds(600));
  EXPECT_EQ(decided(next), "replay");
}

TEST_P(Sessions, AnOldTokenOfAThirdTabIsStaleAndEndsNothing) {
  const std::string first = log_in();
  const std::string third = rotated(rotated(first));
  EXPECT_EQ(decided(first), "stale");
  EXPECT_EQ(ended(), std::nullopt);
  rotated(third);
}

TEST_P(Sessions, ALostAnswerIsRecoveredWithTheNonceForADay) {
  const std::string first = log_in();
  const std::string second = rotated(first, "nonce of the client");
  clock_.advance(std::chrono::hours(20));
  const auto recovered = refresh(first, "nonce of the client");
  EXPECT_EQ(recovered.decided, Rotation::recover);
  EXPECT_EQ(recovered.refresh_token, second);
  EXPECT_EQ(name(refresh(first, "another nonce").decided), "replay");
}

TEST_P(Sessions, AForgedSecretEndsTheSession) {
  const std::string first = log_in();
  EXPECT_EQ(decided(forge(first)), "forged");
  EXPECT_EQ(ended(), SessionEnd::replay);
  const std::string other = log_in();
  rotated(other);
  EXPECT_EQ(decided(forge(other)), "forged");  // within grace
  EXPECT_EQ(ended(), SessionEnd::replay);
}

TEST_P(Sessions, ATokenAheadOfTheStoreIsRefusedAndEndsNothing) {
  const std::string first = log_in();
  EXPECT_EQ(decided(at_generation(first, 1)), "ahead");
  EXPECT_EQ(ended(), std::nullopt);
}

// As restore() leaves it, when more refreshes were made after the backup than the row knows.
TEST_P(Sessions, OneThatARestoreLeftBehindIsCarriedOnByOneTokenAndEndedByASecond) {
  log_in();
  stores::Session row = wait_for(store_->sessions().find_by_sid(sid_)).value();
  row.id = std::string(16, 'x');
  row.sid = sid_ = "left behind";
  row.secret_hash.clear();
  row.recoverable_until = clock_.now() + Seconds(600);
  ASSERT_TRUE(wait_for(store_->sessions().add(row)));
  const auto token_of = [&](std::uint32_t generation) {
    return format().write(
        {.session = row.id, .generation = generation, .secret = Secret(std::string(32, 's'))});
  };
  clock_.advance(Seconds(599));
  const auto carried_on = refresh(token_of(4));
  EXPECT_EQ(name(carried_on.decided), "carry_on");
  EXPECT_EQ(carried_on.session.generation, 5u);
  const std::string next = rotated(carried_on.refresh_token);
  EXPECT_EQ(name(refresh(token_of(9)).decided), "replay");
  EXPECT_EQ(ended(), SessionEnd::replay);
  EXPECT_EQ(decided(next), "dead");
}

TEST_P(Sessions, AnotherClientIsRefusedAndTheThirdTimeEndsTheSession) {
  const std::string token = log_in();
  EXPECT_EQ(name(refresh(token, "", "app").decided), "mismatch");
  EXPECT_EQ(name(refresh(token, "", "app").decided), "mismatch");
  EXPECT_EQ(ended(), std::nullopt);
  EXPECT_TRUE(refresh(token, "", "app").has_ended_session);
  EXPECT_EQ(ended(), SessionEnd::mismatch);
}

TEST_P(Sessions, GarbageNeverReachesTheStore) {
  const std::string token = log_in();
  for (const std::string& other : {std::string(), token + "x", std::string("grt_nonsense")})
    EXPECT_EQ(decided(other), "malformed");
  EXPECT_EQ(decided(at_generation(token, 0)), "rotate");
}

TEST_P(Sessions, EndAtTheAbsoluteLimitHoweverOftenTheyAreRefreshed) {
  std::string token = log_in();
  for (int hour = 1; hour < 30 * 24; ++hour) {
    clock_.advance(std::chrono::hours(1));
    token = rotated(token);
  }
  clock_.advance(std::chrono::hours(1));
  EXPECT_EQ(decided(token), "dead");
}

TEST_P(Sessions, EndWhenTheyAreIdle) {
  const std::string token = log_in();
  clock_.advance(std::chrono::days(14));
  EXPECT_EQ(decided(token), "dead");
}

TEST_P(Sessions, AreFoundByAnyTokenWhileTheyLast) {
  const std::string first = log_in();
  const std::string second = rotated(first);
  EXPECT_FALSE(wait_for(service_.find(first))->is_newest);
  EXPECT_TRUE(wait_for(service_.find(second))->is_newest);
  EXPECT_EQ(wait_for(service_.find(second))->session.sid, sid_);
  EXPECT_FALSE(wait_for(service_.find(forge(second)))->is_newest);
  EXPECT_EQ(wait_for(service_.find("x")).error().kind, Failure::not_found);
  const SessionSelection which{.by = SessionSelection::By::sid, .value = sid_};
  EXPECT_EQ(wait_for(service_.end(which, SessionEnd::logout)), std::vector<std::string>{sid_});
  EXPECT_EQ(wait_for(service_.find(second)).error().kind, Failure::not_found);
}

// However many present one token at once: one rotation, and the same successor for all.
TEST_P(Sessions, RacingPresentersGetOneSuccessor) {
  constexpr int presenters = 16, rounds = 20;
  std::string token = log_in();
  for (int round = 0; round < rounds; ++round) {
    std::mutex mutex;
    std::multiset<std::string_view> decisions;
    std::set<std::string> successors;
    {
      std::vector<std::jthread> threads;
      for (int i = 0; i < presenters; ++i)
        threads.emplace_back([&] {
          auto outcome = refresh(token);
          const std::lock_guard lock(mutex);
          decisions.insert(name(outcome.decided));
          successors.insert(std::move(outcome.refresh_token));
        });
    }
    ASSERT_EQ(decisions.count("rotate"), 1u);
    ASSERT_EQ(decisions.count("retry"), presenters - 1u);
    ASSERT_EQ(successors.size(), 1u);
    token = *successors.begin();
    clock_.advance(Seconds(31));
  }
  EXPECT_EQ(wait_for(store_->sessions().count()), 1u);
}

GH_TEST_EACH_STORE(Sessions);

}  // namespace
}  // namespace gatehouse::issuer
