#include "gatehouse/admin/admin_api.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gatehouse/base/json.h"
#include "gatehouse/base/wait_for.h"
#include "gatehouse/http/http_context.h"
#include "gatehouse/http/pipeline.h"
#include "gatehouse/http/routing.h"
#include "gatehouse/issuer/password_hash.h"
#include "tests/support/settable_clock.h"

namespace gatehouse::admin {
namespace {

using testing::HasSubstr;
using testing::Not;

class AdminApiTest : public testing::Test {
 protected:
  AdminApiTest() {
    server_ = wait_for(issuer::AuthorizationServer::open(
                           *store_, *users_, login_,
                           issuer::KeyWrapper::make({Secret(std::string(32, 'w'))}).value(),
                           {.issuer = "https://id.example.com"}, clock_))
                  .value();
    api_ = std::make_unique<AdminApi>(
        AdminServices{.server = *server_,
                      .store = *store_,
                      .users = *users_,
                      .login = login_,
                      .pool = pool_,
                      .clock = clock_,
                      .password_rules = [](std::string_view password, const stores::User&) -> Result<void> {
                        if (password.size() < 8) return fail(Failure::password_refused, "it is too short");
                        return {};
                      },
                      .operators = {"uid:0"}});
    for (http::Endpoint& endpoint : api_->endpoints())
      table_.add(endpoint.method, endpoint.pattern, std::move(endpoint.handler));
    EXPECT_TRUE(table_.check());
    pipeline_.use(http::use_routing(table_));
    pipeline_.use(http::run_endpoint);
  }

  // "200 {…}"
  std::string ask(std::string_view method, std::string_view target, std::string_view body = {},
                  std::string_view who = "uid:0") {
    const std::size_t mark = std::min(target.find('?'), target.size());
    http::Request request{.method = method,
                          .path = target.substr(0, mark),
                          .query = mark < target.size() ? target.substr(mark + 1) : "",
                          .remote_address = who,
                          .body = body};
    http::HttpContext context(request, services_, clock_);
    wait_for(pipeline_.run(context));
    return fmt::format("{} {}", context.response.status, context.response.body);
  }

  static std::string member(const std::string& answer, std::string_view name) {
    json::Parser parser;
    const auto body = parser.parse(std::string_view(answer).substr(4));
    const auto found = body && body->is_object() ? body->find(name) : std::nullopt;
    if (!found) return "(none)";
    return found->is_string() ? std::string(found->as_string()) : found->dump();
  }

  std::string add_ada() {
    return member(
        ask("POST", "/users",
            R"({"email":"ada@example.com","password":"a violin under an umbrella","roles":["Admin"]})"),
        "id");
  }
  void add_shop() {
    ASSERT_THAT(ask("POST", "/clients",
                    R"({"id":"shop","grants":["refresh_token"],"scopes":["read","write"],)"
                    R"("audiences":["https://api.example.com"],"first_party":true})"),
                HasSubstr("200 "));
  }
  std::string start_session(const std::string& user) {
    return wait_for(server_->sessions().start({.user_id = user, .client_id = "shop"})).value().session.sid;
  }
  bool is_alive(const std::string& sid) { return wait_for(server_->sessions().is_alive(sid)).value(); }
  bool is_denied(const std::string& token) {
    const auto read = server_->tokens().validate(token).value();
    return server_->deny_list()->find(revocation::marks_of(read), clock_.now()).has_value();
  }
  std::string token_of(std::string_view user) {
    return member(ask("POST", "/tokens", fmt::format(R"({{"client":"shop","user":"{}"}})", user)),
                  "access_token");
  }

  test_support::SettableClock clock_;
  http::ServiceCollection services_;
  std::unique_ptr<stores::Store> store_ = stores::make_memory_store();
  std::unique_ptr<stores::UserStore> users_ = stores::make_memory_user_store();
  issuer::LoginService login_{*users_, {.pool = {.slots = 1}}};
  WorkerPool pool_{"test", 1, 100};
  std::unique_ptr<issuer::AuthorizationServer> server_;
  std::unique_ptr<AdminApi> api_;
  http::RouteTable table_;
  http::Pipeline pipeline_;
};

TEST_F(AdminApiTest, IsForOperatorsAlone) {
  EXPECT_EQ(ask("GET", "/status", {}, "uid:1000"),
            R"(403 {"code":"forbidden","detail":"uid:1000 is no operator of this issuer"})");
  EXPECT_THAT(ask("GET", "/status"), HasSubstr("200 "));
}

TEST_F(AdminApiTest, AddsAUserWhoCanLogIn) {
  const std::string id = add_ada();
  EXPECT_EQ(id.size(), 16u);
  const auto logged_in =
      wait_for(login_.login({.email = "ada@example.com", .password = "a violin under an umbrella"}));
  ASSERT_TRUE(logged_in);
  EXPECT_EQ(logged_in->user.roles, std::vector<std::string>{"Admin"});
  const std::string shown = ask("GET", "/users/ada@example.com");
  EXPECT_EQ(shown, ask("GET", "/users/" + id));
  EXPECT_THAT(shown, Not(HasSubstr("argon2")));
  EXPECT_EQ(member(shown, "roles"), R"(["Admin"])");
  EXPECT_THAT(ask("GET", "/users"), HasSubstr(id));
}

TEST_F(AdminApiTest, KeepsTheHashOfAnotherSystem) {
  const std::string hash = issuer::hash_password("from elsewhere").value();
  EXPECT_THAT(
      ask("POST", "/users", fmt::format(R"({{"email":"bob@example.com","password_hash":"{}"}})", hash)),
      HasSubstr("200 "));
  EXPECT_TRUE(wait_for(login_.login({.email = "bob@example.com", .password = "from elsewhere"})));
}

struct Refusal {
  const char* method;
  const char* target;
  const char* body;
  const char* answer;
};

const Refusal refusals[] = {
    {"POST", "/users", R"({"email":"ada@example.com","password":"a good long one"})", "409 "},
    {"POST", "/users", R"({"email":"ADA@example.com","password":"a good long one"})", "409 "},
    {"POST", "/users", R"({"email":"bob@example.com","password":"short"})", "it is too short"},
    {"POST", "/users", R"({"email":"bob@example.com"})", "one of 'password' and 'password_hash'"},
    {"POST", "/users", R"({"email":"bob@example.com","password_hash":"$argon2id$nonsense"})", "is no hash"},
    {"POST", "/users", R"({"email":"bob","password":"a good long one"})", "'email' has to be an e-mail"},
    {"POST", "/users", R"({"email":7,"password":"a good long one"})", "'email' has to be a string"},
    {"POST", "/users", R"({"email":"bob@example.com","passwort":"a good long one"})",
     "'passwort' is none of: id"},
    {"POST", "/users", R"(["a"])", "has to be a JSON object"},
    {"POST", "/users", R"({"id":"a@b","email":"bob@example.com","password":"a good long one"})",
     "without '@'"},
    {"GET", "/users/nobody", "", "there is no user 'nobody'"},
    {"GET", "/users?most=many", "", "'most' has to be a number"},
    {"POST", "/users/nobody@example.com/disable", "", "404 "},
    {"POST", "/users/ada@example.com/roles", R"({"add":"Admin"})", "'add' has to be a list"},
    {"GET", "/clients/none", "", "there is no client 'none'"},
    {"POST", "/clients", R"({"id":"shop"})", "there is a client 'shop' already"},
    {"POST", "/clients", R"({"id":"x","secrets":[]})", "'secrets' is none of"},
    {"POST", "/clients", R"({"id":"x","grants":["client_credentials"]})", "a client that proves nothing"},
    {"DELETE", "/clients/shop/secrets/1", "", "there is no number 1"},
    {"DELETE", "/sessions/none", "", "there is no session 'none'"},
    {"POST", "/revocations", R"({"kind":"kid","value":"k"})", "a key is compromised instead"},
    {"POST", "/revocations", R"({"kind":"sub","value":"nobody"})", "there is no user"},
    {"POST", "/revocations", R"({"token":"nonsense"})", "that is no token of this issuer"},
    {"POST", "/keys/rotate", R"({"algorithm":"RS256"})", "has no keys for 'RS256'"},
    {"POST", "/keys/none/compromise", "", "404 "},
    {"POST", "/tokens", R"({"client":"none"})", "there is no client 'none'"},
    {"POST", "/tokens", R"({"client":"shop","scope":"admin"})",
     "client 'shop' may not have the scope 'admin'"},
    {"POST", "/tokens", R"({"client":"shop","audience":"https://other"})", "has no audience 'https://other'"},
    {"POST", "/tokens", R"({"client":"shop","lifetime":0})", "'lifetime' has to be a number of seconds"},
};

TEST_F(AdminApiTest, SaysWhatIsWrong) {
  add_ada();
  add_shop();
  for (const Refusal& refusal : refusals) {
    const std::string answer = ask(refusal.method, refusal.target, refusal.body);
    EXPECT_THAT(answer, HasSubstr(refusal.answer)) << refusal.method << ' ' << refusal.target << refusal.body;
    EXPECT_THAT(answer, testing::StartsWith("4"));
  }
  EXPECT_EQ(users_->count(), 1u);
}

struct Ending {
  const char* name;
  const char* method;
  const char* target;
  const char* body;
};

const Ending endings[] = {
    {"disable", "POST", "/users/ada@example.com/disable", ""},
    {"logout", "POST", "/users/ada@example.com/logout", ""},
    {"password", "POST", "/users/ada@example.com/password", R"({"password":"another umbrella"})"},
    {"remove", "DELETE", "/users/ada@example.com", ""},
    {"revoke the user", "POST", "/revocations", R"({"kind":"sub","value":"ada@example.com"})"},
    {"revoke the client", "POST", "/revocations", R"({"kind":"client","value":"shop"})"},
    {"disable the client", "POST", "/clients/shop/disable", ""},
    {"remove the client", "DELETE", "/clients/shop", ""},
};

TEST_F(AdminApiTest, EndsSessionsAndTokensWithWhatTheyAreOf) {
  for (const Ending& ending : endings) {
    if (users_->count() == 0u || !users_->find_by_email("ada@example.com")) add_ada();
    ask("POST", "/users/ada@example.com/enable");
    if (!wait_for(store_->clients().find("shop"))) add_shop();
    ask("POST", "/clients/shop/enable");
    clock_.advance(Seconds(2));
    const std::string id = users_->find_by_email("ada@example.com")->id;
    const std::string sid = start_session(id);
    const std::string token = token_of(id);
    ASSERT_TRUE(is_alive(sid) && !is_denied(token)) << ending.name;
    EXPECT_THAT(ask(ending.method, ending.target, ending.body), testing::StartsWith("200")) << ending.name;
    EXPECT_FALSE(is_alive(sid)) << ending.name;
    EXPECT_TRUE(is_denied(token)) << ending.name;
  }
}

TEST_F(AdminApiTest, ShowsAndEndsOneSession) {
  const std::string id = add_ada();
  add_shop();
  const std::string sid = start_session(id), other = start_session(id);
  EXPECT_THAT(ask("GET", "/users/ada@example.com/sessions"),
              testing::AllOf(HasSubstr(sid), HasSubstr(other)));
  EXPECT_THAT(ask("DELETE", "/sessions/" + sid), HasSubstr("200 "));
  EXPECT_FALSE(is_alive(sid));
  EXPECT_TRUE(is_alive(other));
}

TEST_F(AdminApiTest, RevokesATokenThatItIsShown) {
  const std::string id = add_ada();
  add_shop();
  const std::string token = token_of(id), other = token_of(id);
  EXPECT_EQ(member(ask("POST", "/revocations", fmt::format(R"({{"token":"{}"}})", token)), "kind"), "jti");
  EXPECT_TRUE(is_denied(token));
  EXPECT_FALSE(is_denied(other));
  const auto started = wait_for(server_->sessions().start({.user_id = id, .client_id = "shop"})).value();
  EXPECT_EQ(
      member(ask("POST", "/revocations", fmt::format(R"({{"token":"{}"}})", started.refresh_token)), "value"),
      started.session.sid);
  EXPECT_FALSE(is_alive(started.session.sid));
}

TEST_F(AdminApiTest, ChangesRolesAndScopes) {
  add_ada();
  EXPECT_EQ(member(ask("POST", "/users/ada@example.com/roles", R"({"add":["Buyer","Admin"]})"), "roles"),
            R"(["Admin","Buyer"])");
  EXPECT_EQ(member(ask("POST", "/users/ada@example.com/roles", R"({"remove":["Admin"]})"), "roles"),
            R"(["Buyer"])");
  EXPECT_EQ(member(ask("POST", "/users/ada@example.com/scopes", R"({"add":["read"]})"), "scopes"),
            R"(["read"])");
}

TEST_F(AdminApiTest, ExchangesASecretWithoutAStop) {
  const std::string added =
      ask("POST", "/clients", R"({"id":"batch","grants":["client_credentials"],"generate_secret":true})");
  const std::string first = member(added, "secret");
  EXPECT_TRUE(first.starts_with("gcs_"));
  const std::string second = member(ask("POST", "/clients/batch/secrets", R"({"lifetime":3600})"), "secret");
  EXPECT_THAT(ask("POST", "/clients/batch/secrets"), HasSubstr("remove one first"));
  const auto is_good = [&](const std::string& secret) {
    const auto client = wait_for(store_->clients().find("batch")).value();
    return issuer::verify_client_secret(&client, secret, clock_.now());
  };
  EXPECT_TRUE(is_good(first) && is_good(second));
  EXPECT_THAT(ask("DELETE", "/clients/batch/secrets/1"), Not(HasSubstr("gcs_")));
  EXPECT_FALSE(is_good(first));
  EXPECT_TRUE(is_good(second));
  EXPECT_THAT(ask("DELETE", "/clients/batch/secrets/1"), HasSubstr("would then prove nothing"));
  clock_.advance(Seconds(3601));
  EXPECT_FALSE(is_good(second));
  const std::string shown = ask("GET", "/clients/batch");
  EXPECT_EQ(shown.find(wait_for(store_->clients().find("batch")).value().secrets[0].hash), std::string::npos);
}

TEST_F(AdminApiTest, RotatesAndCompromisesKeys) {
  const std::string before = server_->keys().signing_credentials().value().key.kid();
  EXPECT_THAT(ask("POST", "/keys/rotate"), testing::StartsWith("409 ")) << "announced just now";
  clock_.advance(std::chrono::days(3));
  ASSERT_TRUE(wait_for(server_->maintain()));
  const std::string rotated = member(ask("POST", "/keys/rotate"), "active");
  EXPECT_NE(rotated, before);
  EXPECT_EQ(server_->keys().signing_credentials().value().key.kid(), rotated);
  const std::string saved = member(ask("POST", "/keys/" + rotated + "/compromise"), "active");
  EXPECT_EQ(server_->keys().signing_credentials().value().key.kid(), saved);
  EXPECT_THAT(ask("GET", "/keys"), HasSubstr(R"("state":"compromised")"));
  EXPECT_EQ(member(ask("POST", "/keys/rewrap"), "rewrapped"), "0");
}

TEST_F(AdminApiTest, IssuesATokenWithinWhatClientAndUserMayHave) {
  add_ada();
  add_shop();
  ask("POST", "/users/ada@example.com/scopes", R"({"add":["read"]})");
  const std::string answer =
      ask("POST", "/tokens", R"({"client":"shop","user":"ada@example.com","lifetime":60})");
  const auto token = server_->tokens().validate(member(answer, "access_token"));
  ASSERT_TRUE(token) << answer;
  EXPECT_EQ(member(answer, "scope"), "read");
  EXPECT_EQ(member(answer, "expires_in"), "60");
  EXPECT_EQ(token->claims.find_string("client_id"), "shop");
  EXPECT_THAT(ask("POST", "/tokens", R"({"client":"shop","user":"ada@example.com","scope":"write"})"),
              HasSubstr("user 'ada@example.com' may not have the scope 'write'"));
  ask("POST", "/users/ada@example.com/disable");
  EXPECT_THAT(ask("POST", "/tokens", R"({"client":"shop","user":"ada@example.com"})"),
              HasSubstr("is disabled"));
}

TEST_F(AdminApiTest, WritesDownWhoDidWhat) {
  const std::string id = add_ada();
  ask("POST", "/users/ada@example.com/disable");
  ask("POST", "/users/nobody/disable");
  ask("GET", "/users");
  const std::string log = ask("GET", "/audit");
  EXPECT_THAT(log, HasSubstr(fmt::format(R"("event":"user.created","actor":"uid:0","subject":"{}")", id)));
  EXPECT_THAT(log, HasSubstr(fmt::format(R"("event":"user.disabled","actor":"uid:0","subject":"{}")", id)));
  EXPECT_THAT(log, HasSubstr(R"("subject":"nobody","reason":"not_found")"));
  EXPECT_THAT(log, Not(HasSubstr("violin")));
  EXPECT_EQ(member(ask("GET", "/audit/verify"), "first_broken"), "null");
  EXPECT_THAT(ask("GET", "/audit?most=1"), Not(HasSubstr("user.disabled")));
}

TEST_F(AdminApiTest, SaysHowTheIssuerStands) {
  add_ada();
  const std::string status = ask("GET", "/status");
  EXPECT_EQ(member(status, "issuer"), "https://id.example.com");
  EXPECT_EQ(member(status, "users"), "1");
  EXPECT_EQ(member(status, "signs"), "true");
  EXPECT_EQ(member(status, "clock_behind"), "0");
  EXPECT_EQ(member(status, "signing_keys"), R"({"active":1,"announced":1})");
}

}  // namespace
}  // namespace gatehouse::admin
