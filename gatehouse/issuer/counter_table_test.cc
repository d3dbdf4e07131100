#include "gatehouse/issuer/counter_table.h"

#include <gtest/gtest.h>

#include <random>

namespace gatehouse::issuer {
namespace {

struct Count {
  std::uint32_t failures = 0;
  Instant last = Instant::min();
};

std::uint32_t weigh(const Count& count) { return count.failures; }

Instant at(int second) { return Instant(Seconds(second)); }

TEST(CounterTable, KeepsWhatWasAdded) {
  CounterTable<Count> table(64);
  EXPECT_EQ(table.find(7), nullptr);
  table.find_or_add(7, weigh).failures = 3;
  EXPECT_EQ(table.find_or_add(7, weigh).failures, 3U);
  table.remove(7);
  EXPECT_EQ(table.find(7), nullptr);
}

TEST(CounterTable, KeepsTheKeyZero) {
  CounterTable<Count> table(8);
  EXPECT_EQ(table.find(0), nullptr);
  table.find_or_add(0, weigh).failures = 3;
  EXPECT_EQ(table.find(0)->failures, 3U);
}

TEST(CounterTable, ForgetsTheOneWithTheLeastToLose) {
  CounterTable<Count> table(8);
  for (std::uint32_t key = 0; key < 8; ++key)
    table.find_or_add(key, weigh) = {.failures = 9 - key, .last = {}};
  table.find_or_add(100, weigh).failures = 1;
  EXPECT_EQ(table.find(7), nullptr);
  for (std::uint32_t key = 0; key < 7; ++key) EXPECT_NE(table.find(key), nullptr) << key;
}

TEST(CounterTable, ForgetsTheOldestOfSeveral) {
  CounterTable<Count> table(8);
  for (int key = 0; key < 8; ++key)
    table.find_or_add(static_cast<std::uint64_t>(key), weigh) = {.failures = 1,
                                                                 .last = at(key == 5 ? 1 : 10)};
  table.find_or_add(100, weigh);
  EXPECT_EQ(table.find(5), nullptr);
}

// An account that is one failure before its limit is not forgotten for the sake of a crowd that is tried
// once.
TEST(CounterTable, IsNotEmptiedByACrowdOfNewKeys) {
  std::mt19937_64 draw(1);
  CounterTable<Count> table(1024);
  const std::uint64_t target = draw();
  table.find_or_add(target, weigh) = {.failures = 4, .last = at(0)};
  for (int i = 0; i < 100'000; ++i) table.find_or_add(draw(), weigh) = {.failures = 1, .last = at(i)};
  ASSERT_NE(table.find(target), nullptr);
  EXPECT_EQ(table.find(target)->failures, 4U);
}

}  // namespace
}  // namespace gatehouse::issuer
