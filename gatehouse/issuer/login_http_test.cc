#include "gatehouse/issuer/login_http.h"

#include <gtest/gtest.h>

#include <set>
#include <vector>

namespace gatehouse::issuer {
namespace {

TEST(LoginRequest, HasAddressAndDevice) {
  http::Request request{.remote_address = "192.0.2.7"};
  request.headers.add("Cookie", "a=b; gh_dev=token; c=d");
  request.headers.add("X-Forwarded-For", "198.51.100.1");
  const LoginRequest login = make_login_request("ada@example.com", "password", request, {});
  EXPECT_EQ(login.email, "ada@example.com");
  EXPECT_EQ(login.password, "password");
  EXPECT_EQ(login.address->text(), "192.0.2.7");
  EXPECT_EQ(login.device_token, "token");
}

TEST(LoginRequest, HasTheAddressThatATrustedProxySaw) {
  http::Request request{.remote_address = "192.0.2.7"};
  request.headers.add("X-Forwarded-For", "198.51.100.1");
  const std::vector trusted{*http::IpNetwork::parse("192.0.2.7")};
  EXPECT_EQ(make_login_request("", "", request, trusted).address->text(), "198.51.100.1");
}

TEST(DeviceToken, IsKeptFromScriptsAndOtherSites) {
  http::Response response;
  remember_device(response, "token", Seconds(60));
  EXPECT_EQ(response.headers.find("Set-Cookie"),
            "gh_dev=token; Max-Age=60; Secure; HttpOnly; SameSite=Strict");
}

TEST(LoginRefusal, SaysHowLongToWait) {
  const http::Response response = login_refusal({Failure::throttled, "30"});
  EXPECT_EQ(response.status, 429);
  EXPECT_EQ(response.headers.find("Retry-After"), "30");
}

TEST(LoginRefusal, SendsTheManyBackAtDifferentTimes) {
  std::set<std::string> seen;
  for (int i = 0; i < 500; ++i) {
    const http::Response response = login_refusal({Failure::overloaded, "login"});
    EXPECT_EQ(response.status, 503);
    EXPECT_TRUE(response.body.contains(R"("error":"temporarily_unavailable")")) << response.body;
    seen.emplace(*response.headers.find("Retry-After"));
  }
  EXPECT_EQ(seen, (std::set<std::string>{"1", "2", "3", "4", "5"}));
}

TEST(LoginRefusal, OfWrongCredentialsSaysNothingElse) {
  const http::Response response = login_refusal({Failure::credentials_invalid});
  EXPECT_EQ(response.status, 401);
  EXPECT_EQ(response.body, R"({"title":"Unauthorized","status":401})");
}

}  // namespace
}  // namespace gatehouse::issuer
