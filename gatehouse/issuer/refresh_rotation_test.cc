#include "gatehouse/issuer/refresh_rotation.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <functional>
#include <string>
#include <vector>

namespace gatehouse::issuer {
namespace {

constexpr Instant start{Seconds(1'780'000'000)};

std::string secret_of(std::uint32_t generation) { return fmt::format("hash of secret {}", generation); }

// Refreshed seven times, the last time at `start`.
Family seventh() {
  return {.client = "app",
          .generation = 7,
          .secret_hash = secret_of(7),
          .request_hash = "nonce of 7",
          .rotated = start,
          .idle_expires = start + std::chrono::days(14),
          .absolute_expires = start + std::chrono::days(30)};
}

PresentedRefresh presented(std::uint32_t generation) {
  return {.client = "app", .generation = generation, .secret_hash = secret_of(generation)};
}

struct Row {
  const char* name;
  std::function<void(Family&)> change_family;
  std::function<void(PresentedRefresh&)> change_presented;
  std::uint32_t generation;
  Seconds passed;
  Rotation decided;
};

const auto as_it_is = [](auto&) {};
constexpr Seconds day = std::chrono::hours(24);

auto left_behind(Seconds window) {
  return [=](Family& family) {
    family.recoverable_until = start + window;
    family.secret_hash = "";
    family.request_hash = "";
  };
}
auto carried_on(Seconds window) {
  return [=](Family& family) { family.recoverable_until = start + window; };
}

const std::vector<Row> rows = {
    {"TheNewestRotates", as_it_is, as_it_is, 7, Seconds(600), Rotation::rotate},
    {"TheNewestRotatesAtOnce", as_it_is, as_it_is, 7, Seconds(0), Rotation::rotate},
    {"TheNewestWithAnotherSecretIsForged", as_it_is, [](auto& p) { p.secret_hash = "another"; }, 7,
     Seconds(600), Rotation::forged},
    {"TheOneBeforeRetriesAtTheEndOfItsGrace", as_it_is, as_it_is, 6, Seconds(30), Rotation::retry},
    {"TheOneBeforeIsAReplayBehindIt", as_it_is, as_it_is, 6, Seconds(31), Rotation::replay},
    {"TheLastUseOfGraceCounts", [](auto& f) { f.grace_uses = 15; }, as_it_is, 6, Seconds(1), Rotation::retry},
    {"OneUseOfGraceMoreIsStale", [](auto& f) { f.grace_uses = 16; }, as_it_is, 6, Seconds(1),
     Rotation::stale},
    {"TheNonceRecoversAtTheEndOfItsDay", as_it_is, [](auto& p) { p.request_hash = "nonce of 7"; }, 6, day,
     Rotation::recover},
    {"TheNonceIsNoUseBehindIt", as_it_is, [](auto& p) { p.request_hash = "nonce of 7"; }, 6, day + Seconds(1),
     Rotation::replay},
    {"AnotherNonceIsAReplay", as_it_is, [](auto& p) { p.request_hash = "nonce of 6"; }, 6, Seconds(31),
     Rotation::replay},
    {"NoNonceDoesNotMatchNone", [](auto& f) { f.request_hash = ""; }, as_it_is, 6, Seconds(31),
     Rotation::replay},
    {"TheNonceDoesNotHelpAnOlderOne", as_it_is, [](auto& p) { p.request_hash = "nonce of 7"; }, 5,
     Seconds(31), Rotation::replay},
    {"AnOlderOneIsStaleAtTheEndOfGrace", as_it_is, as_it_is, 5, Seconds(30), Rotation::stale},
    {"AnOlderOneIsAReplayBehindIt", as_it_is, as_it_is, 5, Seconds(31), Rotation::replay},
    {"TheOldestIsAReplayToo", as_it_is, as_it_is, 0, Seconds(31), Rotation::replay},
    {"OneThatIsNotThereYetIsAhead", as_it_is, as_it_is, 8, Seconds(600), Rotation::ahead},
    {"OneThatIsAheadCarriesOnAFamilyThatARestoreLeftBehind", left_behind(Seconds(601)), as_it_is, 9,
     Seconds(600), Rotation::carry_on},
    {"NotAfterTheRecoveryWindow", left_behind(Seconds(600)), as_it_is, 9, Seconds(600), Rotation::ahead},
    {"NorASecondTime", carried_on(Seconds(601)), as_it_is, 9, Seconds(600), Rotation::replay},
    {"NorASecondTimeAfterTheWindow", carried_on(Seconds(600)), as_it_is, 9, Seconds(600), Rotation::replay},
    {"TheOneThatTheRestoredStoreTakesForTheNewestIsAnOldOne", left_behind(Seconds(601)), as_it_is, 7,
     Seconds(600), Rotation::forged},
    {"OneThatIsCarriedOnRotates", carried_on(Seconds(600)), as_it_is, 7, Seconds(600), Rotation::rotate},
    {"ARevokedFamilyIsDead", [](auto& f) { f.is_revoked = true; }, as_it_is, 7, Seconds(1), Rotation::dead},
    {"ARevokedFamilyIsDeadForAnOldOneToo", [](auto& f) { f.is_revoked = true; }, as_it_is, 2, Seconds(600),
     Rotation::dead},
    {"OneThatWasIdleIsDead", [](auto& f) { f.idle_expires = start + Seconds(60); }, as_it_is, 7, Seconds(60),
     Rotation::dead},
    {"OneThatIsNotYetIdleIsNot", [](auto& f) { f.idle_expires = start + Seconds(61); }, as_it_is, 7,
     Seconds(60), Rotation::rotate},
    {"OneThatIsOverIsDead", [](auto& f) { f.absolute_expires = start + Seconds(60); }, as_it_is, 7,
     Seconds(60), Rotation::dead},
    {"AnotherClientIsAMismatch", as_it_is, [](auto& p) { p.client = "other"; }, 7, Seconds(1),
     Rotation::mismatch},
    {"AnotherClientWithAnOldOneRevokesNothing", as_it_is, [](auto& p) { p.client = "other"; }, 3,
     Seconds(600), Rotation::mismatch},
    {"AnotherKeyIsAMismatch", [](auto& f) { f.binding = "key"; }, [](auto& p) { p.binding = "other"; }, 7,
     Seconds(1), Rotation::mismatch},
    {"NoKeyIsAMismatchWhereOneIsBound", [](auto& f) { f.binding = "key"; }, as_it_is, 7, Seconds(1),
     Rotation::mismatch},
    {"TheBoundKeyRotates", [](auto& f) { f.binding = "key"; }, [](auto& p) { p.binding = "key"; }, 7,
     Seconds(1), Rotation::rotate},
};

class DecideRotation : public testing::TestWithParam<Row> {};

TEST_P(DecideRotation, FollowsTheTable) {
  const Row& row = GetParam();
  Family family = seventh();
  row.change_family(family);
  PresentedRefresh shown = presented(row.generation);
  row.change_presented(shown);
  EXPECT_EQ(name(decide_rotation(family, shown, start + row.passed, {})), name(row.decided));
}

INSTANTIATE_TEST_SUITE_P(Refresh, DecideRotation, testing::ValuesIn(rows),
                         [](const auto& test) { return test.param.name; });

TEST(DecideRotation, KnowsNoFamilyThatIsNotThere) {
  EXPECT_EQ(decide_rotation(std::nullopt, presented(7), start, {}), Rotation::unknown);
}

TEST(DecideRotation, WithoutGraceAnOldOneIsAReplayAtOnce) {
  const RotationOptions strict{.grace = Seconds(0)};
  EXPECT_EQ(decide_rotation(seventh(), presented(6), start, strict), Rotation::replay);
  EXPECT_EQ(decide_rotation(seventh(), presented(5), start, strict), Rotation::replay);
}

TEST(DecideRotation, TheFirstGenerationHasNoneBefore) {
  Family first = seventh();
  first.generation = 0;
  first.secret_hash = secret_of(0);
  EXPECT_EQ(decide_rotation(first, presented(0), start + Seconds(600), {}), Rotation::rotate);
  EXPECT_EQ(decide_rotation(first, presented(1), start + Seconds(600), {}), Rotation::ahead);
}

// --- Every schedule of two who have the same token: eight steps, each a refresh of the one or of the other,
// soon after the step before or long after it, with its answer received or lost.

struct World {
  Family family = [] {
    Family one = seventh();
    one.generation = 0;
    one.secret_hash = secret_of(0);
    one.request_hash = "";
    one.rotated = Instant::min();
    return one;
  }();
  std::array<std::uint32_t, 2> held = {0, 0};  // the generation that each would present
  Instant now = start;
  bool was_revoked = false;

  Rotation refresh(std::size_t who, bool is_lost) {
    const Rotation decided = decide_rotation(family, presented(held.at(who)), now, {});
    if (decided == Rotation::rotate) {
      ++family.generation;
      family.secret_hash = secret_of(family.generation);
      family.rotated = now;
      family.grace_uses = 0;
    } else if (decided == Rotation::retry) {
      ++family.grace_uses;
    } else if (revokes(decided)) {
      family.is_revoked = was_revoked = true;
    }
    if (is_granted(decided) && !is_lost) held.at(who) = family.generation;
    return decided;
  }
};

constexpr int steps = 8;
constexpr Seconds soon{1}, long_after{60};

template <class Visit>
void each_schedule(int choices, Visit visit) {
  int count = 1;
  for (int i = 0; i < steps; ++i) count *= choices;
  for (int schedule = 0; schedule < count; ++schedule) visit(schedule);
}

TEST(RefreshModel, NeverGrantsTwoLivesAndCatchesWhoeverComesLate) {
  each_schedule(4, [](int schedule) {
    World world;
    std::array<int, 2> rotations = {0, 0};
    int rest = schedule;
    for (int i = 0; i < steps; ++i, rest /= 4) {
      const std::size_t who = rest % 2 == 0 ? 0 : 1;
      world.now += rest / 2 % 2 ? long_after : soon;
      const std::uint32_t before = world.family.generation;
      const std::uint32_t shown = world.held.at(who);
      const Rotation decided = world.refresh(who, false);
      rotations.at(who) += decided == Rotation::rotate;
      // Only the newest makes a new one, and whatever is handed out is the newest.
      ASSERT_EQ(decided == Rotation::rotate, !world.was_revoked && shown == before) << schedule;
      if (is_granted(decided)) ASSERT_EQ(world.held.at(who), world.family.generation) << schedule;
      // Who comes with an old one long after the last rotation ends the family for both.
      if (shown < before && rest / 2 % 2 && decided != Rotation::dead)
        ASSERT_EQ(decided, Rotation::replay) << schedule;
      if (world.was_revoked)
        ASSERT_FALSE(is_granted(world.refresh(0, false)) || is_granted(world.refresh(1, false)));
    }
  });
}

// However often answers get lost: who asks again at once is never signed out.
TEST(RefreshModel, NeverSignsOutAClientThatRetriesAtOnce) {
  each_schedule(2, [](int schedule) {
    World world;
    for (int i = 0, rest = schedule; i < steps; ++i, rest /= 2) {
      world.now += long_after;
      ASSERT_TRUE(is_granted(world.refresh(0, rest % 2))) << schedule;
      if (rest % 2) {
        world.now += soon;
        ASSERT_TRUE(is_granted(world.refresh(0, false))) << schedule;
      }
      ASSERT_EQ(world.held[0], world.family.generation);
    }
  });
}

}  // namespace
}  // namespace gatehouse::issuer
