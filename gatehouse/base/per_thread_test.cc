#include "gatehouse/base/per_thread.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <optional>
#include <thread>

namespace gatehouse {
namespace {

TEST(PerThread, IsMadeOnceOnEachThread) {
  std::atomic<int> made = 0;
  PerThread<int> number([&made] { return ++made; });
  int& here = number.get();
  EXPECT_EQ(&number.get(), &here);
  EXPECT_EQ(here, 1);
  int there = 0;
  std::jthread([&] { there = number.get() + number.get(); }).join();
  EXPECT_EQ(there, 4);
  EXPECT_EQ(made, 2);
}

TEST(PerThread, IsNobodyElses) {
  PerThread<int> one([] { return 1; }), two([] { return 2; });
  EXPECT_EQ(one.get(), 1);
  EXPECT_EQ(two.get(), 2);
  EXPECT_EQ(one.get(), 1);
  // One that comes after another has gone begins anew, wherever it lies.
  for (int i = 0; i < 10; ++i) {
    std::optional<PerThread<int>> passing(std::in_place, [i] { return i; });
    EXPECT_EQ(passing->get(), i);
  }
}

TEST(PerThread, GoesWithWhatItBelongedTo) {
  const auto alive = std::make_shared<int>(0);
  std::optional<PerThread<std::shared_ptr<int>>> one(std::in_place, [alive] { return alive; });
  one->get();
  EXPECT_EQ(alive.use_count(), 3);
  one.reset();
  PerThread<std::shared_ptr<int>> next([] { return nullptr; });
  next.get();
  EXPECT_EQ(alive.use_count(), 1);
}

}  // namespace
}  // namespace gatehouse
