#include "gatehouse/base/lane_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <memory>
#include <thread>

namespace gatehouse {
namespace {

TEST(LanePool, GivesTheJobsValueToTheCaller) {
  std::latch finished(1);
  int seen = 0;
  LanePool pool("test", {.slots = 2});
  start(run_in_lane(pool, Lane::other, [] { return 42; }), [&](Result<int>&& answer) {
    seen = answer.value();
    finished.count_down();
  });
  finished.wait();
  EXPECT_EQ(seen, 42);
}

TEST(LanePool, MayGoWhenItsWorkIsDoneThoughWhoGaveItIsNotBackYet) {  // seen by the thread sanitizer
  for (int i = 0; i < 100; ++i) {
    std::latch done(1);
    auto pool = std::make_unique<LanePool>("test", LaneOptions{.slots = 1});
    const std::jthread giver([&, given = pool.get()] {
      EXPECT_TRUE(given->try_submit(Lane::other, [&](bool) { done.count_down(); }));
    });
    done.wait();
    pool.reset();
  }
}

// A pool of one slot, which is taken until release().
class BusyPool : public testing::Test {
 protected:
  BusyPool() {
    EXPECT_TRUE(pool->try_submit(Lane::preferred, [this](bool) {
      running_.count_down();
      release_.wait();
    }));
    running_.wait();
  }
  ~BusyPool() override { release(); }
  void release() {
    if (!released_.exchange(true)) release_.count_down();
  }

  std::optional<LanePool> pool{
      std::in_place, "hashing",
      LaneOptions{.longest_queue = std::chrono::milliseconds(1), .expected = std::chrono::milliseconds(1)}};

 private:
  std::latch running_{1};
  std::latch release_{1};
  std::atomic<bool> released_ = false;
};

TEST_F(BusyPool, ShedsLoadWhenItsQueueIsFull) {
  ASSERT_TRUE(pool->try_submit(Lane::other, [](bool) {}));
  const auto refused = run_inline(run_in_lane(*pool, Lane::preferred, [] { return 0; }));
  ASSERT_TRUE(refused.has_value());
  EXPECT_EQ(refused->error(), (Error{Failure::overloaded, "hashing"}));
}

TEST_F(BusyPool, TellsWhoWaitsWhenItGoes) {
  std::optional<Result<int>> answer;
  start(run_in_lane(*pool, Lane::other, [] { return 0; }),
        [&](Result<int>&& value) { answer.emplace(std::move(value)); });
  std::thread ends([this] { pool.reset(); });
  release();
  ends.join();
  ASSERT_TRUE(answer.has_value());
  if (!*answer) EXPECT_EQ(answer->error().kind, Failure::overloaded);
}

TEST(LanePool, RunsNoMoreJobsAtOnceThanItHasSlots) {
  constexpr int jobs = 40;
  std::atomic<int> running = 0;
  std::atomic<int> most = 0;
  std::latch done(jobs);
  LanePool pool("test", {.slots = 2});
  for (int i = 0; i < jobs; ++i) {
    ASSERT_TRUE(pool.try_submit(Lane::preferred, [&](bool) {
      const int now = ++running;
      int seen = most.load();
      while (now > seen && !most.compare_exchange_weak(seen, now)) {
      }
      --running;
      done.count_down();
    }));
  }
  done.wait();
  EXPECT_LE(most, 2);
}

}  // namespace
}  // namespace gatehouse
