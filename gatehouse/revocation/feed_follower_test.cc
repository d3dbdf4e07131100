#include "gatehouse/revocation/feed_follower.h"

#include <gtest/gtest.h>

#include <vector>

namespace gatehouse::revocation {
namespace {

using News = FeedFollower::News;

constexpr Milliseconds slow{3'000};  // as long as it was allowed to wait

FeedPage page(std::uint64_t after, std::uint64_t through, std::uint64_t head,
              std::vector<std::uint64_t> numbers, std::string epoch = "e1") {
  FeedPage made{.epoch = std::move(epoch), .head = head, .after = after, .through = through};
  for (const std::uint64_t seq : numbers) made.entries.push_back({.seq = seq, .entry = {}});
  made.expired = through - after - numbers.size();
  return made;
}

// One that is short of an entry, and does not know it.
FeedPage holed(std::uint64_t after, std::uint64_t through, std::uint64_t head,
               std::vector<std::uint64_t> numbers) {
  FeedPage made = page(after, through, head, std::move(numbers));
  made.expired = 0;
  return made;
}

struct Told {
  FeedPage page;
  bool is_current;
  News news;
  FeedFollower::Question next;
};

struct FollowerCase {
  const char* name;  // reads as the end of "A follower …"
  std::vector<Told> told;
};

FeedFollower::Question snapshot(std::uint64_t after, std::string epoch = "e1") {
  return {.is_snapshot = true, .after = after, .wait = Seconds(0), .epoch = std::move(epoch)};
}
FeedFollower::Question tail(std::uint64_t after) {
  return {.is_snapshot = false, .after = after, .wait = Seconds(3), .epoch = "e1"};
}

const std::vector<FollowerCase> follower_cases = {
    {"IsCurrentWhereThereIsNothing", {{page(0, 0, 0, {}), true, News::none, tail(0)}}},
    {"TakesTheSnapshotPageByPage",
     {{page(0, 2, 5, {1, 2}), false, News::none, snapshot(2)},
      {page(2, 5, 5, {4, 5}), true, News::none, tail(5)}}},
    {"TakesASnapshotAsItIs", {{holed(0, 5, 5, {1, 5}), true, News::none, tail(5)}}},
    {"TakesAnEmptyAnswerForAHeartbeat",
     {{page(0, 5, 5, {5}), true, News::none, tail(5)}, {page(5, 5, 5, {}), true, News::none, tail(5)}}},
    {"IsNotCurrentBeforeItHasAll",
     {{page(0, 5, 5, {5}), true, News::none, tail(5)},
      {page(5, 7, 9, {6, 7}), false, News::none, tail(7)},
      {page(7, 9, 9, {8, 9}), true, News::none, tail(9)}}},
    {"LeavesOutWhatIsOver",
     {{page(0, 5, 5, {5}), true, News::none, tail(5)}, {page(5, 9, 9, {7}), true, News::none, tail(9)}}},
    {"AsksAgainForWhatIsMissing",
     {{page(0, 5, 5, {5}), true, News::none, tail(5)},
      {holed(5, 7, 7, {7}), false, News::gap, tail(5)},
      {page(5, 7, 7, {6, 7}), true, News::none, tail(7)}}},
    {"AsksForAllWhenItStaysMissing",
     {{page(0, 5, 5, {5}), true, News::none, tail(5)},
      {holed(5, 7, 7, {7}), false, News::gap, tail(5)},
      {holed(5, 7, 7, {7}), false, News::gap, tail(5)},
      {holed(5, 7, 7, {7}), false, News::snapshot, snapshot(0)},
      {holed(0, 7, 7, {5, 7}), true, News::none, tail(7)}}},
    {"TakesNoAnswerToAnotherQuestion",
     {{page(0, 5, 5, {5}), true, News::none, tail(5)}, {page(4, 5, 5, {5}), false, News::gap, tail(5)}}},
    {"TakesNoEntryFromBeforeItsQuestion",
     {{page(0, 5, 5, {5}), true, News::none, tail(5)}, {page(5, 6, 6, {5}), false, News::gap, tail(5)}}},
    {"TakesNoEntryTwice",
     {{page(0, 5, 5, {5}), true, News::none, tail(5)}, {page(5, 7, 7, {6, 6}), false, News::gap, tail(5)}}},
    {"TakesNoEntryFromBehindThePage",
     {{page(0, 5, 5, {5}), true, News::none, tail(5)}, {page(5, 6, 9, {9}), false, News::gap, tail(5)}}},
    {"TakesNoPageBeyondTheHead",
     {{page(0, 5, 5, {5}), true, News::none, tail(5)}, {page(5, 9, 8, {}), false, News::gap, tail(5)}}},
    {"NoticesAnotherEpoch",
     {{page(0, 5, 5, {5}), true, News::none, tail(5)},
      {page(5, 9, 9, {9}, "e2"), false, News::restarted, snapshot(0, "e2")},
      {page(0, 9, 9, {9}, "e2"), true, News::none, {false, 9, Seconds(3), "e2"}}}},
    {"NoticesAnotherEpochAmidASnapshot",
     {{page(0, 2, 5, {1, 2}), false, News::none, snapshot(2)},
      {page(2, 5, 5, {3}, "e2"), false, News::restarted, snapshot(0, "e2")}}},
    {"NoticesNumbersThatGoBack",
     {{page(0, 5, 5, {5}), true, News::none, tail(5)},
      {page(5, 5, 3, {}), false, News::restarted, snapshot(0)},
      {page(0, 3, 3, {1, 2, 3}), true, News::none, tail(3)}}},
    {"IsNotCurrentWithAServerThatGetsNowhere", {{page(0, 0, 5, {}), false, News::none, snapshot(0)}}},
};

class Follower : public testing::TestWithParam<FollowerCase> {};

TEST_P(Follower, Decides) {
  FeedFollower follower;
  EXPECT_EQ(follower.next(), snapshot(0, ""));
  for (const Told& told : GetParam().told) {
    const auto step = follower.answered(told.page, slow, 0.5);
    EXPECT_EQ(step.is_current, told.is_current);
    EXPECT_EQ(name(step.news), name(told.news));
    EXPECT_EQ(follower.next(), told.next);
  }
}

INSTANTIATE_TEST_SUITE_P(Feed, Follower, testing::ValuesIn(follower_cases),
                         [](const auto& test) { return test.param.name; });

TEST(FeedPause, DoublesUpToItsCapWithHalfOfItJitter) {
  FeedFollower follower;
  std::vector<Milliseconds::rep> least, most;
  for (int i = 0; i < 7; ++i) least.push_back(follower.failed(0).pause.count());
  EXPECT_EQ(least, (std::vector<Milliseconds::rep>{100, 200, 400, 800, 1'600, 2'500, 2'500}));
  EXPECT_TRUE(follower.is_failing());
  follower.answered(page(0, 0, 0, {}), slow, 0);
  EXPECT_FALSE(follower.is_failing());
  EXPECT_EQ(follower.failed(1).pause, Milliseconds(200)) << "it begins anew after a success";
}

TEST(FeedPause, IsTakenWhereTheServerDoesNotWait) {
  FeedFollower follower;
  EXPECT_EQ(follower.answered(page(0, 1, 1, {1}), Milliseconds(1), 0).pause, Milliseconds(0));
  EXPECT_EQ(follower.answered(page(1, 2, 2, {2}), Milliseconds(1), 0).pause, Milliseconds(0));
  EXPECT_EQ(follower.answered(page(2, 2, 2, {}), Milliseconds(1'499), 0).pause, Milliseconds(100));
  EXPECT_EQ(follower.answered(page(2, 2, 2, {}), Milliseconds(1'500), 0).pause, Milliseconds(0));
}

TEST(FeedPause, IsTakenWhereNothingIsGained) {
  FeedFollower follower;
  EXPECT_EQ(follower.answered(page(0, 0, 5, {}), slow, 0).pause, Milliseconds(100));
  follower.answered(page(0, 5, 5, {5}), slow, 0);
  EXPECT_EQ(follower.answered(holed(5, 7, 7, {7}), slow, 0).pause, Milliseconds(100));
  EXPECT_EQ(follower.answered(page(5, 5, 5, {}, "e2"), slow, 0).pause, Milliseconds(100));
}

TEST(FeedFollower, AsksForAllWhenAnAnswerWasLost) {
  FeedFollower follower;
  follower.answered(page(0, 5, 5, {5}), slow, 0);
  EXPECT_EQ(follower.lost(0).pause, Milliseconds(100));
  EXPECT_EQ(follower.lost(0).pause, Milliseconds(200));
  EXPECT_EQ(follower.next(), snapshot(0));
}

}  // namespace
}  // namespace gatehouse::revocation
