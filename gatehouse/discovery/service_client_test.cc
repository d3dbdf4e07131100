#include "gatehouse/discovery/service_client.h"

#include <gtest/gtest.h>

#include "gatehouse/base/wait_for.h"
#include "tests/support/fake_backchannel.h"

namespace gatehouse::discovery {
namespace {

class ServiceClientTest : public ::testing::Test {
 protected:
  ServiceClientTest() {
    answer(200, R"({"access_token":"one","token_type":"Bearer","expires_in":600})");
    client_ = ServiceClient::make(options_, backchannel_, clock_).value();
  }
  void answer(int status, std::string body) {
    backchannel_->documents["https://id.example.com/connect/token"] = {.status = status,
                                                                       .body = std::move(body)};
  }
  void say_active(std::string body) {
    backchannel_->documents["https://id.example.com/connect/introspect"] = {.status = 200,
                                                                            .body = std::move(body)};
  }

  gatehouse::testing::FakeClock clock_;
  std::shared_ptr<test_support::FakeBackchannel> backchannel_ =
      std::make_shared<test_support::FakeBackchannel>(clock_);
  ServiceClientOptions options_{.issuer = "https://id.example.com",
                                .client_id = "api:1",
                                .client_secret = Secret("s e/cret"),
                                .scope = "gatehouse.feed read",
                                .resource = "https://api.example.com"};
  std::shared_ptr<ServiceClient> client_;
};

TEST_F(ServiceClientTest, AsksOnceAndAgainBeforeTheTokenEnds) {
  EXPECT_EQ(wait_for(client_->authorization()), "Bearer one");
  const DocumentRequest& asked = backchannel_->requests.at(0);
  EXPECT_EQ(
      asked.form,
      "grant_type=client_credentials&scope=gatehouse.feed%20read&resource=https%3A%2F%2Fapi.example.com");
  EXPECT_EQ(asked.authorization, "Basic YXBpJTNBMTpzJTIwZSUyRmNyZXQ=");
  clock_.advance(Seconds(539));
  EXPECT_EQ(wait_for(client_->authorization()), "Bearer one");
  EXPECT_EQ(backchannel_->requests.size(), 1u);
  answer(200, R"({"access_token":"two","expires_in":600})");
  clock_.advance(Seconds(1));
  EXPECT_EQ(wait_for(client_->authorization()), "Bearer two");
}

struct RefusalCase {
  int status;
  const char* body;
  Failure kind;
  const char* subject;
};

const RefusalCase refusal_cases[] = {
    {401, R"({"error":"invalid_client"})", Failure::credentials_invalid, "invalid_client"},
    {400, R"({"error":"<script>"})", Failure::credentials_invalid, "status 400"},
    {400, "no JSON", Failure::credentials_invalid, "status 400"},
    {503, R"({"error":"temporarily_unavailable"})", Failure::unavailable, "temporarily_unavailable"},
    {429, "", Failure::unavailable, "status 429"},
    {200, R"({"access_token":"t"})", Failure::unavailable, "the answer has no access_token or no expires_in"},
    {200, R"({"expires_in":600})", Failure::unavailable, "the answer has no access_token or no expires_in"},
    {200, "[]", Failure::unavailable, "the answer has no access_token or no expires_in"},
};

TEST_F(ServiceClientTest, SaysWhyItHasNoToken) {
  for (const auto& [status, body, kind, subject] : refusal_cases) {
    answer(status, body);
    const auto got = wait_for(client_->authorization());
    ASSERT_FALSE(got) << body;
    EXPECT_EQ(got.error().kind, kind) << body;
    EXPECT_EQ(got.error().subject, subject);
  }
  backchannel_->is_down = true;
  EXPECT_EQ(wait_for(client_->authorization()).error().kind, Failure::unavailable);
}

TEST_F(ServiceClientTest, Introspects) {
  say_active(R"({"active":true,"sub":"ada"})");
  EXPECT_EQ(wait_for(client_->introspect("a.b+c")), true);
  EXPECT_EQ(backchannel_->requests.at(0).form, "token=a.b%2Bc");
  say_active(R"({"active":false})");
  EXPECT_EQ(wait_for(client_->introspect("t")), false);
  for (const char* unclear : {"{}", R"({"active":"true"})", "no JSON"}) {
    say_active(unclear);
    EXPECT_EQ(wait_for(client_->introspect("t")).error().kind, Failure::unavailable) << unclear;
  }
}

TEST_F(ServiceClientTest, RefusesWhatWouldGiveItsSecretAway) {
  options_.issuer = "http://id.example.com";
  EXPECT_EQ(ServiceClient::make(options_, backchannel_, clock_).error().kind, Failure::configuration_invalid);
  options_.require_https = false;
  EXPECT_TRUE(ServiceClient::make(options_, backchannel_, clock_));
  options_.client_secret = Secret();
  EXPECT_FALSE(ServiceClient::make(options_, backchannel_, clock_));
  options_.client_secret = Secret("s");
  options_.issuer = "no url";
  EXPECT_FALSE(ServiceClient::make(options_, backchannel_, clock_));
}

}  // namespace
}  // namespace gatehouse::discovery
