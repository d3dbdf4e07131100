#include "gatehouse/base/signal.h"

#include <gtest/gtest.h>

#include <optional>
#include <utility>

namespace gatehouse {
namespace {

using std::chrono::milliseconds;

// Timers that go off when a test says so.
struct Timers {
  std::vector<std::pair<milliseconds, std::move_only_function<void()>>> set;
  PostAfter post_after = [this](milliseconds delay, std::move_only_function<void()> work) {
    set.emplace_back(delay, std::move(work));
  };
};

struct Outcome {
  std::optional<bool> given;
  void wait(Signal& signal, std::uint64_t seen, const PostAfter& post_after) {
    start(signal.wait(seen, milliseconds(50), post_after), [this](bool was) { given = was; });
  }
};

TEST(Signal, EndsEveryWaitWhenItIsGiven) {
  Timers timers;
  const auto signal = std::make_shared<Signal>();
  Outcome one, other;
  one.wait(*signal, signal->count(), timers.post_after);
  other.wait(*signal, signal->count(), timers.post_after);
  EXPECT_EQ(signal->waiting(), 2u);
  EXPECT_FALSE(one.given);
  signal->give();
  EXPECT_EQ(one.given, true);
  EXPECT_EQ(other.given, true);
  EXPECT_EQ(signal->waiting(), 0u);
}

TEST(Signal, IsNotMissedByWhoLookedBefore) {
  Timers timers;
  const auto signal = std::make_shared<Signal>();
  const auto seen = signal->count();
  signal->give();
  Outcome late;
  late.wait(*signal, seen, timers.post_after);
  EXPECT_EQ(late.given, true);
  EXPECT_TRUE(timers.set.empty());
}

TEST(Signal, LetsGoWhenTheTimeIsOver) {
  Timers timers;
  const auto signal = std::make_shared<Signal>();
  Outcome outcome;
  outcome.wait(*signal, signal->count(), timers.post_after);
  ASSERT_EQ(timers.set.size(), 1u);
  EXPECT_EQ(timers.set.front().first, milliseconds(50));
  timers.set.front().second();
  EXPECT_EQ(outcome.given, false);
  signal->give();  // nobody is resumed twice
}

TEST(Signal, ItsTimersOutliveIt) {
  Timers timers;
  auto signal = std::make_shared<Signal>();
  Outcome outcome;
  outcome.wait(*signal, signal->count(), timers.post_after);
  signal->give();
  signal.reset();
  timers.set.front().second();
  EXPECT_EQ(outcome.given, true);
}

}  // namespace
}  // namespace gatehouse
