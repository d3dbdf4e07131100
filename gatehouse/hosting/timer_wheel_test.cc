#include "gatehouse/hosting/timer_wheel.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <vector>

namespace gatehouse::hosting {
namespace {

using std::chrono::milliseconds;

struct Alarm final : Deadline {
  void on_deadline() override {
    ++rung;
    if (then) then();
  }
  int rung = 0;
  std::function<void()> then = {};
};

// Ticks until `alarm` rings, or 5000.
int ticks_until(TimerWheel& wheel, const Alarm& alarm) {
  int ticks = 0;
  for (const int before = alarm.rung; alarm.rung == before && ticks < 5000; ++ticks) wheel.tick();
  return ticks;
}

struct DelayCase {
  milliseconds delay;
  int ticks;
};

class Delay : public testing::TestWithParam<DelayCase> {};

TEST_P(Delay, IsKeptToATick) {
  for (const int start : {0, 1, 1000, 1023, 1024, 1025}) {
    TimerWheel wheel;
    Alarm alarm;
    for (int i = 0; i < start; ++i) wheel.tick();
    wheel.arm(alarm, GetParam().delay);
    EXPECT_EQ(ticks_until(wheel, alarm), GetParam().ticks) << "from " << start;
    EXPECT_TRUE(wheel.empty());
  }
}

INSTANTIATE_TEST_SUITE_P(TimerWheel, Delay,
                         testing::Values(DelayCase{milliseconds(0), 1}, DelayCase{milliseconds(1), 2},
                                         DelayCase{milliseconds(100), 2}, DelayCase{milliseconds(101), 3},
                                         DelayCase{milliseconds(75'000), 751},
                                         DelayCase{milliseconds(102'200), 1023},
                                         DelayCase{milliseconds(102'300), 1024},
                                         DelayCase{milliseconds(400'000), 4001}),
                         [](const auto& test) { return "Of" + std::to_string(test.param.delay.count()); });

TEST(TimerWheel, MovesADeadlineBothWays) {
  TimerWheel wheel;
  Alarm alarm;
  wheel.arm(alarm, milliseconds(1000));
  wheel.arm(alarm, milliseconds(3000));
  EXPECT_EQ(ticks_until(wheel, alarm), 31);
  wheel.arm(alarm, milliseconds(3000));
  wheel.arm(alarm, milliseconds(1000));
  EXPECT_EQ(ticks_until(wheel, alarm), 11);
}

TEST(TimerWheel, DoesNotRingWhatWasDropped) {
  TimerWheel wheel;
  Alarm alarm;
  wheel.arm(alarm, milliseconds(500));
  wheel.drop(alarm);
  for (int i = 0; i < 20; ++i) wheel.tick();
  EXPECT_EQ(alarm.rung, 0);
  EXPECT_TRUE(wheel.empty());
}

TEST(TimerWheel, ForgetsADeadlineThatGoes) {
  TimerWheel wheel;
  Alarm before;
  auto gone = std::make_unique<Alarm>();
  Alarm after;
  for (Alarm* alarm : {&before, gone.get(), &after}) wheel.arm(*alarm, milliseconds(100));
  gone.reset();
  wheel.tick();
  wheel.tick();
  EXPECT_EQ(before.rung + after.rung, 2);
}

TEST(TimerWheel, LetsADeadlineArmItselfAgain) {
  TimerWheel wheel;
  Alarm alarm;
  alarm.then = [&] { wheel.arm(alarm, milliseconds(0)); };
  wheel.arm(alarm, milliseconds(0));
  for (int i = 0; i < 3000; ++i) wheel.tick();
  EXPECT_EQ(alarm.rung, 3000);
}

TEST(TimerWheel, LetsADeadlineDestroyTheNextOne) {
  TimerWheel wheel;
  std::vector<std::unique_ptr<Alarm>> alarms;
  for (int i = 0; i < 3; ++i) {
    alarms.push_back(std::make_unique<Alarm>());
    wheel.arm(*alarms.back(), milliseconds(0));
  }
  alarms.back()->then = [&] {
    alarms[0].reset();
    alarms[1].reset();
  };
  wheel.tick();
  EXPECT_EQ(alarms.back()->rung, 1);
  EXPECT_TRUE(wheel.empty());
}

TEST(TimerWheel, MayGoBeforeItsDeadlines) {
  Alarm alarm;
  {
    TimerWheel wheel;
    wheel.arm(alarm, milliseconds(100));
  }
  EXPECT_EQ(alarm.rung, 0);
}

}  // namespace
}  // namespace gatehouse::hosting
