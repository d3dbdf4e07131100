#include "gatehouse/base/worker_pool.h"

#include <gtest/gtest.h>

#include <latch>
#include <memory>
#include <thread>

#include "gatehouse/base/wait_for.h"

namespace gatehouse {
namespace {

TEST(WorkerPool, AnswersWithTheResultOfAJobThatGivesOne) {
  WorkerPool pool("test", 1, 4);
  const Result<int> good = wait_for(run_blocking(pool, []() -> Result<int> { return 7; }));
  EXPECT_EQ(good, 7);
  const Result<int> bad =
      wait_for(run_blocking(pool, []() -> Result<int> { return fail(Failure::not_found); }));
  EXPECT_EQ(bad.error().kind, Failure::not_found);
}

TEST(WorkerPool, GivesTheJobsValueToTheCaller) {
  std::latch finished(1);
  int seen = 0;
  WorkerPool pool("test", 2, 8);
  start(run_blocking(pool, [] { return 42; }), [&](Result<int>&& answer) {
    seen = answer.value();
    finished.count_down();
  });
  finished.wait();
  EXPECT_EQ(seen, 42);
}

TEST(WorkerPool, ShedsLoadWhenItsQueueIsFull) {
  std::latch running(1);
  std::latch release(1);
  WorkerPool pool("hashing", 1, 1);
  ASSERT_TRUE(pool.try_submit([&] {
    running.count_down();
    release.wait();
  }));
  running.wait();
  ASSERT_TRUE(pool.try_submit([] {}));

  const auto refused = run_inline(run_blocking(pool, [] { return 0; }));

  ASSERT_TRUE(refused.has_value());
  EXPECT_EQ(refused->error(), (Error{Failure::overloaded, "hashing"}));
  release.count_down();
}

TEST(WorkerPool, FinishesWhatIsQueuedBeforeItGoes) {
  int done = 0;
  {
    WorkerPool pool("test", 1, 100);
    for (int i = 0; i < 50; ++i) ASSERT_TRUE(pool.try_submit([&] { ++done; }));
  }
  EXPECT_EQ(done, 50);
}

TEST(WorkerPool, MayGoWhenItsWorkIsDoneThoughWhoGaveItIsNotBackYet) {  // seen by the thread sanitizer
  for (int i = 0; i < 100; ++i) {
    std::latch done(1);
    auto pool = std::make_unique<WorkerPool>("test", 1, 1);
    const std::jthread giver(
        [&, given = pool.get()] { EXPECT_TRUE(given->try_submit([&] { done.count_down(); })); });
    done.wait();
    pool.reset();
  }
}

class QueueExecutor final : public Executor {
 public:
  void post(std::move_only_function<void()> work) override {
    {
      const std::lock_guard lock(mutex_);
      work_ = std::move(work);
    }
    posted_.count_down();
  }
  void run() {
    posted_.wait();
    work_();
  }

 private:
  std::mutex mutex_;
  std::move_only_function<void()> work_;
  std::latch posted_{1};
};

TEST(WorkerPool, GoesOnOnTheCallersExecutor) {
  QueueExecutor reactor;
  const Executor::Scope scope(reactor);
  std::thread::id resumed_on;
  WorkerPool pool("test", 1, 8);
  start(run_blocking(pool, [] { return 1; }),
        [&](Result<int>&&) { resumed_on = std::this_thread::get_id(); });
  reactor.run();
  EXPECT_EQ(resumed_on, std::this_thread::get_id());
}

}  // namespace
}  // namespace gatehouse
