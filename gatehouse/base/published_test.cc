#include "gatehouse/base/published.h"

#include <gtest/gtest.h>

#include <atomic>
#include <deque>
#include <thread>
#include <vector>

namespace gatehouse {
namespace {

TEST(Published, ReadsWhatWasPublishedLast) {
  Published<int> number;
  EXPECT_EQ(number.read(), nullptr);
  number.publish(std::make_shared<const int>(1));
  const auto first = number.read();
  EXPECT_EQ(*first, 1);
  EXPECT_EQ(number.read(), first);
  number.publish(std::make_shared<const int>(2));
  EXPECT_EQ(*number.read(), 2);
  EXPECT_EQ(*first, 1);
}

TEST(Published, LetsGoOfWhatItReplacedWhenItIsReadAgain) {
  Published<int> number(std::make_shared<const int>(1));
  std::weak_ptr<const int> old = number.read();
  number.publish(std::make_shared<const int>(2));
  EXPECT_FALSE(old.expired());  // the copy of this thread
  EXPECT_EQ(*number.read(), 2);
  EXPECT_TRUE(old.expired());
}

TEST(Published, KeepsManyApartOnOneThread) {
  std::deque<Published<int>> numbers;  // more than a thread has copies
  for (int i = 0; i < 40; ++i) numbers.emplace_back(std::make_shared<const int>(i));
  for (int round = 0; round < 3; ++round)
    for (int i = 0; i < 40; ++i) EXPECT_EQ(*numbers[static_cast<std::size_t>(i)].read(), i);
  // One that stands where another stood is not taken for it.
  numbers.pop_back();
  numbers.emplace_back(std::make_shared<const int>(99));
  EXPECT_EQ(*numbers.back().read(), 99);
}

TEST(Published, NeverGoesBackForAReader) {
  Published<int> number(std::make_shared<const int>(0));
  std::atomic<bool> has_gone_back = false;
  std::vector<std::jthread> readers;
  for (int i = 0; i < 3; ++i)
    readers.emplace_back([&](const std::stop_token& stop) {
      for (int last = 0; !stop.stop_requested();) {
        const int now = *number.read();
        if (now < last) has_gone_back = true;
        last = now;
      }
    });
  for (int i = 1; i <= 2000; ++i) number.publish(std::make_shared<const int>(i));
  readers.clear();
  EXPECT_FALSE(has_gone_back);
  EXPECT_EQ(*number.read(), 2000);
}

}  // namespace
}  // namespace gatehouse
