#include "gatehouse/base/lane_queue.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace gatehouse {
namespace {

using namespace std::chrono_literals;

constexpr LaneQueue::Time start{};

// Jobs that write their letter down; in upper case when they were dropped.
class Lanes : public testing::Test {
 protected:
  bool push(LaneQueue& queue, Lane lane, char letter, LaneQueue::Time now = start) {
    return queue.try_push(
        lane, [this, letter](bool runs) { written += runs ? letter : static_cast<char>(letter - 'a' + 'A'); },
        now);
  }

  // Takes `turns` jobs, and says what was written.
  std::string take(LaneQueue& queue, int turns, LaneQueue::Time now = start) {
    written.clear();
    for (int i = 0; i < turns; ++i) {
      LaneQueue::Next next = queue.next(now);
      for (auto& job : next.dropped) job(false);
      if (next.job) (*next.job)(true);
    }
    return written;
  }

  std::string written;
};

TEST_F(Lanes, AreEachFirstInFirstOut) {
  LaneQueue queue({});
  for (const char letter : {'a', 'b', 'c'}) ASSERT_TRUE(push(queue, Lane::other, letter));
  EXPECT_EQ(take(queue, 4), "abc");
}

struct ShareCase {
  const char* name;
  unsigned percent;
  int preferred;  // of 20 turns
};

constexpr ShareCase share_cases[] = {
    {"SevenOfTen", 70, 14}, {"Half", 50, 10}, {"All", 100, 20}, {"MoreThanAll", 130, 20}, {"None", 0, 0}};

class Share : public Lanes, public testing::WithParamInterface<ShareCase> {};

TEST_P(Share, OfTheTurnsIsThePreferredLanesWhenBothWait) {
  LaneQueue queue({.slots = 10, .preferred_percent = GetParam().percent});
  for (int i = 0; i < 30; ++i) {
    ASSERT_TRUE(push(queue, Lane::other, 'o'));
    ASSERT_TRUE(push(queue, Lane::preferred, 'p'));
  }
  EXPECT_EQ(std::ranges::count(take(queue, 20), 'p'), GetParam().preferred);
}

INSTANTIATE_TEST_SUITE_P(Lanes, Share, testing::ValuesIn(share_cases),
                         [](const auto& test) { return test.param.name; });

TEST_F(Lanes, TheOtherLaneHasEveryTurnThatThePreferredOneDoesNotWant) {
  LaneQueue queue({});
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(push(queue, Lane::other, 'o'));
  EXPECT_EQ(take(queue, 5), "ooooo");
}

struct RoomCase {
  const char* name;
  LaneOptions options;
  std::size_t expected;
};

const RoomCase room_cases[] = {
    {"IsASecondAndAHalfOfWork", {.longest_queue = 1500ms, .expected = 22'600us}, 66},
    {"GrowsWithTheSlots", {.slots = 4, .longest_queue = 1500ms, .expected = 22'600us}, 265},
    {"IsNeverNothing", {.longest_queue = 1ms, .expected = 50ms}, 1},
    {"IsCappedForTheShortestJobs", {.expected = 1us, .most_waiting = 100}, 100},
};

class Room : public Lanes, public testing::WithParamInterface<RoomCase> {};

TEST_P(Room, IsCountedInTime) {
  LaneQueue queue(GetParam().options);
  EXPECT_EQ(queue.room(), GetParam().expected);
  for (std::size_t i = 0; i < GetParam().expected; ++i) ASSERT_TRUE(push(queue, Lane::preferred, 'p'));
  EXPECT_FALSE(push(queue, Lane::preferred, 'p'));
}

INSTANTIATE_TEST_SUITE_P(Lanes, Room, testing::ValuesIn(room_cases),
                         [](const auto& test) { return test.param.name; });

TEST_F(Lanes, TheOtherOneLeavesRoomToThePreferredOne) {
  LaneQueue queue({.longest_queue = 100ms, .expected = 10ms});
  for (int i = 0; i < 8; ++i) ASSERT_TRUE(push(queue, Lane::other, 'o'));
  EXPECT_FALSE(push(queue, Lane::other, 'o'));
  EXPECT_TRUE(push(queue, Lane::preferred, 'p'));
  EXPECT_TRUE(push(queue, Lane::preferred, 'p'));
  EXPECT_FALSE(push(queue, Lane::preferred, 'p'));
}

TEST_F(Lanes, LearnWhatAJobTakes) {
  LaneQueue queue({.longest_queue = 1000ms, .expected = 10ms});
  for (int i = 0; i < 200; ++i) queue.took(50ms);
  EXPECT_EQ(queue.room(), 20U);
  for (int i = 0; i < 200; ++i) queue.took(0ns);
  EXPECT_EQ(queue.room(), LaneOptions{}.most_waiting);
}

TEST_F(Lanes, DropWhatHasWaitedTooLong) {
  LaneQueue queue({.oldest = 2s});
  ASSERT_TRUE(push(queue, Lane::other, 'a', start));
  ASSERT_TRUE(push(queue, Lane::preferred, 'b', start + 1ms));
  ASSERT_TRUE(push(queue, Lane::other, 'c', start + 2ms));
  EXPECT_EQ(take(queue, 2, start + 2001ms), "Abc");
}

TEST_F(Lanes, KeepWhatHasWaitedExactlyAsLongAsItMay) {
  LaneQueue queue({.oldest = 2s});
  ASSERT_TRUE(push(queue, Lane::other, 'a', start));
  EXPECT_EQ(take(queue, 1, start + 2s), "a");
}

}  // namespace
}  // namespace gatehouse
