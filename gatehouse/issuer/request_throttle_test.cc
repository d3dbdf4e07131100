#include "gatehouse/issuer/request_throttle.h"

#include <gtest/gtest.h>

#include "tests/support/settable_clock.h"

namespace gatehouse::issuer {
namespace {

class RequestThrottleTest : public testing::Test {
 protected:
  static http::Request from(std::string_view address) {
    return {.method = "POST", .remote_address = address};
  }
  void fail_times(int times, std::string_view address, std::string_view client) {
    for (int i = 0; i < times; ++i) throttle_.failed(from(address), client);
  }
  // The seconds to wait; 0: none.
  int wait(std::string_view address, std::string_view client) {
    const auto admitted = throttle_.admit(from(address), client);
    return admitted ? 0 : std::stoi(admitted.error().subject);
  }

  test_support::SettableClock clock_;
  RequestThrottle throttle_{{}, {*http::IpNetwork::parse("10.0.0.0/8")}, clock_};
};

TEST_F(RequestThrottleTest, AClientWaitsOnItsNetworkAfterTwentyFailures) {
  fail_times(19, "192.0.2.7", "web");
  EXPECT_EQ(wait("192.0.2.7", "web"), 0);
  fail_times(1, "192.0.2.7", "web");
  EXPECT_EQ(wait("192.0.2.7", "web"), 300);
  EXPECT_EQ(wait("192.0.2.9", "web"), 300);  // the same network
  EXPECT_EQ(wait("192.0.2.7", "other"), 0);
  EXPECT_EQ(wait("198.51.100.7", "web"), 0);
  clock_.advance(Seconds(300));
  EXPECT_GT(wait("192.0.2.7", "web"), 0);  // the window slides
  clock_.advance(Seconds(1));
  EXPECT_EQ(wait("192.0.2.7", "web"), 0);
}

TEST_F(RequestThrottleTest, ANetworkWaitsAfterAHundredInWhateverName) {
  for (int i = 0; i < 99; ++i) throttle_.failed(from("192.0.2.7"), std::to_string(i));
  EXPECT_EQ(wait("192.0.2.7", "web"), 0);
  fail_times(1, "192.0.2.7", "more");
  EXPECT_EQ(wait("192.0.2.7", "web"), 600);
  EXPECT_EQ(wait("198.51.100.7", "web"), 0);
}

TEST_F(RequestThrottleTest, GoesByWhoAsksBehindAProxyOfOurs) {
  http::Request request = from("10.0.0.1");
  request.headers.add("X-Forwarded-For", "203.0.113.5");
  for (int i = 0; i < 20; ++i) throttle_.failed(request, "web");
  EXPECT_FALSE(throttle_.admit(request, "web"));
  EXPECT_EQ(wait("10.0.0.1", "web"), 0);
  EXPECT_EQ(throttle_.address_of(request), "203.0.113.5");
  EXPECT_EQ(throttle_.address_of(from("192.0.2.7")), "192.0.2.7");
  EXPECT_EQ(throttle_.address_of(from("")), "");
}

}  // namespace
}  // namespace gatehouse::issuer
