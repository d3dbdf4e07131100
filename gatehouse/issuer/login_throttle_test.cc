#include "gatehouse/issuer/login_throttle.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace gatehouse::issuer {
namespace {

constexpr Instant start{Seconds(1'780'272'000)};

std::string network(std::string_view address) { return network_of(IpAddress::parse(address)); }

LoginAttempt attempt(std::string account, int place = 0, std::string device = "") {
  return {.account = std::move(account),
          .network = network("192.0." + std::to_string(place) + ".1"),
          .device = std::move(device)};
}

class Throttle : public testing::Test {
 protected:
  std::string admit(const LoginAttempt& from, Seconds later = Seconds(0)) {
    const auto lane = throttle.admit(from, start + later);
    if (!lane) return describe(lane.error());
    return *lane == Lane::preferred ? "preferred" : "other";
  }
  bool fail_once(const LoginAttempt& from, Seconds later = Seconds(0), bool is_known = true) {
    if (!throttle.admit(from, start + later)) return false;
    throttle.failed(from, is_known, start + later);
    return true;
  }
  int fail(int times, const LoginAttempt& from, Seconds later = Seconds(0)) {
    int failed = 0;
    for (int i = 0; i < times; ++i) failed += fail_once(from, later);
    return failed;
  }
  void succeed(const LoginAttempt& from, Seconds later = Seconds(0)) {
    ASSERT_TRUE(throttle.admit(from, start + later));
    throttle.succeeded(from, start + later);
  }

  LoginThrottle throttle;
};

constexpr auto thirty = "too many attempts; the next one in 30 s";

TEST_F(Throttle, StopsAnAccountFromOneNetworkOnly) {
  EXPECT_EQ(fail(10, attempt("ada")), 5);
  EXPECT_EQ(admit(attempt("ada")), thirty);
  EXPECT_EQ(admit(attempt("ada", 1)), "other");
  EXPECT_EQ(admit(attempt("bob")), "other");
}

TEST_F(Throttle, CountsAttemptsThatAreStillLookedAt) {
  for (int i = 0; i < 5; ++i) EXPECT_EQ(admit(attempt("ada")), "other");
  EXPECT_EQ(admit(attempt("ada")), thirty);
}

TEST_F(Throttle, ForgetsAttemptsOfWhichNoPasswordWasLookedAt) {
  for (int i = 0; i < 200; ++i) {
    ASSERT_EQ(admit(attempt("ada")), "other") << i;
    throttle.withdrawn(attempt("ada"));
  }
}

TEST_F(Throttle, ASuccessClearsThisAccountFromHere) {
  fail(4, attempt("ada"));
  succeed(attempt("ada"));
  EXPECT_EQ(fail(10, attempt("ada")), 5);
}

TEST_F(Throttle, ASuccessClearsNothingElse) {
  for (int place = 0; place < 5; ++place) fail(4, attempt("ada", place));
  EXPECT_TRUE(admit(attempt("ada", 9)).starts_with("too many attempts"));
  succeed(attempt("ada", 9, "laptop"));
  EXPECT_TRUE(admit(attempt("ada", 9)).starts_with("too many attempts"));
}

TEST_F(Throttle, LetsAKnownDeviceIntoAnAccountThatOthersTry) {
  for (int place = 0; place < 5; ++place) fail(4, attempt("ada", place));
  EXPECT_TRUE(admit(attempt("ada", 9)).starts_with("too many attempts"));
  EXPECT_EQ(admit(attempt("ada", 9, "laptop")), "preferred");
}

TEST_F(Throttle, StopsAKnownDeviceThatMovesFromNetworkToNetwork) {
  int failed = 0;
  for (int place = 0; place < 20; ++place) failed += fail_once(attempt("ada", place, "stolen"));
  EXPECT_EQ(failed, 5);
}

TEST_F(Throttle, ASuccessClearsTheDevice) {
  for (int place = 0; place < 4; ++place) ASSERT_TRUE(fail_once(attempt("ada", place, "laptop")));
  succeed(attempt("ada", 4, "laptop"));
  int failed = 0;
  for (int place = 5; place < 20; ++place) failed += fail_once(attempt("ada", place, "laptop"));
  EXPECT_EQ(failed, 5);
}

TEST_F(Throttle, StopsANetworkThatTriesManyAccounts) {
  int failed = 0;
  for (int i = 0; i < 100; ++i) failed += fail_once(attempt("user" + std::to_string(i)));
  EXPECT_EQ(failed, 21);
  EXPECT_EQ(admit(attempt("somebody else", 1)), "other");
}

TEST_F(Throttle, LetsAnOfficeBeginItsDay) {
  for (int i = 0; i < 500; ++i) succeed(attempt("user" + std::to_string(i)));
}

TEST_F(Throttle, PrefersANetworkFromWhichSomebodyLoggedIn) {
  EXPECT_EQ(admit(attempt("bob")), "other");
  succeed(attempt("ada"));
  EXPECT_EQ(admit(attempt("bob")), "preferred");
}

TEST_F(Throttle, SaysWhenAnAccountHasToBeLocked) {
  // One failure from each of many networks, a quarter of an hour apart: only the run sees them.
  for (int i = 0; i < 99; ++i) {
    const auto from = attempt("ada", i);
    ASSERT_EQ(admit(from, Seconds(900 * i)), "other") << i;
    ASSERT_FALSE(throttle.failed(from, true, start + Seconds(900 * i))) << i;
  }
  const Seconds later(900 * 99);
  ASSERT_EQ(admit(attempt("ada", 200), later), "other");
  EXPECT_TRUE(throttle.failed(attempt("ada", 200), true, start + later));
  throttle.locked(attempt("ada", 200));
  ASSERT_EQ(admit(attempt("ada", 201), later), "other");
  EXPECT_FALSE(throttle.failed(attempt("ada", 201), true, start + later));
}

TEST_F(Throttle, ASuccessEndsARunOfFailures) {
  for (int i = 0; i < 150; ++i) {
    const auto from = attempt("ada", i);
    ASSERT_EQ(admit(from, Seconds(900 * i)), "other") << i;
    EXPECT_FALSE(throttle.failed(from, true, start + Seconds(900 * i))) << i;
    if (i == 75) succeed(attempt("ada", 201), Seconds(900 * i));
  }
}

TEST_F(Throttle, ClosesTheOtherLaneWhileMostAreUnknown) {
  succeed(attempt("ada", 1));
  for (int i = 0; i < 98; ++i) ASSERT_TRUE(fail_once(attempt("user" + std::to_string(i), i + 2), {}, i < 30));
  EXPECT_EQ(admit(attempt("bob", 200)), "other") << "99 are too few to tell";
  throttle.failed(attempt("bob", 200), false, start);
  EXPECT_EQ(admit(attempt("eve", 201)), "too busy; try again: login");
  EXPECT_EQ(admit(attempt("ada", 1)), "preferred");
  EXPECT_EQ(admit(attempt("ada", 202, "laptop")), "preferred");
  EXPECT_EQ(admit(attempt("eve", 201), Seconds(121)), "other");
}

TEST_F(Throttle, CountsAThousandAtOnceAsAThousand) {
  std::atomic<int> admitted = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i)
      threads.emplace_back([&] {
        for (int j = 0; j < 250; ++j) admitted += throttle.admit(attempt("ada"), start).has_value();
      });
  }
  EXPECT_EQ(admitted, 5);
}

TEST(Unlimited, ThrottlesNothing) {
  LoginThrottle throttle(LoginThrottleOptions::unlimited());
  for (int i = 0; i < 1000; ++i) {
    const auto from = attempt("user" + std::to_string(i % 40));
    ASSERT_TRUE(throttle.admit(from, start)) << i;
    EXPECT_FALSE(throttle.failed(from, false, start));
  }
}

struct NetworkName {
  const char* name;
  const char* one;
  const char* other;
  bool is_same;
};

const NetworkName network_names[] = {
    {"OfIpv4IsTheFirst24Bits", "192.0.2.1", "192.0.2.254", true},
    {"OfIpv4IsNoMore", "192.0.2.1", "192.0.3.1", false},
    {"OfIpv6IsTheFirst56Bits", "2001:db8:0:ff::1", "2001:db8:0:1:2:3:4:5", true},
    {"OfIpv6IsNoMore", "2001:db8:0:ff::1", "2001:db8:0:100::1", false},
    {"OfIpv4WrittenAsIpv6IsThatOfIpv4", "192.0.2.1", "::ffff:192.0.2.9", true},
    {"OfNobodyIsOneForAll", "", "/run/socket", true},
};

class NetworkOf : public testing::TestWithParam<NetworkName> {};

TEST_P(NetworkOf, AnAddress) {
  EXPECT_EQ(network(GetParam().one) == network(GetParam().other), GetParam().is_same);
}

INSTANTIATE_TEST_SUITE_P(Throttle, NetworkOf, testing::ValuesIn(network_names),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace gatehouse::issuer
