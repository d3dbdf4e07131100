#include "gatehouse/tokens/memory_replay_cache.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace gatehouse::tokens {
namespace {

constexpr Instant now{Seconds(1'780'272'000)};

TEST(MemoryReplayCache, TakesATokenOnceUntilItExpires) {
  MemoryReplayCache cache;
  EXPECT_TRUE(cache.add("a", now + Seconds(60), now));
  EXPECT_FALSE(cache.add("a", now + Seconds(60), now));
  EXPECT_TRUE(cache.add("b", now + Seconds(60), now));
  EXPECT_FALSE(cache.add("a", now + Seconds(60), now + Seconds(60))) << "it may still be used by then";
  EXPECT_TRUE(cache.add("c", now + Seconds(120), now + Seconds(61)));
  EXPECT_EQ(cache.size(), 1u);
}

TEST(MemoryReplayCache, ForgetsNothingThatCouldBeUsedAgain) {
  MemoryReplayCache cache(2);
  EXPECT_TRUE(cache.add("a", now + Seconds(60), now));
  EXPECT_TRUE(cache.add("b", now + Seconds(10), now));
  EXPECT_FALSE(cache.add("c", now + Seconds(60), now)) << "there is no room";
  EXPECT_FALSE(cache.add("a", now + Seconds(60), now));
  EXPECT_TRUE(cache.add("c", now + Seconds(60), now + Seconds(11)));
}

TEST(MemoryReplayCache, TellsWhatItWouldRefuseAndRemembersNothing) {
  MemoryReplayCache cache(1);
  EXPECT_FALSE(cache.contains("a", now));
  EXPECT_TRUE(cache.add("a", now + Seconds(60), now));
  EXPECT_TRUE(cache.contains("a", now + Seconds(60)));
  EXPECT_TRUE(cache.contains("b", now + Seconds(60))) << "there is no room";
  EXPECT_FALSE(cache.contains("a", now + Seconds(61)));
  EXPECT_FALSE(cache.contains("b", now + Seconds(61)));
  EXPECT_EQ(cache.size(), 1u);
}

TEST(MemoryReplayCache, OneOfSeveralThreadsWins) {
  MemoryReplayCache cache;
  std::atomic<int> winners = 0;
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      for (int token = 0; token < 100; ++token)
        if (cache.add(std::to_string(token), now + Seconds(60), now)) ++winners;
    });
  threads.clear();
  EXPECT_EQ(winners, 100);
}

TEST(MemoryReplayCache, WithoutRoomHoldsEveryTokenForSeen) {
  MemoryReplayCache cache(0);
  EXPECT_FALSE(cache.add("a", Instant(Seconds(10)), Instant(Seconds(1))));
  EXPECT_TRUE(cache.contains("a", Instant(Seconds(1))));
}

}  // namespace
}  // namespace gatehouse::tokens
