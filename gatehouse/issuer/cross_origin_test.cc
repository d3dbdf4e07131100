#include "gatehouse/issuer/cross_origin.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "gatehouse/issuer/server_fixture.h"

namespace gatehouse::issuer {
namespace {

constexpr const char* shop_page = "https://shop.example.com";
constexpr const char* desk_page = "https://desk.example.com";
constexpr const char* no_page = "(none)";

class CrossOriginTest : public Server {
 protected:
  CrossOriginTest() {
    add({.id = "desk",
         .grants = {"refresh_token"},
         .scopes = {"read", "desk.admin", "gatehouse.feed"},
         .audiences = {"https://api.example.com"},
         .origins = {desk_page, "null"},
         .is_first_party = true});
    add({.id = "gone", .scopes = {"gone"}, .origins = {"https://gone.example.com"}, .is_disabled = true});
  }
  static std::string readable_by(const http::Response& response) {
    EXPECT_FALSE(response.headers.find("Access-Control-Allow-Credentials"));
    return std::string(response.headers.find("Access-Control-Allow-Origin").value_or(no_page));
  }
  http::Response preflight(std::string_view path, std::string origin, std::string method = "POST") {
    return send("OPTIONS", path, {}, {.origin = std::move(origin), .asks_for = std::move(method)});
  }
  http::Response post_from(std::string origin, std::string_view path, std::string_view form) {
    return send("POST", path, form,
                {.type = "application/x-www-form-urlencoded", .origin = std::move(origin)});
  }
};

struct Preflight {
  const char* path;
  const char* method;
};
constexpr Preflight preflights[] = {
    {"/connect/token", "POST"}, {"/connect/revoke", "POST"}, {"/connect/logout", "POST"},
    {"/login", "POST"},         {"/refresh", "POST"},        {"/logout", "POST"},
    {"/me/sessions", "GET"},    {"/me/password", "POST"},    {"/me/sessions/abc", "DELETE"},
};

TEST_F(CrossOriginTest, APreflightIsAnsweredForPagesOfAnyClient) {
  for (const auto& [path, method] : preflights) {
    for (const char* page : {shop_page, desk_page}) {
      const auto response = preflight(path, page, method);
      EXPECT_EQ(response.status, 204) << path;
      EXPECT_EQ(readable_by(response), page) << path;
      EXPECT_EQ(response.headers.find("Access-Control-Allow-Methods"), method) << path;
      EXPECT_EQ(response.headers.find("Access-Control-Allow-Headers"), "Authorization, Content-Type");
    }
    for (const char* page :
         {"https://evil.example.com", "https://SHOP.example.com", "https://shop.example.com/",
          "http://shop.example.com", "https://gone.example.com", "null", ""}) {
      const auto response = preflight(path, page, method);
      EXPECT_EQ(response.status, 204) << path;
      EXPECT_EQ(readable_by(response), no_page) << path << page;
      EXPECT_FALSE(response.headers.find("Access-Control-Allow-Methods")) << page;
      EXPECT_TRUE(response.headers.find("Vary")->starts_with("Origin")) << path;
    }
  }
}

TEST_F(CrossOriginTest, NoPageOfAnotherOriginReachesWhatIsForServersOrForTheIssuersOwn) {
  const auto has_route = [&](std::string_view method, std::string_view path) {
    return std::ranges::any_of(
        routes_, [&](const auto& route) { return route.method == method && route.pattern == path; });
  };
  for (const char* path :
       {"/connect/introspect", "/feeds/deny", "/feeds/deny/snapshot", "/session/login", "/session/refresh"}) {
    EXPECT_TRUE(has_route("POST", path) || has_route("GET", path)) << path;
    EXPECT_FALSE(has_route("OPTIONS", path)) << path;
  }
  EXPECT_EQ(readable_by(post_from(shop_page, "/connect/introspect",
                                  "token=x&client_id=api&client_secret=" + secret_.text)),
            no_page);
}

TEST_F(CrossOriginTest, AnAnswerIsForPagesOfTheClientThatAsked) {
  const auto refresh_from = [&](const char* page) {
    return post_from(page, "/connect/token", "grant_type=refresh_token&client_id=shop&refresh_token=x");
  };
  EXPECT_EQ(readable_by(refresh_from(shop_page)), shop_page);
  EXPECT_EQ(refresh_from(shop_page).headers.find("Vary"), "Origin");
  EXPECT_EQ(readable_by(refresh_from(desk_page)), no_page);
  EXPECT_EQ(readable_by(refresh_from("https://evil.example.com")), no_page);
  EXPECT_EQ(refresh_from("").headers.find("Vary"), "Origin");
  // Nobody knows which client that is; the page may learn so much.
  EXPECT_EQ(readable_by(post_from(desk_page, "/connect/token", "grant_type=refresh_token&client_id=none")),
            desk_page);

  const Tokens tokens = log_in();
  const auto sessions_from = [&](const char* page) {
    return send("GET", "/me/sessions", {}, {.bearer = tokens.access, .origin = page});
  };
  EXPECT_EQ(readable_by(sessions_from(shop_page)), shop_page);
  EXPECT_EQ(readable_by(sessions_from(desk_page)), no_page);
  EXPECT_EQ(readable_by(try_log_in("ada", password, {}, shop_page)), shop_page);
  EXPECT_EQ(readable_by(post_from(shop_page, "/connect/revoke", "client_id=shop&token=x")), shop_page);
  EXPECT_EQ(readable_by(post_from(desk_page, "/connect/revoke", "client_id=shop&token=x")), no_page);
}

TEST_F(CrossOriginTest, WhatEverybodyMayKnowIsForEveryPage) {
  for (const char* path : {"/.well-known/openid-configuration", "/.well-known/oauth-authorization-server",
                           "/.well-known/jwks.json"}) {
    EXPECT_EQ(readable_by(send("GET", path, {}, {.origin = "https://evil.example.com"})), "*") << path;
    EXPECT_EQ(readable_by(preflight(path, "https://evil.example.com", "GET")), "*") << path;
  }
}

TEST_F(CrossOriginTest, AClientsNewOriginCountsWithinSeconds) {
  EXPECT_EQ(readable_by(preflight("/login", "https://new.example.com")), no_page);
  stores::Client shop = wait_for(server_->clients().find("shop")).value();
  shop.origins.emplace_back("https://new.example.com");
  ASSERT_TRUE(wait_for(server_->clients().update(shop)));
  clock_.advance(Seconds(5));
  EXPECT_EQ(readable_by(preflight("/login", "https://new.example.com")), "https://new.example.com");
}

TEST_F(CrossOriginTest, TheDocumentNamesTheScopesThatClientsMayHave) {
  EXPECT_EQ(member(get("/.well-known/openid-configuration"), "scopes_supported"),
            R"(["desk.admin","read","write"])");
}

}  // namespace
}  // namespace gatehouse::issuer
