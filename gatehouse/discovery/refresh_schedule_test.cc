#include "gatehouse/discovery/refresh_schedule.h"

#include <gtest/gtest.h>

namespace gatehouse::discovery {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

const Instant start{Seconds(1'000'000)};

class Schedule : public testing::Test {
 protected:
  RefreshSchedule schedule{RefreshOptions{}};

  void succeed(Instant now, std::optional<Seconds> max_age = {}) {
    ASSERT_TRUE(schedule.begin_if_due(now));
    schedule.succeeded(now, max_age, 0);
  }
};

TEST_F(Schedule, FetchesAtOnceAndOnlyOneAtATime) {
  EXPECT_FALSE(schedule.has_keys(start));
  EXPECT_TRUE(schedule.begin_if_due(start));
  EXPECT_TRUE(schedule.is_fetching());
  EXPECT_FALSE(schedule.begin_if_due(start + hours(1)));
  EXPECT_FALSE(schedule.begin_for_unknown_key(start + hours(1)));
  EXPECT_FALSE(schedule.begin_by_hand());
  schedule.succeeded(start, {}, 0);
  EXPECT_FALSE(schedule.is_fetching());
  EXPECT_TRUE(schedule.has_keys(start));
  EXPECT_TRUE(schedule.begin_by_hand());
}

TEST_F(Schedule, RenewsAGoodSetBeforeItIsOld) {
  succeed(start);
  EXPECT_FALSE(schedule.begin_if_due(start + hours(12) - Milliseconds(1)));
  EXPECT_TRUE(schedule.begin_if_due(start + hours(12)));
  schedule.succeeded(start, {}, 1);
  EXPECT_EQ(schedule.due(), start + hours(12) + minutes(36));
}

TEST_F(Schedule, HeedsCacheControlWithinItsOwnBounds) {
  succeed(start, hours(1));
  EXPECT_EQ(schedule.due(), start + hours(1));
  succeed(schedule.due(), Seconds(0));
  EXPECT_EQ(schedule.due(), start + hours(1) + minutes(5));
  const Instant third = schedule.due();
  succeed(third, hours(24 * 365));
  EXPECT_EQ(schedule.due(), third + hours(12));
}

TEST_F(Schedule, LooksForUnknownKeysOnceInAWhile) {
  succeed(start);
  EXPECT_TRUE(schedule.begin_for_unknown_key(start));
  schedule.succeeded(start, {}, 0);
  EXPECT_FALSE(schedule.begin_for_unknown_key(start + Seconds(30) - Milliseconds(1)));
  EXPECT_TRUE(schedule.begin_for_unknown_key(start + Seconds(30)));
}

TEST_F(Schedule, TriesAgainEverMoreSlowlyUpToACap) {
  succeed(start);
  Instant now = start + hours(12);
  for (const int milliseconds : {200, 400, 800, 1600, 3200, 6400, 12'800, 25'600, 51'200, 60'000, 60'000}) {
    const Milliseconds pause(milliseconds);
    ASSERT_TRUE(schedule.begin_if_due(now));
    schedule.failed(now, 1);
    EXPECT_EQ(schedule.due(), now + pause);
    EXPECT_TRUE(schedule.is_failing());
    EXPECT_FALSE(schedule.begin_for_unknown_key(schedule.due() - Milliseconds(1)));
    now = schedule.due();
  }
  succeed(now);
  EXPECT_FALSE(schedule.is_failing());
  ASSERT_TRUE(schedule.begin_by_hand());
  schedule.failed(now, 0);
  EXPECT_EQ(schedule.due(), now + Milliseconds(100));
}

TEST_F(Schedule, HurriesWhileThereAreNoKeys) {
  Instant now = start;
  for (const int milliseconds : {200, 400, 800, 1600, 3200, 4000, 4000}) {
    const Milliseconds pause(milliseconds);
    ASSERT_TRUE(schedule.begin_if_due(now));
    schedule.failed(now, 1);
    EXPECT_EQ(schedule.due(), now + pause);
    now = schedule.due();
  }
}

TEST_F(Schedule, KeepsAGoodSetForItsLifetime) {
  succeed(start);
  EXPECT_TRUE(schedule.has_keys(start + hours(24) - Milliseconds(1)));
  EXPECT_FALSE(schedule.has_keys(start + hours(24)));
  RefreshOptions options;
  options.last_known_good_lifetime = Seconds(0);
  RefreshSchedule lasting(options);
  EXPECT_FALSE(lasting.has_keys(start));
  lasting.restore(start);
  EXPECT_TRUE(lasting.has_keys(start + hours(24 * 365)));
}

TEST_F(Schedule, RenewsWhatItWasRestoredWith) {
  schedule.restore(start - hours(1));
  EXPECT_TRUE(schedule.has_keys(start));
  EXPECT_TRUE(schedule.begin_if_due(start));
}

TEST(MaxAge, IsReadFromCacheControl) {
  struct Case {
    const char* header;
    std::optional<Seconds> age;
  };
  for (const auto& [header, age] : std::vector<Case>{{"", {}},
                                                     {"public", {}},
                                                     {"max-age=60", Seconds(60)},
                                                     {"public, Max-Age=60 , must-revalidate", Seconds(60)},
                                                     {"max-age=60, max-age=30", Seconds(30)},
                                                     {"s-maxage=5", {}},
                                                     {"max-age=60, no-cache", Seconds(0)},
                                                     {"no-store", Seconds(0)},
                                                     {"max-age=", {}},
                                                     {"max-age=-1", {}},
                                                     {"max-age=1x", {}},
                                                     {"max-age=99999999999", {}}})
    EXPECT_EQ(max_age_of(header), age) << header;
}

}  // namespace
}  // namespace gatehouse::discovery
