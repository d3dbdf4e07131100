#include "gatehouse/base/task.h"

#include <gtest/gtest.h>

#include <array>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

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

// Frames of many sizes, so that every list of the pool is used.
template <std::size_t Size>
Task<int> sized(int value) {
  std::array<char, Size> local{};
  local.back() = static_cast<char>(value);
  const int one_more = co_await one();
  co_return local.back() + one_more;
}

TEST(Frames, OfEverySizeAreUsedAgain) {
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(run_inline(sized<16>(i)), i + 1);
    EXPECT_EQ(run_inline(sized<700>(i)), i + 1);
    EXPECT_EQ(run_inline(sized<5000>(i)), i + 1);
  }
}

TEST(Frames, MayBeFreedOnAnotherThreadAndInAnyNumber) {
  std::vector<Task<int>> tasks;
  for (int i = 0; i < 500; ++i) tasks.push_back(add(i));
  std::jthread([&] { tasks.clear(); }).join();
  EXPECT_EQ(run_inline(add(1)), 2);
}

// Frees its frame after the thread's pool has been emptied, as it was named before any frame was.
struct Late {
  Task<int> task;
};
thread_local Late late;

TEST(Frames, MayBeFreedWhenTheirThreadEnds) {
  std::jthread([] {
    late.task = {};
    for (int i = 0; i < 10; ++i) EXPECT_EQ(run_inline(add(i)), i + 1);
    late.task = add(1);
  }).join();
}

}  // namespace
}  // namespace gatehouse
