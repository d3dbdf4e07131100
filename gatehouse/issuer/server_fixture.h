/// Server — an authorization server with a few clients and users, and requests to it: for tests of this room.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gatehouse/base/json.h"
#include "gatehouse/base/wait_for.h"
#include "gatehouse/issuer/authorization_server.h"
#include "gatehouse/issuer/password_hash.h"
#include "tests/support/settable_clock.h"
#include "tests/support/temporary_folder.h"

namespace gatehouse::issuer {

inline constexpr const char* password = "a password for tests";

class Server : public ::testing::Test {
 protected:
  explicit Server(AuthorizationServerOptions options = {}) {
    add({.id = "shop",
         .grants = {"refresh_token"},
         .scopes = {"read", "write"},
         .audiences = {"https://api.example.com"},
         .origins = {"https://shop.example.com"},
         .is_first_party = true});
    add({.id = "api",
         .secrets = {secret_.stored},
         .grants = {"client_credentials"},
         .scopes = {"read"},
         .audiences = {"https://api.example.com"},
         .may_introspect = true});
    add({.id = "other-api",
         .secrets = {secret_.stored},
         .audiences = {"https://other.example.com"},
         .may_introspect = true});
    for (const char* name : {"ada", "bob"})
      EXPECT_TRUE(users_->add({.id = std::string(name) + "-id",
                               .email = std::string(name) + "@example.com",
                               .password_hash = hash_,
                               .roles = {"Customer"}}));
    options.issuer = "https://id.example.com";
    options.accounts.default_client = "shop";
    server_ = wait_for(AuthorizationServer::open(*store_, *users_, login_,
                                                 KeyWrapper::make({Secret(std::string(32, 'w'))}).value(),
                                                 std::move(options), clock_))
                  .value();
    routes_ = server_->routes();
  }

  void add(const stores::Client& client) { ASSERT_TRUE(wait_for(store_->clients().add(client))); }

  struct Sent {
    std::string type;
    std::string bearer;
    std::string origin;
    std::string cookie = {};
    std::string site = {};       // of Sec-Fetch-Site, with X-Gatehouse: 1
    std::string asks_for = {};   // of Access-Control-Request-Method
    std::string forwarded = {};  // of X-Forwarded-For
  };
  http::Response send(std::string_view method, std::string_view path, std::string_view body,
                      const Sent& sent) {
    http::Request request{.method = method,
                          .path = path,
                          .host = "id.example.com",
                          .remote_address = "192.0.2.7",
                          .is_https = true,
                          .body = body};
    const std::string bearer = "Bearer " + sent.bearer;
    if (!sent.type.empty()) request.headers.add("Content-Type", sent.type);
    if (!sent.bearer.empty()) request.headers.add("Authorization", bearer);
    if (!sent.origin.empty()) request.headers.add("Origin", sent.origin);
    if (!sent.cookie.empty()) request.headers.add("Cookie", sent.cookie);
    if (!sent.site.empty()) request.headers.add("Sec-Fetch-Site", sent.site);
    if (!sent.site.empty()) request.headers.add("X-Gatehouse", "1");
    if (!sent.forwarded.empty()) request.headers.add("X-Forwarded-For", sent.forwarded);
    if (!sent.asks_for.empty()) request.headers.add("Access-Control-Request-Method", sent.asks_for);
    http::HttpContext context(request, services_, clock_);
    for (const auto& route : routes_) {
      if (route.method != method) continue;
      const std::size_t brace = route.pattern.find('{');
      if (route.pattern != path &&
          (brace == std::string::npos || !path.starts_with(route.pattern.substr(0, brace))))
        continue;
      if (brace != std::string::npos) context.route.add("sid", path.substr(brace));
      return wait_for(route.handler(context));
    }
    ADD_FAILURE() << "no route " << path;
    return {};
  }
  http::Response post_json(std::string_view path, std::string_view body, std::string bearer = {},
                           std::string origin = {}) {
    return send("POST", path, body,
                {.type = "application/json", .bearer = std::move(bearer), .origin = std::move(origin)});
  }
  http::Response post_form(std::string_view path, std::string_view body) {
    return send("POST", path, body, {.type = "application/x-www-form-urlencoded"});
  }
  http::Response get(std::string_view path, std::string bearer = {}) {
    return send("GET", path, {}, {.bearer = std::move(bearer)});
  }

  static std::string member(const http::Response& response, std::string_view name) {
    json::Parser parser;
    const auto body = parser.parse(response.body);
    const auto found = body && body->is_object() ? body->find(name) : std::nullopt;
    if (!found) return "(none)";
    return found->is_string() ? std::string(found->as_string()) : found->dump();
  }

  struct Tokens {
    std::string access, refresh;
  };
  static Tokens tokens_of(const http::Response& response) {
    EXPECT_EQ(response.status, 200) << response.body;
    EXPECT_EQ(member(response, "tokenType"), "Bearer");
    return {.access = member(response, "accessToken"), .refresh = member(response, "refreshToken")};
  }
  http::Response try_log_in(std::string_view name, std::string_view with = password,
                            std::string_view rest = {}, std::string origin = {}) {
    return post_json("/login",
                     fmt::format(R"({{"email":"{}@example.com","password":"{}"{}}})", name, with, rest), {},
                     std::move(origin));
  }
  Tokens log_in(std::string_view name = "ada") { return tokens_of(try_log_in(name)); }
  http::Response refresh(const std::string& token) {
    return post_json("/refresh", fmt::format(R"({{"refreshToken":"{}"}})", token));
  }
  std::string introspect(const std::string& token, std::string_view client = "api") {
    return member(post_form("/connect/introspect", fmt::format("token={}&client_id={}&client_secret={}",
                                                               token, client, secret_.text)),
                  "active");
  }

  // What the audit log says last.
  std::string last_event() {
    const auto event = wait_for(store_->audit().after(0, 100)).value().back().event;
    return fmt::format("{} by '{}' to '{}' for '{}' {}", event.event, event.actor, event.subject,
                       event.client, event.reason);
  }

  static inline const std::string hash_ = hash_password(password).value();
  test_support::TemporaryFolder folder_;
  test_support::SettableClock clock_;
  http::ServiceCollection services_;
  NewClientSecret secret_ = make_client_secret(clock_.now());
  std::unique_ptr<stores::Store> store_ = stores::open_sqlite_store(folder_.path("store.db")).value();
  std::unique_ptr<stores::UserStore> users_ = stores::make_memory_user_store();
  LoginService login_{*users_, {.pool = {.slots = 1}}};
  std::unique_ptr<AuthorizationServer> server_;
  std::vector<AuthorizationServer::Route> routes_;
};

}  // namespace gatehouse::issuer
