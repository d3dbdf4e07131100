#include "gatehouse/issuer/login_limits.h"

#include <gtest/gtest.h>

#include <vector>

namespace gatehouse::issuer {
namespace {

constexpr Instant start{Seconds(1'780'272'000)};
const LoginThrottleOptions options;

Instant after(int seconds) { return start + Seconds(seconds); }

// --- one account from one network
// -----------------------------------------------------------------------------

struct PairCase {
  const char* name;
  std::vector<int> failures;  // seconds after the start
  int asked;
  int wait;  // 0: none
};

std::vector<int> times(int count, int every = 0, int from = 0) {
  std::vector<int> all;
  for (int i = 0; i < count; ++i) all.push_back(from + i * every);
  return all;
}

std::vector<int> operator+(std::vector<int> a, const std::vector<int>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

const PairCase pair_cases[] = {
    {"IsFreeAtFirst", {}, 0, 0},
    {"IsFreeAfterFourFailures", times(4), 0, 0},
    {"WaitsAfterTheFifth", times(5), 0, 30},
    {"WaitsToTheLastSecond", times(5), 29, 1},
    {"IsFreeThirtySecondsLater", times(5), 30, 0},
    {"WaitsTwiceAsLongAfterTheSixth", times(5) + std::vector{30}, 30, 60},
    {"WaitsFourTimesAsLongAfterTheSeventh", times(5) + std::vector{30, 90}, 90, 120},
    {"WaitsTwiceAsLongAlsoWhenTheFirstFiveAreLongPast", times(5) + std::vector{700}, 700, 60},
    {"WaitsNoLongerThanAQuarterOfAnHour", times(20), 0, 900},
    {"IsFreeAQuarterOfAnHourLater", times(20), 900, 0},
    {"RemembersForHalfAnHour", times(20) + std::vector{1799}, 1799, 900},
    {"ForgetsAfterHalfAnHour", times(20) + std::vector{1800}, 1800, 0},
    {"CountsFailuresThatAreAMinuteApart", times(5, 60), 240, 30},
    {"CountsNoFailuresThatAreFarApart", times(20, 301), 19 * 301, 0},
    {"IsNotFreedByAClockThatIsSetBack", times(5), -100, 30},
};

class Pair : public testing::TestWithParam<PairCase> {};

TEST_P(Pair, IsDelayed) {
  PairState state;
  for (const int second : GetParam().failures) charge(state, options, after(second));
  EXPECT_EQ(wait_of(state, options, after(GetParam().asked)).value_or(Seconds(0)).count(), GetParam().wait);
}

INSTANTIATE_TEST_SUITE_P(Throttle, Pair, testing::ValuesIn(pair_cases),
                         [](const auto& test) { return test.param.name; });

TEST(Pair, IsAsItWasWhenAChargeIsTakenBack) {
  PairState state;
  for (int i = 0; i < 4; ++i) charge(state, options, start);
  charge(state, options, start);
  EXPECT_TRUE(wait_of(state, options, start));
  take_back(state);
  EXPECT_FALSE(wait_of(state, options, start));
}

// --- one account from everywhere
// ------------------------------------------------------------------------------

struct CountCase {
  const char* name;
  int failures;  // at once
  int asked;
  int wait;
};

const CountCase account_cases[] = {
    {"IsFreeAfterNineteen", 19, 0, 0},
    {"IsClosedAfterTwenty", 20, 0, 900},
    {"IsClosedToTheEndOfTheWindow", 20, 899, 1},
    {"IsOpenWhenTheyFade", 20, 901, 0},
    {"IsClosedLongerAfterTwiceAsMany", 40, 901, 899},
    {"IsOpenAfterTwoWindows", 40, 1800, 0},
};

class Account : public testing::TestWithParam<CountCase> {};

TEST_P(Account, IsClosed) {
  AccountState state;
  for (int i = 0; i < GetParam().failures; ++i) charge(state, options, start);
  EXPECT_EQ(wait_of(state, options, after(GetParam().asked)).value_or(Seconds(0)).count(), GetParam().wait);
}

INSTANTIATE_TEST_SUITE_P(Throttle, Account, testing::ValuesIn(account_cases),
                         [](const auto& test) { return test.param.name; });

TEST(Account, CountsFailuresInARow) {
  AccountState state;
  for (int i = 0; i < 99; ++i) charge(state, options, after(i * 1000));
  EXPECT_EQ(state.run, 99U);
  take_back(state);
  EXPECT_EQ(state.run, 98U);
}

// --- one network
// ----------------------------------------------------------------------------------------------

struct NetworkCase {
  const char* name;
  int failures;  // at once
  int accounts;  // that they go to in turn
  bool settled;
  int asked;
  int wait;
};

const NetworkCase network_cases[] = {
    {"IsFreeAfterFortyNine", 49, 1, true, 0, 0},
    {"IsClosedAfterFifty", 50, 1, true, 0, 600},
    {"IsOpenWhenTheyFade", 50, 1, true, 601, 0},
    {"IsFreeWithTwentyAccounts", 20, 20, true, 0, 0},
    {"IsClosedWithTwentyOne", 21, 21, true, 0, 600},
    {"IsClosedToTheEndOfTheWindow", 21, 21, true, 599, 1},
    {"IsOpenAfterIt", 21, 21, true, 600, 0},
    {"IsAskedToComeBackWhileItsUsersAreStillLookedAt", 49, 30, false, 0, 1},
    {"IsAskedToComeBackWhileItsAttemptsAreStillLookedAt", 60, 1, false, 0, 1},
};

class Network : public testing::TestWithParam<NetworkCase> {};

TEST_P(Network, IsClosed) {
  NetworkState state;
  for (int i = 0; i < GetParam().failures; ++i) {
    charge(state, static_cast<std::uint32_t>(i % GetParam().accounts), options, start);
    if (GetParam().settled) settle(state);
  }
  EXPECT_EQ(wait_of(state, options, after(GetParam().asked)).value_or(Seconds(0)).count(), GetParam().wait);
}

INSTANTIATE_TEST_SUITE_P(Throttle, Network, testing::ValuesIn(network_cases),
                         [](const auto& test) { return test.param.name; });

TEST(Network, ForgetsTheAccountThatSucceeded) {
  NetworkState state;
  for (std::uint32_t account = 0; account < 21; ++account) {
    charge(state, account, options, start);
    settle(state);
  }
  take_back(state, 7);
  EXPECT_FALSE(wait_of(state, options, start));
}

TEST(Network, IsQuietAfterALoginAndFewFailures) {
  NetworkState state;
  EXPECT_FALSE(is_quiet(state, options, start)) << "nobody has logged in from there";
  state.last_success = start;
  EXPECT_TRUE(is_quiet(state, options, start));
  for (int i = 0; i < 4; ++i) charge(state, 1, options, start);
  EXPECT_TRUE(is_quiet(state, options, start));
  charge(state, 1, options, start);
  EXPECT_FALSE(is_quiet(state, options, start));
}

// --- the window
// -----------------------------------------------------------------------------------------------

TEST(WindowCount, LetsWhatIsPastFade) {
  constexpr Seconds window(100);
  WindowCount count;
  for (int i = 0; i < 10; ++i) count.add(start, window);
  EXPECT_EQ(count.estimate(start, window), 10);
  EXPECT_EQ(count.estimate(after(99), window), 10);
  EXPECT_EQ(count.estimate(after(150), window), 5);
  EXPECT_EQ(count.estimate(after(200), window), 0);
  count.add(after(150), window);
  EXPECT_EQ(count.estimate(after(150), window), 6);
  EXPECT_EQ(count.estimate(after(200), window), 1);
  EXPECT_EQ(count.estimate(after(250), window), 0.5);
}

TEST(WindowCount, KeepsWhatItHasWhenAClockIsSetBackALittle) {
  WindowCount count;
  count.add(start, Seconds(100));
  EXPECT_EQ(count.estimate(after(-100), Seconds(100)), 1);
  EXPECT_EQ(count.estimate(after(-101), Seconds(100)), 0);
}

}  // namespace
}  // namespace gatehouse::issuer
