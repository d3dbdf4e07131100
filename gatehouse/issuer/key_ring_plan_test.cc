#include "gatehouse/issuer/key_ring_plan.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>

namespace gatehouse::issuer {
namespace {

using stores::KeyState;
using stores::StoredKey;
using Keys = std::vector<StoredKey>;

constexpr Instant start{Seconds(1'780'000'000)};
constexpr Seconds day = std::chrono::hours(24);

// What a store and a generator would make of a plan. False when a store would refuse it.
bool carry_out(Keys& keys, const KeyRingPlan& plan, Instant now) {
  for (const auto& [key, from] : plan.changes) {
    const auto found = std::ranges::find(keys, key.id, &StoredKey::id);
    if (found == keys.end() || found->state != from) return false;
    *found = key;
  }
  for (const NewKey& one : plan.created)
    keys.push_back({.id = fmt::format("k{}", one.number),
                    .number = one.number,
                    .state = one.state,
                    .created = now,
                    .activates = one.activates,
                    .wrapped = "sealed"});
  const auto alone = [&](KeyState state) { return std::ranges::count(keys, state, &StoredKey::state) <= 1; };
  return alone(KeyState::announced) && alone(KeyState::active);
}

// "k1 active, k2 announced".
std::string text_of(const Keys& keys) {
  std::string text;
  for (const StoredKey& key : keys)
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", key.id, name(key.state));
  return text;
}

class Ring : public testing::Test {
 protected:
  void advance(Seconds by) {
    now_ += by;
    ASSERT_TRUE(carry_out(keys_, plan_key_ring(keys_, now_, timing_), now_));
    EXPECT_TRUE(plan_key_ring(keys_, now_, timing_).empty()) << text_of(keys_);
  }
  StoredKey& key(const char* id) { return *std::ranges::find(keys_, id, &StoredKey::id); }
  void compromise(const char* id) {
    ASSERT_TRUE(carry_out(keys_, plan_compromise(keys_, id, now_, timing_).value(), now_));
  }

  Instant now_ = start;
  KeyRingTiming timing_;
  Keys keys_;
};
using KeyRingPlanTest = Ring;

TEST_F(KeyRingPlanTest, BeginsWithAnActiveKeyAndAnnouncesTheNext) {
  advance(Seconds(0));
  EXPECT_EQ(text_of(keys_), "k1 active, k2 announced");
  EXPECT_EQ(key("k2").activates, start + 30 * day);
}

TEST_F(KeyRingPlanTest, MovesOnWhenAPeriodIsOver) {
  advance(Seconds(0));
  advance(30 * day - Seconds(1));
  EXPECT_EQ(text_of(keys_), "k1 active, k2 announced");
  advance(Seconds(1));
  EXPECT_EQ(text_of(keys_), "k1 retired, k2 active, k3 announced");
  EXPECT_EQ(key("k1").wrapped, "");
  EXPECT_EQ(key("k1").removes, now_ + day);
  EXPECT_EQ(key("k2").wrapped, "sealed");
  advance(day - Seconds(1));
  EXPECT_EQ(key("k1").state, KeyState::retired);
  advance(Seconds(1));
  EXPECT_EQ(text_of(keys_), "k1 removed, k2 active, k3 announced");
}

TEST_F(KeyRingPlanTest, KeepsASecretUntilItIsRemoved) {
  timing_.destroys_when_retired = false;
  advance(Seconds(0));
  advance(30 * day);
  EXPECT_EQ(key("k1").wrapped, "sealed");
  advance(day);
  EXPECT_EQ(key("k1").wrapped, "");
}

TEST_F(KeyRingPlanTest, AfterALongSleepTheNextStillHasItsFullPeriod) {
  advance(Seconds(0));
  advance(100 * day);
  EXPECT_EQ(text_of(keys_), "k1 retired, k2 active, k3 announced");
  EXPECT_EQ(key("k3").activates, now_ + 30 * day);
}

TEST_F(KeyRingPlanTest, RotatesEarlyOnceReadersKnowTheNext) {
  advance(Seconds(0));
  now_ += 2 * day - Seconds(1);
  EXPECT_EQ(
      plan_rotation(keys_, now_, timing_).error(),
      (Error{Failure::conflict, fmt::format("key 'k2' was announced at {}; readers may not know it before {}",
                                            format_instant(start), format_instant(start + 2 * day))}));
  now_ += Seconds(1);
  ASSERT_TRUE(carry_out(keys_, plan_rotation(keys_, now_, timing_).value(), now_));
  EXPECT_EQ(text_of(keys_), "k1 retired, k2 active, k3 announced");
  EXPECT_EQ(plan_rotation({}, now_, timing_).error().kind, Failure::conflict);
}

TEST_F(KeyRingPlanTest, ACompromisedKeyIsReplacedAtOnce) {
  advance(Seconds(0));
  compromise("k1");
  EXPECT_EQ(text_of(keys_), "k1 compromised, k2 active, k3 announced");
  EXPECT_EQ(key("k1").wrapped, "");
  compromise("k2");
  compromise("k3");
  EXPECT_EQ(text_of(keys_), "k1 compromised, k2 compromised, k3 compromised, k4 active, k5 announced");
  compromise("k5");
  EXPECT_TRUE(text_of(keys_).ends_with("k5 compromised, k6 announced")) << text_of(keys_);
  EXPECT_EQ(plan_compromise(keys_, "k1", now_, timing_).error().kind, Failure::conflict);
  EXPECT_EQ(plan_compromise(keys_, "k9", now_, timing_).error().kind, Failure::not_found);
}

// Every schedule of six steps, each of them time that passes or something that an operator does.
TEST(KeyRingModel, HoldsItsPromisesInEverySchedule) {
  const KeyRingTiming timing;
  const std::vector<Seconds> waits = {Seconds(60), timing.announce, timing.active,
                                      timing.active + timing.retain};
  struct World {
    Keys keys;
    Instant now = start;
    std::map<std::string, Instant> published;  // since when
    bool was_emergency = false;
  };
  const auto settle = [&](World& world) {
    ASSERT_TRUE(carry_out(world.keys, plan_key_ring(world.keys, world.now, timing), world.now));
    int active = 0, announced = 0;
    for (const StoredKey& key : world.keys) {
      const bool was_published = !world.published.try_emplace(key.id, world.now).second;
      active += key.state == KeyState::active;
      announced += key.state == KeyState::announced;
      // Nobody's key signs before readers have had the time to see it, but for the first and an emergency.
      if (key.state == KeyState::active && !world.was_emergency && key.number > 1) {
        EXPECT_TRUE(was_published);
        EXPECT_GE(key.activates - world.published[key.id], timing.announce);
      }
      // Nothing goes from the published set before its tokens have.
      if (key.state == KeyState::removed) {
        EXPECT_GE(world.now - *key.retired, timing.retain);
      }
      const bool is_used = key.state == KeyState::active || key.state == KeyState::announced;
      EXPECT_EQ(key.wrapped.empty(), !is_used);
    }
    EXPECT_EQ(active, 1);
    EXPECT_EQ(announced, 1);
  };
  int schedules = 0;
  const std::function<void(const World&, int)> explore = [&](const World& world, int steps) {
    if (steps == 0) {
      ++schedules;
      return;
    }
    for (const Seconds wait : waits) {
      World next = world;
      next.now += wait;
      settle(next);
      explore(next, steps - 1);
    }
    for (const bool of_active : {true, false}) {
      World next = world;
      const auto wanted = of_active ? KeyState::active : KeyState::announced;
      const std::string id = std::ranges::find(next.keys, wanted, &StoredKey::state)->id;
      ASSERT_TRUE(carry_out(next.keys, plan_compromise(next.keys, id, next.now, timing).value(), next.now));
      next.was_emergency |= of_active;
      settle(next);
      explore(next, steps - 1);
    }
    if (const auto rotation = plan_rotation(world.keys, world.now, timing)) {
      World next = world;
      ASSERT_TRUE(carry_out(next.keys, *rotation, next.now));
      settle(next);
      explore(next, steps - 1);
    }
  };
  World world;
  settle(world);
  explore(world, 6);
  EXPECT_GT(schedules, 46'656);
}

struct Unsafe {
  std::function<void(KeyRingTiming&, KeyRingReaders&)> change;
  const char* subject;
};
const Unsafe unsafe[] = {
    {[](auto& timing, auto&) { timing.announce = Seconds(87'419); },
     "announce 87419 s < key_set_max_age 900 s + refresh 86400 s + 2 * clock_skew 60 s: a key would sign "
     "before its "
     "readers know it; raise announce to 87420 s"},
    {[](auto& timing, auto&) { timing.retain = Seconds(4559); },
     "retain 4559 s < longest_token 3600 s + clock_skew 60 s + key_set_max_age 900 s: tokens would outlive "
     "their "
     "key; raise retain to 4560 s"},
    {[](auto&, auto& readers) { readers.poll = Seconds(17'281); },
     "poll 17281 s > announce 172800 s / 10: a process would sign with a ring that is too old; lower poll to "
     "17280 "
     "s"},
    {[](auto& timing, auto&) { timing.active = timing.announce; },
     "active 172800 s <= announce 172800 s: the next key could not be announced in time; raise active"},
};

TEST(KeyRingTimingCheck, NamesTheInequalityThatDoesNotHold) {
  EXPECT_TRUE(check_timing({}, {}));
  EXPECT_TRUE(check_timing({.announce = Seconds(87'420), .retain = Seconds(4560)}, {}));
  for (const Unsafe& row : unsafe) {
    KeyRingTiming timing;
    KeyRingReaders readers;
    row.change(timing, readers);
    EXPECT_EQ(check_timing(timing, readers).error(), (Error{Failure::configuration_invalid, row.subject}));
  }
}

}  // namespace
}  // namespace gatehouse::issuer
