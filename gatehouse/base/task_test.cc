#include "gatehouse/base/task.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

namespace gatehouse {
namespace {

Task<int> one() { co_return 1; }

Task<int> add(int a) {
  const int b = co_await one();
  co_return a + b;
}

Task<int> deep(int depth) {
  if (depth == 0) co_return 0;
  const int below = co_await deep(depth - 1);
  co_return below + 1;
}

Task<std::string> throwing() {
  throw std::runtime_error("no");
  co_return "";
}

Task<std::string> catching() {
  try {
    auto text = co_await throwing();
    co_return text;
  } catch (const std::runtime_error& error) {
    co_return std::string("caught ") + error.what();
  }
}

// Waits until the test says go on.
struct Gate {
  std::coroutine_handle<> waiting;
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> handle) noexcept { waiting = handle; }
  void await_resume() const noexcept {}
};

Task<int> waits(Gate& gate) {
  co_await gate;
  co_return 7;
}

TEST(Task, GivesItsValueToWhoAwaitsIt) { EXPECT_EQ(run_inline(add(2)), 3); }

TEST(Task, TakesNoStackHoweverDeepTheChain) { EXPECT_EQ(run_inline(deep(20'000)), 20'000); }

TEST(Task, CarriesExceptions) { EXPECT_EQ(run_inline(catching()), "caught no"); }

TEST(Task, DoesNotStartBeforeItIsAwaited) {
  bool started = false;
  const auto body = [&]() -> Task<void> {
    started = true;
    co_return;
  };
  {
    const Task<void> task = body();
    EXPECT_FALSE(started);
  }
  EXPECT_FALSE(started);
}

TEST(Task, GoesOnWhereItWasResumed) {
  Gate gate;
  int seen = 0;
  start(waits(gate), [&](int value) { seen = value; });
  EXPECT_EQ(seen, 0);
  gate.waiting.resume();
  EXPECT_EQ(seen, 7);
}

TEST(RunInline, IsEmptyWhileTheTaskWaits) {
  Gate gate;
  EXPECT_EQ(run_inline(waits(gate)), std::nullopt);
  gate.waiting.resume();
}

}  // namespace
}  // namespace gatehouse
