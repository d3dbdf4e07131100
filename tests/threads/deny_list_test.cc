// Threads ask a deny list while others add to it, and while its tables are written anew.

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "gatehouse/revocation/deny_list.h"

namespace gatehouse::revocation {
namespace {

constexpr Instant now{Seconds(1'780'272'000)};
const std::string issuer = "https://issuer.example";
constexpr int entries = 6'000;

TokenMarks session(std::string_view value) {
  TokenMarks marks{.issuer = issuer};
  marks.values[static_cast<std::size_t>(DenyKind::session)] = value;
  return marks;
}

DenyEntry entry(int number, Seconds lifetime) {
  return {
      .kind = DenyKind::session, .issuer = issuer, .value = std::to_string(number), .until = now + lifetime};
}

// What was added before a reader looked is found by it, from then on and always; nothing else ever is.
TEST(DenyListAmongThreads, FindsWhatWasAddedAndNothingElse) {
  DenyList list;
  std::atomic<int> added = 0;
  std::atomic<std::size_t> wrong = 0;
  constexpr int readers = 3;
  std::latch asking(readers);  // all of them ask before the list is full, however late they are started
  std::vector<std::jthread> threads;
  for (int reader = 0; reader < readers; ++reader)
    threads.emplace_back([&, reader] {
      bool asked = false;
      for (unsigned round = static_cast<unsigned>(reader); added < entries; round += 7'919) {
        const int known = added;
        if (known == 0) continue;
        const std::string value = std::to_string(round % static_cast<unsigned>(known));
        if (!list.find(session(value), now)) ++wrong;
        const std::string other = "no-" + value;
        if (list.find(session(other), now)) ++wrong;
        if (list.heard(issuer) < now) ++wrong;
        if (!std::exchange(asked, true)) asking.count_down();
      }
    });
  ASSERT_TRUE(list.heard(issuer, now));
  for (int i = 0; i < entries; ++i) {
    if (i == entries / 4) asking.wait();
    EXPECT_TRUE(list.add(entry(i, Seconds(600)), now));
    added = i + 1;
    if (i % 16 == 0) list.tidy(now);
    if (i % 64 == 0) EXPECT_TRUE(list.heard(issuer, now + Seconds(i)));
  }
  threads.clear();
  EXPECT_EQ(wrong, 0u);
}

TEST(DenyListAmongThreads, TakesFromSeveralAtOnce) {
  DenyList list;
  {
    std::vector<std::jthread> threads;
    for (int writer = 0; writer < 3; ++writer)
      threads.emplace_back([&list, writer] {
        for (int i = 0; i < entries / 3; ++i)
          EXPECT_TRUE(list.add(entry(3 * i + writer, Seconds(i % 2 == 0 ? 600 : 10)), now));
      });
    threads.emplace_back([&list] {
      for (int i = 0; i < 256; ++i) list.tidy(now + Seconds(11));  // of those that are over, the half
    });
  }
  for (int i = 0; i < entries; ++i) {
    const std::string value = std::to_string(i);
    if ((i / 3) % 2 == 0) EXPECT_TRUE(list.find(session(value), now + Seconds(11))) << i;
  }
}

}  // namespace
}  // namespace gatehouse::revocation
