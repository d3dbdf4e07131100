#include "gatehouse/issuer/token_endpoint.h"

#include <gtest/gtest.h>

#include "gatehouse/base/base64url.h"
#include "gatehouse/base/json.h"
#include "gatehouse/base/wait_for.h"
#include "gatehouse/jose/jws.h"
#include "gatehouse/stores/store.h"
#include "gatehouse/tokens/memory_replay_cache.h"
#include "gatehouse/tokens/token_descriptor.h"
#include "gatehouse/tokens/validate.h"
#include "tests/support/settable_clock.h"

namespace gatehouse::issuer {
namespace {

constexpr std::string_view issuer_url = "https://id.example.com";
constexpr std::string_view token_url = "https://id.example.com/connect/token";
constexpr std::string_view api = "https://api.example.com";

jose::Key generate(const char* kid) { return jose::Key::generate(jose::Algorithm::ES256, kid).value(); }

class TokenEndpointTest : public testing::Test {
 protected:
  TokenEndpointTest() {
    add({.id = "web",
         .secrets = {secret_.stored, old_secret_.stored},
         .grants = {"client_credentials", "refresh_token"},
         .scopes = {"read", "write"},
         .audiences = {std::string(api), "https://other.example.com"}});
    add({.id = "spa", .grants = {"refresh_token", "client_credentials"}, .scopes = {"read"}});
    add({.id = "batch",
         .keys = jose::KeySet({assertion_key_}).public_jwks(),
         .grants = {"client_credentials"},
         .scopes = {"read"},
         .audiences = {std::string(api)}});
    add({.id = "gone",
         .secrets = {secret_.stored},
         .grants = {"client_credentials"},
         .audiences = {std::string(api)},
         .is_disabled = true});
    EXPECT_TRUE(
        users_->add({.id = "u1", .email = "ada@example.com", .password_hash = "$h", .roles = {"Admin"}}));
  }

  void add(const stores::Client& client) { ASSERT_TRUE(wait_for(store_->clients().add(client))); }

  http::Response post(std::string_view body, std::string_view basic = {}) {
    http::Request request{.method = "POST", .path = "/connect/token", .body = body};
    request.headers.add("Content-Type", "application/x-www-form-urlencoded");
    if (!basic.empty()) request.headers.add("Authorization", basic);
    http::HttpContext context(request, services_, clock_);
    return wait_for(endpoint_.handle(context));
  }

  static std::string member(const http::Response& response, std::string_view name) {
    json::Parser parser;
    const auto body = parser.parse(response.body);
    const auto found = body ? body->find(name) : std::nullopt;
    if (!found) return "(none)";
    return found->is_string() ? std::string(found->as_string()) : found->dump();
  }

  // "400 invalid_grant stale", "200".
  std::string said(const http::Response& response) {
    EXPECT_EQ(response.headers.find("Cache-Control"), "no-store");
    std::string text = std::to_string(response.status);
    for (const char* name : {"error", "gh_reason"})
      if (auto value = member(response, name); value != "(none)") text += " " + value;
    return text;
  }

  tokens::Token validated(const http::Response& response) {
    const auto validator = tokens::TokenValidator::make({.valid_issuer = std::string(issuer_url),
                                                         .valid_audience = std::string(api),
                                                         .issuer_signing_key = signing_key_,
                                                         .rfc9068 = true});
    return validator->validate(member(response, "access_token"), clock_.now()).value();
  }

  std::string log_in(std::string client = "web", std::string scope = "read write") {
    return wait_for(sessions_.start({.user_id = "u1",
                                     .client_id = std::move(client),
                                     .scope = std::move(scope),
                                     .audience = std::string(api)}))
        .value()
        .refresh_token;
  }
  http::Response refresh(const std::string& token, const std::string& rest = {}) {
    return post("grant_type=refresh_token&refresh_token=" + token + as_web_ + rest);
  }

  std::string assertion(std::string_view audience, Seconds life = Seconds(60), std::string issuer = "batch",
                        std::string subject = "batch", std::string jti = {}) {
    return tokens::write({.issuer = std::move(issuer),
                          .audiences = {std::string(audience)},
                          .subject = std::move(subject),
                          .id = std::move(jti),
                          .issued_at = clock_.now(),
                          .not_before = clock_.now(),
                          .expires = clock_.now() + life},
                         assertion_key_, jose::Algorithm::ES256)
        .value();
  }
  http::Response post_assertion(const std::string& text) {
    return post(
        "grant_type=client_credentials&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-"
        "assertion-type%3Ajwt-bearer&client_assertion=" +
        text);
  }

  test_support::SettableClock clock_;
  http::ServiceCollection services_;
  NewClientSecret secret_ = make_client_secret(clock_.now());
  NewClientSecret old_secret_ = make_client_secret(clock_.now(), clock_.now() + Seconds(3600));
  std::string as_web_ = "&client_id=web&client_secret=" + secret_.text;
  jose::Key signing_key_ = generate("k1");
  jose::Key assertion_key_ = generate("a1");
  std::unique_ptr<stores::Store> store_ = stores::make_memory_store();
  std::unique_ptr<stores::UserStore> users_ = stores::make_memory_user_store();
  tokens::MemoryReplayCache used_;
  RequestThrottle throttle_{{.client = {.failures = 60, .window = Seconds(300)}}, {}, clock_};
  ClientAuthenticator clients_{store_->clients(),
                               used_,
                               {.audiences = {std::string(issuer_url), std::string(token_url)}},
                               throttle_,
                               clock_};
  SessionService sessions_{store_->sessions(),
                           RefreshTokenFormat::make({.keys = {{0, Secret(std::string(32, 't'))}}}).value(),
                           {},
                           clock_};
  JwtTokenService tokens_{{.issuer = std::string(issuer_url), .audience = ""},
                          {.key = signing_key_, .algorithm = jose::Algorithm::ES256},
                          clock_};
  WorkerPool pool_{"users", 1, 100};
  GrantService grants_{sessions_, *users_, tokens_, pool_};
  std::unique_ptr<KeyRing> ring_ =
      wait_for(KeyRing::open(store_->keys(), KeyWrapper::make({Secret(std::string(32, 'w'))}).value(), {},
                             pool_, clock_))
          .value();
  IssuedTokenValidator issued_{std::string(issuer_url), *ring_, clock_};
  LiveTokens live_{issued_, {}, sessions_, clock_};
  TokenExchange exchange_{{.tokens = live_,
                           .clients = store_->clients(),
                           .users = *users_,
                           .pool = pool_,
                           .issue = tokens_,
                           .audit = {}}};
  TokenEndpoint endpoint_{clients_, grants_, exchange_, throttle_};
};

TEST_F(TokenEndpointTest, GivesAClientATokenOfItsOwn) {
  const auto response = post("grant_type=client_credentials&scope=read" + as_web_);
  ASSERT_EQ(said(response), "200");
  EXPECT_EQ(member(response, "token_type"), "Bearer");
  EXPECT_EQ(member(response, "expires_in"), "600");
  EXPECT_EQ(member(response, "scope"), "read");
  EXPECT_EQ(member(response, "refresh_token"), "(none)");
  const tokens::Token token = validated(response);
  EXPECT_EQ(token.claims.subject(), "web");
  EXPECT_EQ(token.claims.find_string("client_id"), "web");
  EXPECT_EQ(token.claims.find_string("scope"), "read");
  EXPECT_EQ(token.claims.find_string("sid"), std::nullopt);
}

TEST_F(TokenEndpointTest, GivesWhatTheClientHasWhenItAsksForNothing) {
  EXPECT_EQ(member(post("grant_type=client_credentials" + as_web_), "scope"), "read write");
}

TEST_F(TokenEndpointTest, GivesTheAudienceThatIsAskedForAndNoOther) {
  const auto other = post("grant_type=client_credentials&resource=https%3A%2F%2Fother.example.com" + as_web_);
  const auto jws = member(other, "access_token");
  const auto payload = base64url::decode(jose::parse_jws(jws)->payload);
  EXPECT_TRUE(payload->contains(R"("aud":"https://other.example.com")")) << *payload;
  EXPECT_EQ(said(post("grant_type=client_credentials&resource=https%3A%2F%2Fevil.example.com" + as_web_)),
            "400 invalid_target");
}

struct Row {
  const char* body;
  const char* said;
};
// WEB stands for a client with its secret.
constexpr Row rows[] = {
    {"WEB", "400 invalid_request"},
    {"grant_type=magic&WEB", "400 unsupported_grant_type"},
    {"grant_type=CLIENT_CREDENTIALS&WEB", "400 unsupported_grant_type"},
    {"grant_type=password&username=ada&password=x&WEB", "400 unsupported_grant_type"},
    {"grant_type=%22%3E%3Cscript%3E%0d%0a&WEB", "400 unsupported_grant_type"},
    {"grant_type=client_credentials&client_id=spa&WEB", "400 invalid_request"},
    {"grant_type=client_credentials&scope=read&scope=admin&WEB", "400 invalid_request"},
    {"grant_type=client_credentials&scope=nosuch&WEB", "400 invalid_scope"},
    {"grant_type=client_credentials&scope=read+admin&WEB", "400 invalid_scope"},
    {"grant_type=client_credentials&scope=read%0aadmin%22&WEB", "400 invalid_scope"},
    {"grant_type=client_credentials", "401 invalid_client"},
    {"grant_type=client_credentials&client_id=nobody&client_secret=x", "401 invalid_client"},
    {"grant_type=client_credentials&client_id=web&client_secret=x", "401 invalid_client"},
    {"grant_type=client_credentials&client_id=web", "401 invalid_client"},
    {"grant_type=client_credentials&client_id=web%00&client_secret=SECRET", "401 invalid_client"},
    {"grant_type=client_credentials&client_id[]=web&client_secret=SECRET", "401 invalid_client"},
    {"grant_type=client_credentials&Client_Id=web&Client_Secret=SECRET", "401 invalid_client"},
    {"grant_type=client_credentials;client_id=web;client_secret=SECRET", "400 invalid_request"},
    {"grant_type=magic", "400 invalid_request"},
    {"grant_type=client_credentials&client_id=gone&client_secret=SECRET", "401 invalid_client"},
    {"grant_type=client_credentials&client_id=spa", "400 unauthorized_client"},
    {"grant_type=client_credentials&client_id=spa&client_secret=SECRET", "401 invalid_client"},
    {"grant_type=refresh_token&WEB", "400 invalid_request"},
    {"grant_type=refresh_token&refresh_token=nonsense&WEB", "400 invalid_grant unknown"},
};

TEST_F(TokenEndpointTest, RefusesWhatIsWrong) {
  for (const Row& row : rows) {
    std::string body = row.body;
    const auto fill = [&](std::string_view mark, const std::string& value) {
      if (const auto at = body.find(mark); at != std::string::npos) body.replace(at, mark.size(), value);
    };
    fill("WEB", as_web_.substr(1));
    fill("SECRET", secret_.text);
    EXPECT_EQ(said(post(body)), row.said) << row.body;
  }
}

TEST_F(TokenEndpointTest, NeverSaysWhatWasSent) {
  const auto response = post("grant_type=%22%3E%3Cscript%3E" + as_web_);
  EXPECT_FALSE(response.body.contains("script"));
}

TEST_F(TokenEndpointTest, TakesTheSecretFromTheHeaderOrTheBodyAndNotFromBoth) {
  const auto basic = [&](std::string_view text) {
    std::string encoded = base64url::encode(text);
    std::ranges::replace(encoded, '-', '+');
    std::ranges::replace(encoded, '_', '/');
    while (encoded.size() % 4 != 0) encoded += '=';
    return "Basic " + encoded;
  };
  const std::string right = basic("web:" + secret_.text);
  EXPECT_EQ(said(post("grant_type=client_credentials", right)), "200");
  EXPECT_EQ(said(post("grant_type=client_credentials", "basic" + right.substr(5))), "200");
  EXPECT_EQ(said(post("grant_type=client_credentials&client_id=web", right)), "200");
  EXPECT_EQ(said(post("grant_type=client_credentials&client_id=spa", right)), "401 invalid_client");
  EXPECT_EQ(said(post("grant_type=client_credentials" + as_web_, right)), "400 invalid_request");
  EXPECT_EQ(said(post("grant_type=client_credentials", basic("we%62:" + secret_.text))), "200");

  const auto wrong = post("grant_type=client_credentials", basic("web:x"));
  EXPECT_EQ(said(wrong), "401 invalid_client");
  EXPECT_TRUE(wrong.headers.find("WWW-Authenticate")->starts_with("Basic "));
  for (const std::string& broken : {std::string("Basic d2ViLTE="), std::string("Basic !"),
                                    std::string("Basic "), right + "=", right.substr(0, right.size() - 1)})
    EXPECT_EQ(said(post("grant_type=client_credentials", broken)), "401 invalid_client") << broken;
}

TEST_F(TokenEndpointTest, BothSecretsWorkUntilOneExpires) {
  const std::string old = "grant_type=client_credentials&client_id=web&client_secret=" + old_secret_.text;
  EXPECT_EQ(said(post(old)), "200");
  clock_.advance(Seconds(3600));
  EXPECT_EQ(said(post(old)), "401 invalid_client");
  EXPECT_EQ(said(post("grant_type=client_credentials" + as_web_)), "200");
}

TEST_F(TokenEndpointTest, WhoGuessesWaitsAndNobodyLosesAToken) {
  const std::string kept = log_in();
  const std::string wrong = "grant_type=client_credentials&client_id=web&client_secret=x";
  for (int i = 0; i < 30; ++i) EXPECT_EQ(said(post(wrong)), "401 invalid_client");
  for (int i = 0; i < 30; ++i) EXPECT_EQ(said(refresh("grt_guess")), "400 invalid_grant unknown");
  for (const auto& response : {post(wrong), refresh("grt_guess"), refresh(kept)}) {
    EXPECT_EQ(said(response), "429 temporarily_unavailable");
    EXPECT_EQ(response.headers.find("Retry-After"), "300");
  }
  EXPECT_EQ(said(post("grant_type=client_credentials&client_id=spa")), "400 unauthorized_client");
  clock_.advance(Seconds(600));
  EXPECT_EQ(said(refresh(kept)), "200");
}

TEST_F(TokenEndpointTest, WhatIsOverCountsAsNoGuess) {
  const std::string first = log_in();
  refresh(first);
  clock_.advance(Seconds(31));
  for (int i = 0; i < 100; ++i) EXPECT_NE(refresh(first).status, 429);
}

TEST_F(TokenEndpointTest, TakesASignedAssertionOnce) {
  const std::string text = assertion(issuer_url);
  EXPECT_EQ(said(post_assertion(text)), "200");
  EXPECT_EQ(said(post_assertion(text)), "401 invalid_client");
  EXPECT_EQ(said(post_assertion(assertion(token_url))), "200");
}

TEST_F(TokenEndpointTest, TakesNoOtherAssertion) {
  const std::string good = assertion(issuer_url);
  for (const std::string& text :
       {assertion("https://elsewhere.example.com"), assertion(issuer_url, Seconds(3600)),
        assertion(issuer_url, Seconds(60), "web", "web"), assertion(issuer_url, Seconds(60), "batch", "web"),
        std::string("eyJhbGciOiJub25lIn0.eyJpc3MiOiJiYXRjaCJ9."), std::string("x"), good + "x"})
    EXPECT_EQ(said(post_assertion(text)), "401 invalid_client") << text;
  EXPECT_EQ(said(post("grant_type=client_credentials&client_assertion_type=other&client_assertion=" + good)),
            "401 invalid_client");
  EXPECT_EQ(said(post("grant_type=client_credentials&client_id=batch&client_secret=x")),
            "401 invalid_client");
}

TEST_F(TokenEndpointTest, AnAssertionForOthersBesidesIsNoneForUs) {
  const auto text = tokens::write({.issuer = "batch",
                                   .audiences = {std::string(issuer_url), "https://evil.example.com"},
                                   .subject = "batch",
                                   .issued_at = clock_.now(),
                                   .not_before = clock_.now(),
                                   .expires = clock_.now() + Seconds(60)},
                                  assertion_key_, jose::Algorithm::ES256);
  EXPECT_EQ(said(post_assertion(*text)), "401 invalid_client");
}

TEST_F(TokenEndpointTest, RefreshesASession) {
  const std::string first = log_in();
  const auto response = refresh(first);
  ASSERT_EQ(said(response), "200");
  EXPECT_EQ(response.headers.find("Gatehouse-Refresh"), "rotated");
  EXPECT_EQ(member(response, "refresh_expires_in"), std::to_string(14 * 86'400));
  EXPECT_EQ(member(response, "session_expires_in"), std::to_string(30 * 86'400));
  const tokens::Token token = validated(response);
  EXPECT_EQ(token.claims.subject(), "u1");
  EXPECT_EQ(token.claims.find_string("scope"), "read write");
  EXPECT_EQ(token.claims.find_string("sid"), member(response, "sid"));
  EXPECT_EQ(token.claims.find("roles")->text, R"(["Admin"])");
  EXPECT_EQ(token.claims.find("amr")->text, R"(["pwd"])");
  EXPECT_EQ(token.claims.find("auth_time")->text, "1780000000");

  const auto again = refresh(first);
  EXPECT_EQ(again.headers.find("Gatehouse-Refresh"), "retry");
  EXPECT_EQ(member(again, "refresh_token"), member(response, "refresh_token"));
}

TEST_F(TokenEndpointTest, SaysWhyARefreshIsRefusedAndWhetherToLogInAgain) {
  const std::string first = log_in();
  const std::string second = member(refresh(first), "refresh_token");
  const std::string third = member(refresh(second), "refresh_token");
  const auto stale = refresh(first);
  EXPECT_EQ(said(stale), "400 invalid_grant stale");
  EXPECT_EQ(member(stale, "reauth_required"), "false");
  clock_.advance(Seconds(31));
  const auto replay = refresh(second);
  EXPECT_EQ(said(replay), "400 invalid_grant replay");
  EXPECT_EQ(member(replay, "reauth_required"), "true");
  EXPECT_EQ(said(refresh(third)), "400 invalid_grant revoked");

  const std::string idle = log_in();
  clock_.advance(std::chrono::days(14));
  EXPECT_EQ(said(refresh(idle)), "400 invalid_grant expired");
  EXPECT_EQ(said(refresh(log_in("spa"))), "400 invalid_grant mismatch");
}

TEST_F(TokenEndpointTest, RecoversWithTheNonce) {
  const std::string first = log_in();
  const auto lost = refresh(first, "&refresh_request_id=9f1c");
  clock_.advance(Seconds(3600));
  const auto recovered = refresh(first, "&refresh_request_id=9f1c");
  EXPECT_EQ(recovered.headers.find("Gatehouse-Refresh"), "recovered");
  EXPECT_EQ(member(recovered, "refresh_token"), member(lost, "refresh_token"));
}

TEST_F(TokenEndpointTest, NarrowsTheScopeOfOneTokenAndNeverWidensIt) {
  const std::string first = log_in("web", "read write");
  const auto narrow = refresh(first, "&scope=read");
  EXPECT_EQ(member(narrow, "scope"), "read");
  const auto wide = refresh(member(narrow, "refresh_token"), "&scope=read+write");
  EXPECT_EQ(member(wide, "scope"), "read write");
  const std::string newest = member(wide, "refresh_token");
  EXPECT_EQ(said(refresh(newest, "&scope=read+admin")), "400 invalid_scope");
  EXPECT_EQ(refresh(newest).headers.find("Gatehouse-Refresh"), "rotated");  // it lost nothing
}

TEST_F(TokenEndpointTest, APublicClientRefreshesItsOwn) {
  const std::string first = log_in("spa", "read");
  EXPECT_EQ(said(post("grant_type=refresh_token&client_id=spa&refresh_token=" + first)), "200");
}

TEST_F(TokenEndpointTest, AUserWhoMayNoLongerIsRefusedAtOnce) {
  const std::string disabled = log_in();
  ASSERT_TRUE(users_->set_disabled("u1", true));
  EXPECT_EQ(said(refresh(disabled)), "400 invalid_grant revoked");
  ASSERT_TRUE(users_->set_disabled("u1", false));
  EXPECT_EQ(said(refresh(disabled)), "400 invalid_grant revoked");

  const std::string before = log_in();
  ASSERT_TRUE(users_->raise_epoch("u1"));
  EXPECT_EQ(said(refresh(before)), "400 invalid_grant revoked");
  EXPECT_EQ(wait_for(store_->revocations().after(0, clock_.now(), 10))->entries.size(), 2u);
}

}  // namespace
}  // namespace gatehouse::issuer
