#include "gatehouse/issuer/authorization_server.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "gatehouse/base/base64url.h"
#include "gatehouse/base/json.h"
#include "gatehouse/base/wait_for.h"
#include "gatehouse/issuer/server_fixture.h"

namespace gatehouse::issuer {
namespace {

using AuthorizationServerTest = Server;

TEST_F(AuthorizationServerTest, LogsInRefreshesAndLogsOut) {
  const Tokens first = log_in();
  const Tokens second = tokens_of(refresh(first.refresh));
  EXPECT_EQ(tokens_of(refresh(first.refresh)).refresh, second.refresh);
  EXPECT_EQ(introspect(second.access), "true");
  EXPECT_EQ(post_json("/logout", "", second.access).status, 204);
  EXPECT_EQ(introspect(second.access), "false");
  EXPECT_EQ(introspect(first.access), "false");
  EXPECT_EQ(refresh(second.refresh).status, 401);
  EXPECT_EQ(post_json("/logout", "", second.access).status, 401);
}

TEST_F(AuthorizationServerTest, LogsOutByRefreshTokenAndEverywhere) {
  const Tokens one = log_in(), other = log_in(), of_bob = log_in("bob");
  EXPECT_EQ(post_json("/connect/logout", fmt::format(R"({{"refreshToken":"{}"}})", one.refresh)).status, 204);
  EXPECT_EQ(refresh(one.refresh).status, 401);
  EXPECT_EQ(introspect(other.access), "true");
  EXPECT_EQ(post_json("/logout", R"({"all":true})", other.access).status, 204);
  EXPECT_EQ(refresh(other.refresh).status, 401);
  EXPECT_EQ(refresh(of_bob.refresh).status, 200);
}

TEST_F(AuthorizationServerTest, RefusesEveryWrongLoginAlike) {
  const auto wrong = try_log_in("ada", "wrong");
  const auto unknown = try_log_in("nobody");
  ASSERT_TRUE(users_->set_disabled("bob-id", true));
  const auto disabled = try_log_in("bob");
  for (const auto& response : {wrong, unknown, disabled}) {
    EXPECT_EQ(response.status, 401);
    EXPECT_EQ(response.body, wrong.body);
  }
}

TEST_F(AuthorizationServerTest, LogsInOnlyForFirstPartyClientsAndTheirPages) {
  EXPECT_EQ(try_log_in("ada", password, R"(,"client_id":"shop")").status, 200);
  EXPECT_EQ(try_log_in("ada", password, R"(,"client_id":"api")").status, 401);
  EXPECT_EQ(try_log_in("ada", password, R"(,"client_id":"none")").status, 401);
  EXPECT_EQ(try_log_in("ada", password, {}, "https://shop.example.com").status, 200);
  EXPECT_EQ(try_log_in("ada", password, {}, "https://id.example.com").status, 200);
  EXPECT_EQ(try_log_in("ada", password, {}, "http://id.example.com").status, 401);
  EXPECT_EQ(try_log_in("ada", password, {}, "https://evil.example.com").status, 401);
  EXPECT_EQ(try_log_in("ada", password, {}, "null").status, 401);
}

// The cookie as a browser sends it back.
std::string cookie_of(const http::Response& response) {
  for (const auto& [name, value] : response.headers)
    if (name == "Set-Cookie" && value.starts_with("__Secure-gh_rt=")) return value.substr(0, value.find(';'));
  return {};
}

TEST_F(AuthorizationServerTest, APageKeepsItsRefreshTokenWhereNoScriptReadsIt) {
  const std::string body = fmt::format(R"({{"email":"ada@example.com","password":"{}"}})", password);
  const auto session = [&](std::string_view path, std::string cookie, std::string site = "same-origin") {
    return send("POST", path, path.ends_with("login") ? body : "",
                {.type = "application/json", .cookie = std::move(cookie), .site = std::move(site)});
  };
  const auto logged_in = session("/session/login", {});
  EXPECT_EQ(logged_in.status, 200);
  EXPECT_EQ(member(logged_in, "refreshToken"), "(none)");
  std::string set;
  for (const auto& [name, value] : logged_in.headers)
    if (name == "Set-Cookie" && value.starts_with("__Secure-gh_rt=")) set = value;
  EXPECT_TRUE(set.ends_with("; Path=/session; Max-Age=1209600; HttpOnly; Secure; SameSite=Strict")) << set;

  const std::string first = cookie_of(logged_in);
  const auto refreshed = session("/session/refresh", first);
  EXPECT_EQ(refreshed.status, 200);
  EXPECT_EQ(introspect(member(refreshed, "accessToken")), "true");
  EXPECT_EQ(cookie_of(session("/session/refresh", first)),
            cookie_of(refreshed));  // the tab that lost the race
  for (const auto& refused :
       {session("/session/refresh", "__Secure-gh_rt=x"), session("/session/refresh", {})}) {
    EXPECT_EQ(refused.status, 401);
    EXPECT_EQ(cookie_of(refused), "");
  }
  for (const char* path : {"/session/login", "/session/refresh", "/session/logout"}) {
    EXPECT_EQ(session(path, first, "cross-site").status, 403) << path;
    EXPECT_EQ(session(path, first, {}).status, 403) << path;
  }
  EXPECT_EQ(introspect(member(refreshed, "accessToken")), "true");

  const auto logged_out = session("/session/logout", cookie_of(refreshed));
  EXPECT_EQ(logged_out.status, 204);
  EXPECT_EQ(cookie_of(logged_out), "__Secure-gh_rt=");
  EXPECT_EQ(introspect(member(refreshed, "accessToken")), "false");
  EXPECT_EQ(session("/session/refresh", cookie_of(refreshed)).status, 401);
  EXPECT_EQ(session("/session/logout", {}).status, 204);
}

TEST_F(AuthorizationServerTest, RefusesBodiesThatItCannotRead) {
  EXPECT_EQ(send("POST", "/login", "{}", {.type = "text/plain"}).status, 400);
  for (const char* body : {"", "[]", "{", R"({"email":"a"})", R"({"email":1,"password":2})"})
    EXPECT_EQ(post_json("/login", body).status, 400) << body;
  EXPECT_EQ(
      post_json("/login", fmt::format(R"({{"email":"a","password":"{}"}})", std::string(257, 'x'))).status,
      400);
}

TEST_F(AuthorizationServerTest, ShowsAndEndsTheSessionsOfAUser) {
  const Tokens one = log_in(), other = log_in(), of_bob = log_in("bob");
  const auto listed = get("/me/sessions", one.access);
  json::Parser parser;
  const auto sessions = parser.parse(listed.body).value();
  ASSERT_EQ(sessions.size(), 2u);
  std::string sid_of_other;
  for (const json::Value session : sessions) {
    EXPECT_EQ(session.find_string("client"), "shop");
    EXPECT_EQ(session.find_string("ip"), "192.0.2.7");
    if (!session.find("current")->as_bool()) sid_of_other = session.find_string("sid").value();
  }
  const auto end = [&](const std::string& sid, const Tokens& as) {
    return send("DELETE", "/me/sessions/" + sid, {}, {.bearer = as.access}).status;
  };
  EXPECT_EQ(end(sid_of_other, of_bob), 404);
  EXPECT_EQ(end("none", one), 404);
  EXPECT_EQ(end(sid_of_other, one), 204);
  EXPECT_EQ(refresh(other.refresh).status, 401);
  EXPECT_EQ(get("/me/sessions", other.access).status, 401);
  EXPECT_EQ(get("/me/sessions").status, 401);
  EXPECT_EQ(get("/me/sessions", one.refresh).status, 401);
}

TEST_F(AuthorizationServerTest, AChangedPasswordEndsTheOtherSessions) {
  const Tokens one = log_in(), other = log_in();
  constexpr std::string_view chosen = "violins under seven umbrellas";
  const auto change = [&](std::string_view current, std::string_view fresh) {
    return post_json("/me/password", fmt::format(R"({{"current":"{}","new":"{}"}})", current, fresh),
                     one.access)
        .status;
  };
  EXPECT_EQ(change("wrong", chosen), 401);
  for (const char* weak : {"short", "aaaaaaaaaaaaaaaaaaaa", "ada@example.com ada@example.com"})
    EXPECT_EQ(change(password, weak), 400) << weak;  // nobody has named any rules
  EXPECT_EQ(change(password, chosen), 204);
  EXPECT_EQ(try_log_in("ada").status, 401);
  EXPECT_EQ(try_log_in("ada", chosen).status, 200);
  EXPECT_EQ(refresh(other.refresh).status, 401);
  EXPECT_EQ(introspect(other.access), "false");
  EXPECT_EQ(refresh(one.refresh).status, 200);
}

class BehindAProxy : public Server {
 protected:
  static AuthorizationServerOptions options() {
    AuthorizationServerOptions options;
    options.accounts.trusted_proxies = {*http::IpNetwork::parse("192.0.2.0/24")};
    return options;
  }
  BehindAProxy() : Server(options()) {}
};

TEST_F(BehindAProxy, ASessionKeepsTheAddressOfTheClient) {
  const std::string body = fmt::format(R"({{"email":"ada@example.com","password":"{}"}})", password);
  const auto from = [&](std::string_view path, std::string_view sent, std::string address) {
    return send("POST", path, sent, {.type = "application/json", .forwarded = std::move(address)});
  };
  const Tokens tokens = tokens_of(from("/login", body, "203.0.113.9"));
  const auto address = [&] {
    return wait_for(store_->sessions().list("ada-id", clock_.now(), 1))->front().address;
  };
  EXPECT_EQ(address(), "203.0.113.9");
  EXPECT_EQ(wait_for(store_->audit().after(0, 1))->front().event.address, "203.0.113.9");
  EXPECT_EQ(from("/refresh", fmt::format(R"({{"refreshToken":"{}"}})", tokens.refresh), "2001:db8::7").status,
            200);
  EXPECT_EQ(address(), "2001:db8::7");
}

TEST_F(AuthorizationServerTest, WhoGuessesRefreshTokensWaitsHereToo) {
  const Tokens tokens = log_in();
  for (int i = 0; i < 20; ++i) EXPECT_EQ(refresh("grt_guess").status, 401);
  const auto throttled = refresh(tokens.refresh);
  EXPECT_EQ(throttled.status, 429);
  EXPECT_EQ(throttled.headers.find("Retry-After"), "300");
  clock_.advance(Seconds(301));
  EXPECT_EQ(refresh(tokens.refresh).status, 200);
}

TEST_F(AuthorizationServerTest, IntrospectionTellsEachApiOfItsOwnTokensAlone) {
  const Tokens tokens = log_in();
  EXPECT_EQ(introspect(tokens.access), "true");
  EXPECT_EQ(introspect(tokens.access, "other-api"), "false");
  EXPECT_EQ(introspect(tokens.refresh), "false");  // another client's
  EXPECT_EQ(introspect("x"), "false");
  clock_.advance(Seconds(600));
  EXPECT_EQ(introspect(tokens.access), "true");
  clock_.advance(Seconds(1));
  EXPECT_EQ(introspect(tokens.access), "false");
  EXPECT_EQ(post_form("/connect/introspect", "token=x").status, 401);
  EXPECT_EQ(post_form("/connect/introspect", "token=x&client_id=shop").status, 401);
}

TEST_F(AuthorizationServerTest, RevokesATokenForItsOwnClientAlone) {
  const Tokens tokens = log_in();
  const auto revoke = [&](const std::string& token, const std::string& as) {
    return post_form("/connect/revoke", fmt::format("token={}&{}", token, as)).status;
  };
  const std::string as_api = "client_id=api&client_secret=" + secret_.text;
  EXPECT_EQ(revoke(tokens.refresh, as_api), 200);
  EXPECT_EQ(revoke(tokens.access, as_api), 200);
  EXPECT_EQ(revoke("nosuch", as_api), 200);
  EXPECT_EQ(refresh(tokens.refresh).status, 200);
  const auto log = [&] { return wait_for(store_->revocations().after(0, clock_.now(), 10)).value().entries; };
  EXPECT_TRUE(log().empty());

  EXPECT_EQ(revoke(tokens.access, "client_id=shop"), 200);
  ASSERT_EQ(log().size(), 1u);
  EXPECT_EQ(log().front().kind, stores::Revoked::token);
  EXPECT_EQ(log().front().until, clock_.now() + Seconds(660));
  EXPECT_EQ(revoke(tokens.refresh, "client_id=shop"), 200);
  EXPECT_EQ(refresh(tokens.refresh).status, 401);
  EXPECT_EQ(log().size(), 2u);
  EXPECT_EQ(revoke("x", ""), 401);
}

TEST_F(AuthorizationServerTest, WhatIsWithdrawnIsOnTheDenyListAtOnce) {
  const auto is_listed = [&](const std::string& token) {
    const IssuedTokenValidator validator("https://id.example.com", server_->keys(), clock_);
    const auto valid = validator.validate(token).value();
    return server_->deny_list()->find(revocation::marks_of(valid), clock_.now()).has_value();
  };
  const Tokens one = log_in(), other = log_in(), of_bob = log_in("bob");
  EXPECT_FALSE(is_listed(one.access));
  EXPECT_EQ(post_json("/logout", "", one.access).status, 204);
  EXPECT_TRUE(is_listed(one.access));
  EXPECT_FALSE(is_listed(other.access));
  EXPECT_EQ(post_form("/connect/revoke", "client_id=shop&token=" + other.access).status, 200);
  EXPECT_TRUE(is_listed(other.access));
  EXPECT_EQ(introspect(other.access), "false");
  ASSERT_TRUE(wait_for(server_->revoke(revocation::DenyKind::subject, "bob-id")));
  EXPECT_TRUE(is_listed(of_bob.access));
  EXPECT_EQ(get("/me/sessions", of_bob.access).status, 401);
}

TEST_F(AuthorizationServerTest, ACompromisedKeySignsAndIsBelievedNoMore) {
  const Tokens before = log_in();
  const std::string kid = server_->keys().signing_credentials()->key.kid();
  const std::string next = wait_for(server_->compromise_key(kid)).value();
  EXPECT_EQ(introspect(before.access), "false");
  EXPECT_EQ(introspect(log_in().access), "true");
  EXPECT_EQ(server_->keys().signing_credentials()->key.kid(), next);
  EXPECT_EQ(get("/.well-known/jwks.json").headers.find("Cache-Control")->substr(0, 18), "public, max-age=60");
}

TEST_F(AuthorizationServerTest, TheFeedIsForThoseWithItsScope) {
  add({.id = "follower",
       .secrets = {secret_.stored},
       .grants = {"client_credentials"},
       .scopes = {"gatehouse.feed", "read"},
       .audiences = {"https://id.example.com"}});
  const auto token = [&](const char* scope) {
    return member(
        post_form("/connect/token", fmt::format("grant_type=client_credentials&scope={}&client_id=follower&"
                                                "client_secret={}",
                                                scope, secret_.text)),
        "access_token");
  };
  const Tokens ended = log_in();
  EXPECT_EQ(post_json("/logout", "", ended.access).status, 204);
  const auto snapshot = get("/feeds/deny/snapshot", token("gatehouse.feed"));
  EXPECT_EQ(snapshot.status, 200);
  EXPECT_TRUE(snapshot.body.contains("sid")) << snapshot.body;
  EXPECT_EQ(get("/feeds/deny", token("gatehouse.feed")).status, 200);
  EXPECT_EQ(get("/feeds/deny/snapshot", token("read")).status, 403);
  EXPECT_EQ(get("/feeds/deny/snapshot", log_in().access).status, 403);
  EXPECT_EQ(get("/feeds/deny/snapshot").status, 401);
}

TEST_F(AuthorizationServerTest, KeepsAnAuditOfWhatHappened) {
  EXPECT_EQ(try_log_in("ada", "hunter2").status, 401);
  const Tokens tokens = log_in();
  clock_.advance(Seconds(1));
  EXPECT_EQ(post_json("/logout", "", tokens.access).status, 204);
  ASSERT_TRUE(wait_for(server_->revoke(revocation::DenyKind::subject, "bob-id")));
  const std::string kid = server_->keys().signing_credentials()->key.kid();
  ASSERT_TRUE(wait_for(server_->compromise_key(kid)));

  std::vector<std::string> happened;
  const auto entries = wait_for(store_->audit().after(0, 100)).value();
  for (const auto& [sequence, event, hash] : entries) {
    happened.push_back(
        fmt::format("{} by '{}' to '{}' {}", event.event, event.actor, event.subject, event.reason));
    for (const std::string& secret :
         {std::string("hunter2"), std::string(password), tokens.access, tokens.refresh})
      EXPECT_FALSE(happened.back().contains(secret));
  }
  EXPECT_EQ(happened, (std::vector<std::string>{"login.failed by '' to 'sha256:b5fc85e5' credentials_invalid",
                                                "login.succeeded by 'ada-id' to '' ",
                                                "session.ended by '' to '' logout",
                                                "revoked.sub by 'operator' to 'bob-id' ",
                                                fmt::format("key.compromised by 'operator' to '{}' ", kid)}));
  EXPECT_EQ(wait_for(stores::verify_chain(store_->audit()))->entries, happened.size());
}

// Whoever has the files has nothing to log in, refresh, sign or authenticate with.
TEST_F(AuthorizationServerTest, NothingInTheFilesIsOfUse) {
  const Tokens first = log_in();
  const Tokens second = tokens_of(refresh(first.refresh));
  EXPECT_EQ(introspect(second.access), "true");
  std::string files;
  for (const char* suffix : {"", "-wal"}) {
    std::ifstream file(folder_.path("store.db") + suffix, std::ios::binary);
    files.append(std::istreambuf_iterator<char>(file), {});
  }
  ASSERT_TRUE(files.contains("ada-id"));  // it is the right file

  const auto secret_in = [](const std::string& refresh_token) {
    return base64url::decode(refresh_token.substr(4))->substr(22, 32);
  };
  const auto signing_key = server_->keys().signing_credentials()->key;
  json::Parser parser;
  const std::string private_part(parser.parse(signing_key.private_jwk().reveal())->find_string("d").value());
  for (const std::string& useful :
       {first.refresh, second.refresh, secret_in(first.refresh), secret_in(second.refresh), first.access,
        second.access, secret_.text, std::string(password), private_part, *base64url::decode(private_part),
        std::string(server_->keys().device_key().reveal()), std::string(32, 'w')})
    EXPECT_FALSE(files.contains(useful)) << useful.size();
}

TEST_F(AuthorizationServerTest, PublishesWhatThereIs) {
  const auto document = get("/.well-known/openid-configuration");
  EXPECT_EQ(document.status, 200);
  EXPECT_EQ(document.body, get("/.well-known/oauth-authorization-server").body);
  EXPECT_EQ(member(document, "issuer"), "https://id.example.com");
  EXPECT_EQ(member(document, "response_types_supported"), "[]");
  // Each address in it is one that is answered.
  for (const char* name : {"jwks_uri", "token_endpoint", "revocation_endpoint", "introspection_endpoint"}) {
    const std::string path = member(document, name).substr(std::string_view("https://id.example.com").size());
    EXPECT_TRUE(std::ranges::any_of(routes_, [&](const auto& route) { return route.pattern == path; }))
        << name;
  }
  const auto keys = get("/.well-known/jwks.json");
  EXPECT_EQ(keys.headers.find("Cache-Control"),
            "public, max-age=900, stale-while-revalidate=3600, stale-if-error=86400");
  EXPECT_EQ(keys.body, server_->keys().published()->jwks);
}

TEST_F(AuthorizationServerTest, MaintainsItsKeysAndItsStore) {
  const Tokens tokens = log_in();
  for (int i = 0; i < 1'100; ++i)  // more than one step takes
    wait_for(server_->sessions().start({.user_id = "u", .client_id = "web"})).value();
  clock_.advance(std::chrono::days(38));
  ASSERT_TRUE(wait_for(server_->maintain()));
  EXPECT_EQ(wait_for(store_->sessions().count()), 0u);
  EXPECT_EQ(server_->keys().published()->keys.keys().size(), 3u);
  EXPECT_EQ(refresh(tokens.refresh).status, 401);
  log_in();
}

TEST(AuthorizationServerOptionsCheck, NamesTheOptionAndTheFix) {
  auto store = stores::make_memory_store();
  auto users = stores::make_memory_user_store();
  LoginService login(*users, {.pool = {.slots = 1}});
  const SystemClock clock;
  const auto subject = [&](const AuthorizationServerOptions& options) {
    return wait_for(AuthorizationServer::open(*store, *users, login,
                                              KeyWrapper::make({Secret(std::string(32, 'w'))}).value(),
                                              options, clock))
        .error()
        .subject;
  };
  for (const char* issuer : {"", "id.example.com", "https://id.example.com/", "https://id.example.com?x"})
    EXPECT_TRUE(subject({.issuer = issuer}).starts_with(fmt::format("issuer '{}' has to be a URL", issuer)));
  EXPECT_EQ(subject({.issuer = "https://id.example.com", .access_token_lifetime = Seconds(3601)}),
            "access_token_lifetime 3601 s has to be from 60 s to longest_token, 3600 s");
  EXPECT_EQ(subject({.issuer = "https://id.example.com", .sessions = {.rotation = {.grace = Seconds(301)}}}),
            "grace 301 s has to be from 0 s to 300 s");
}

}  // namespace
}  // namespace gatehouse::issuer
