#include "gatehouse/hosting/recurring_task.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>

namespace gatehouse::hosting {
namespace {

TEST(RecurringTask, RunsAgainAndAgainAndSaysWhatFailed) {
  std::latch three(3);
  std::atomic<int> runs = 0, failures = 0;
  {
    const RecurringTask task(
        std::chrono::milliseconds(1),
        [&]() -> Task<Result<void>> {
          const int run = ++runs;
          if (run <= 3) three.count_down();
          if (run == 2) co_return fail(Failure::unavailable, "the store");
          co_return Result<void>();
        },
        [&](const Error& error) { failures += error.subject == "the store"; });
    three.wait();
  }
  EXPECT_EQ(failures, 1);
  const int at_the_end = runs;
  EXPECT_GE(at_the_end, 3);
}

TEST(RecurringTask, EndsWithoutWaitingForItsTime) {
  const RecurringTask task(
      std::chrono::hours(1), []() -> Task<Result<void>> { co_return Result<void>(); }, [](const Error&) {});
}

}  // namespace
}  // namespace gatehouse::hosting
