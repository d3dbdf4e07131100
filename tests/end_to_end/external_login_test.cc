// A user of another issuer logs in here: two servers on loopback, the other one over TLS.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "gatehouse/base/wait_for.h"
#include "gatehouse/gatehouse.h"
#include "gatehouse/issuer/authorization_server.h"
#include "gatehouse/testing/test_issuer.h"
#include "tests/support/tls_authority.h"
#include "tests/vectors/runner/listening.h"

namespace gatehouse {
namespace {

using test_support::AuthorityFault;
using test_support::TlsAuthority;
using vectors::Answer;

class ExternalLoginOverTls : public ::testing::Test {
 protected:
  ExternalLoginOverTls() {
    corp.publish({corp_tokens.key()});
    WebApplicationBuilder builder("issuer");
    builder.use_log_sink([](diagnostics::Level, std::string_view) {});
    builder.backchannel.ca_file = corp.ca_file();
    app.emplace(builder.build());

    users->add({.id = "ada-id", .email = "ada@example.com"}).value();
    wait_for(store->clients().add({.id = "shop",
                                   .grants = {"refresh_token"},
                                   .scopes = {"read"},
                                   .audiences = {"https://api.example.com"},
                                   .is_first_party = true}))
        .value();
    issuer::AuthorizationServerOptions options{.issuer = "https://id.example.com"};
    options.accounts.default_client = "shop";
    options.external.issuers = {{.name = "corp",
                                 .authority = {.authority = corp.issuer()},
                                 .audience = "shop-at-corp",
                                 .email_domains = {"example.com"}}};
    options.external.validate =
        issuer::make_external_validator(options.external.issuers, app->backchannel(), clock).value();
    id =
        wait_for(issuer::AuthorizationServer::open(
                     *store, *users, *login, issuer::KeyWrapper::make({Secret(std::string(32, 'w'))}).value(),
                     std::move(options), *clock))
            .value();
    app->map_authorization_server(*id);
    listening.emplace(*app, *clock);
  }

  Answer post(const std::string& path, const std::string& body) {
    return vectors::parse_answer(listening->ask(fmt::format(
        "POST {} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n"
        "Content-Length: {}\r\n\r\n{}",
        path, body.size(), body)));
  }
  std::string nonce() {
    const Answer answer = post("/login/external/nonce", "{}");
    EXPECT_EQ(answer.status, 200) << answer.body;
    const std::string_view before = R"({"nonce":")";
    return answer.body.substr(before.size(), answer.body.find('"', before.size()) - before.size());
  }
  testing::TestToken id_token() {
    testing::TestToken token = corp_tokens.token();
    token.claim("email", std::string("ada@example.com"))
        .claim("email_verified", true)
        .claim("nonce", nonce());
    return token;
  }
  Answer log_in(const std::string& token) { return post("/login/external", R"({"token":")" + token + "\"}"); }

  std::shared_ptr<const SystemClock> clock = std::make_shared<const SystemClock>();
  TlsAuthority corp;
  testing::TestIssuer corp_tokens{*clock, corp.issuer(), "shop-at-corp"};
  std::unique_ptr<stores::Store> store = stores::make_memory_store();
  std::unique_ptr<UserStore> users = stores::make_memory_user_store();
  std::unique_ptr<LoginService> login = std::make_unique<LoginService>(*users);
  std::optional<WebApplication> app;
  std::unique_ptr<issuer::AuthorizationServer> id;
  std::optional<vectors::Listening> listening;
};

TEST_F(ExternalLoginOverTls, AnIdTokenOfTheOtherIssuerBecomesASession) {
  const std::string token = id_token();
  const Answer answer = log_in(token);
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_TRUE(answer.body.contains("refreshToken"));
  EXPECT_EQ(wait_for(store->external_logins().find(corp.issuer(), "user-1"))->user_id, "ada-id");
  EXPECT_EQ(log_in(token).status, 401);
  EXPECT_GE(corp.requests(), 2u);  // its document and its keys
}

TEST_F(ExternalLoginOverTls, NoOtherTokenDoes) {
  EXPECT_EQ(log_in(id_token().signed_by_another_key()).status, 401);
  EXPECT_EQ(log_in(id_token().for_audience("other")).status, 401);
  EXPECT_EQ(log_in(id_token().from_issuer("https://evil.example")).status, 401);
  EXPECT_EQ(log_in(id_token().expired_by(std::chrono::hours(1))).status, 401);
  EXPECT_EQ(log_in(id_token().without_signature()).status, 401);
  EXPECT_EQ(log_in(id_token().of_type("at+jwt")).status, 401);
  EXPECT_EQ(wait_for(store->sessions().count()), 0u);
}

TEST_F(ExternalLoginOverTls, WhileTheOtherIssuerDoesNotAnswerNobodyIsRefused) {
  corp.suffer(AuthorityFault::fails);
  const Answer answer = log_in(id_token());
  EXPECT_EQ(answer.status, 503);
  EXPECT_NE(answer.header("Retry-After"), "");
}

}  // namespace
}  // namespace gatehouse
