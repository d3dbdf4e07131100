#include "gatehouse/issuer/token_exchange.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "gatehouse/issuer/server_fixture.h"

namespace gatehouse::issuer {
namespace {

const Instant exp(Seconds(1'780'000'600));

tokens::ClaimSet claims(std::string_view json) { return tokens::ClaimSet::parse(json, {}).value(); }

// A user's token, for the API that the client is, with `more` members.
tokens::ClaimSet subject(std::string_view more = {}, std::string_view scope = "read write") {
  return claims(fmt::format(
      R"({{"iss":"https://id.example.com","sub":"u1","aud":"https://orders.example.com","client_id":"shop",)"
      R"("exp":1780000600,"auth_time":1780000000,"sid":"s1","amr":["pwd","otp"],"roles":["Admin","Buyer"],)"
      R"("scope":"{}"{}}})",
      scope, more));
}

stores::Client orders() {
  return {.id = "orders",
          .secrets = {{.hash = "h", .created = {}, .expires = {}}},
          .grants = {std::string(token_exchange_grant)},
          .scopes = {"read", "pay"},
          .audiences = {"https://payments.example.com", "https://orders.example.com"}};
}

const stores::User user{.id = "u1", .email = "ada@example.com", .roles = {"Buyer", "Seller"}};

std::expected<AccessToken, OAuthError> decide(const tokens::ClaimSet& shown,
                                              const ExchangeRequest& request = {},
                                              const stores::Client& client = orders(),
                                              const tokens::ClaimSet* actor = nullptr) {
  return decide_exchange(client, request, {.subject = shown, .actor = actor, .user = &user});
}

std::optional<OAuthErrorCode> refusal(const std::expected<AccessToken, OAuthError>& decided) {
  return decided ? std::nullopt : std::optional(decided.error().code);
}

TEST(TokenExchangeDecision, TheNewTokenHasNothingThatTheOldOneHadNot) {
  const auto token = decide(subject()).value();
  EXPECT_EQ(token.subject, "u1");
  EXPECT_EQ(token.client_id, "orders");
  EXPECT_EQ(token.audience, "https://payments.example.com");
  EXPECT_EQ(token.scope, "read");
  EXPECT_EQ(token.sid, "s1");
  EXPECT_EQ(token.roles, std::vector<std::string>{"Buyer"});
  EXPECT_EQ(token.amr, "pwd otp");
  EXPECT_EQ(token.authenticated, Instant(Seconds(1'780'000'000)));
  EXPECT_EQ(token.expires_by, exp);
  EXPECT_EQ(token.act, R"({"sub":"orders","client_id":"orders"})");
}

TEST(TokenExchangeDecision, KeepsWhoActedBefore) {
  EXPECT_EQ(decide(subject(R"(,"act":{"sub":"gate","client_id":"gate"})"))->act,
            R"({"sub":"orders","client_id":"orders","act":{"sub":"gate","client_id":"gate"}})");
  const auto chain = [](int length) {
    std::string act = R"({"sub":"a"})";
    for (int more = 1; more < length; ++more) act = R"({"sub":"a","act":)" + act + "}";
    return R"(,"act":)" + act;
  };
  EXPECT_TRUE(decide(subject(chain(most_actors - 1))));
  EXPECT_EQ(refusal(decide(subject(chain(most_actors)))), OAuthErrorCode::invalid_request);
}

TEST(TokenExchangeDecision, AnActorWithATokenActsInTheClientsPlace) {
  const auto agent =
      claims(R"({"sub":"agent-7","aud":"https://orders.example.com","client_id":"desk","exp":1780000300})");
  const auto token = decide(subject(), {}, orders(), &agent).value();
  EXPECT_EQ(token.act, R"({"sub":"agent-7","client_id":"desk"})");
  EXPECT_EQ(token.client_id, "orders");
  EXPECT_EQ(token.expires_by, Instant(Seconds(1'780'000'300)));
  for (
      const char* other :
      {R"({"sub":"agent-7","aud":"https://other.example.com","client_id":"desk","exp":1780000300})",
       R"({"sub":"u1","aud":"https://orders.example.com","client_id":"desk","act":{"sub":"x"},"exp":1780000300})"}) {
    const auto refused = claims(other);
    EXPECT_EQ(refusal(decide(subject(), {}, orders(), &refused)), OAuthErrorCode::invalid_request) << other;
  }
}

struct MayAct {
  const char* rule;
  bool is_allowed;
};
constexpr MayAct may_act_rows[] = {
    {R"({"sub":"orders"})", true},
    {R"({"client_id":"orders"})", true},
    {R"({"sub":"orders","client_id":"orders","iss":"https://id.example.com"})", true},
    {R"({"sub":"payments"})", false},
    {R"({"sub":"orders","client_id":"payments"})", false},
    {R"({"sub":"orders","iss":"https://other.example.com"})", false},
    {R"({"sub":"orders","email":"x"})", false},
    {R"({"sub":["orders"]})", false},
    {R"({})", false},
    {R"("orders")", false},
    {R"(null)", false},
};

TEST(TokenExchangeDecision, OnlyWhomTheTokenNamesMayAct) {
  for (const auto& [rule, is_allowed] : may_act_rows)
    EXPECT_EQ(decide(subject(fmt::format(R"(,"may_act":{})", rule))).has_value(), is_allowed) << rule;
}

struct ScopeRow {
  const char* had;
  const char* asked;
  const char* given;  // null: invalid_scope
};
constexpr ScopeRow scope_rows[] = {
    {"read write", "", "read"},
    {"read pay", "", "read pay"},
    {"read pay", "pay", "pay"},
    {"read", "pay", nullptr},
    {"read write", "write", nullptr},
    {"write", "", nullptr},
    {"", "", ""},
    {"", "read", nullptr},
    {"read", "re\\ad", nullptr},
};

TEST(TokenExchangeDecision, ScopeIsWhatTokenAndClientShare) {
  for (const auto& [had, asked, given] : scope_rows) {
    const auto token =
        decide(subject({}, had), {.subject_token = {}, .actor_token = {}, .audience = {}, .scope = asked});
    if (given)
      EXPECT_EQ(token.value().scope, given) << had << '/' << asked;
    else
      EXPECT_EQ(refusal(token), OAuthErrorCode::invalid_scope) << had << '/' << asked;
  }
  stores::User narrow = user;
  narrow.scopes = {"pay"};
  const auto shown = subject({}, "read pay");
  EXPECT_EQ(decide_exchange(orders(), {}, {.subject = shown, .user = &narrow})->scope, "pay");
}

TEST(TokenExchangeDecision, ThereIsATokenOnlyForThoseThatThisOneWasFor) {
  stores::Client other = orders();
  other.audiences = {"https://payments.example.com"};
  EXPECT_EQ(refusal(decide(subject(), {}, other)), OAuthErrorCode::invalid_request);
  other.id = "shop";  // whom it was given to
  EXPECT_TRUE(decide(subject(), {}, other));

  const auto target = [](const char* audience) {
    return decide(subject(), {.subject_token = {}, .actor_token = {}, .audience = audience, .scope = {}});
  };
  EXPECT_EQ(target("https://orders.example.com")->audience, "https://orders.example.com");
  EXPECT_EQ(refusal(target("https://evil.example.com")), OAuthErrorCode::invalid_target);
  stores::Client anybody = orders();
  anybody.secrets.clear();
  EXPECT_EQ(refusal(decide(subject(), {}, anybody)), OAuthErrorCode::unauthorized_client);
}

struct FormRow {
  const char* body;
  bool is_good;
};
#define ACCESS "urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Aaccess_token"
constexpr FormRow form_rows[] = {
    {"subject_token=t&subject_token_type=" ACCESS, true},
    {"subject_token=t&subject_token_type=" ACCESS "&requested_token_type=" ACCESS "&audience=a&resource=a",
     true},
    {"subject_token=t&subject_token_type=" ACCESS "&actor_token=t&actor_token_type=" ACCESS, true},
    {"subject_token_type=" ACCESS, false},
    {"subject_token=t", false},
    {"subject_token=t&subject_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Arefresh_token", false},
    {"subject_token=t&subject_token_type=" ACCESS "&actor_token=t", false},
    {"subject_token=t&subject_token_type=" ACCESS "&actor_token_type=" ACCESS, false},
    {"subject_token=t&subject_token_type=" ACCESS "&audience=a&resource=b", false},
    {"subject_token=t&subject_token_type=" ACCESS
     "&requested_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Arefresh_token",
     false},
};
#undef ACCESS

TEST(TokenExchangeForm, SaysWhatTheStandardAsksFor) {
  for (const auto& [body, is_good] : form_rows) {
    http::Request request{.method = "POST", .body = body};
    request.headers.add("Content-Type", "application/x-www-form-urlencoded");
    const auto form = http::Form::read(request).value();
    EXPECT_EQ(read_exchange_request(form).has_value(), is_good) << body;
  }
}

// An API that was called with a user's token calls the next one in the user's name.
class TokenExchangeTest : public Server {
 protected:
  TokenExchangeTest() {
    add({.id = "orders",
         .secrets = {secret_.stored},
         .grants = {std::string(token_exchange_grant)},
         .scopes = {"read"},
         .audiences = {"https://payments.example.com", "https://api.example.com"}});
  }
  http::Response exchange(const std::string& token, const std::string& rest = {}) {
    return post_form("/connect/token",
                     fmt::format("grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange"
                                 "&subject_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Aaccess_token"
                                 "&subject_token={}&client_id=orders&client_secret={}{}",
                                 token, secret_.text, rest));
  }
  tokens::Token read(const std::string& token) {
    return IssuedTokenValidator("https://id.example.com", server_->keys(), clock_).validate(token).value();
  }
};

TEST_F(TokenExchangeTest, GivesANarrowerTokenThatGoesWithTheSession) {
  const Tokens tokens = log_in();
  const std::string sid(*read(tokens.access).claims.find_string("sid"));
  clock_.advance(Seconds(100));
  const auto response = exchange(tokens.access);
  ASSERT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(member(response, "issued_token_type"), access_token_type);
  EXPECT_EQ(member(response, "expires_in"), "500");
  EXPECT_EQ(member(response, "scope"), "read");
  EXPECT_EQ(member(response, "refresh_token"), "(none)");
  EXPECT_EQ(last_event(), "token.exchanged by 'orders' to 'ada-id' for 'orders' ");

  const std::string exchanged = member(response, "access_token");
  const tokens::Token token = read(exchanged);
  EXPECT_EQ(token.claims.subject(), "ada-id");
  EXPECT_EQ(token.claims.audiences().front(), "https://payments.example.com");
  EXPECT_EQ(token.claims.find_string("sid"), sid);
  EXPECT_EQ(token.claims.find("act")->text, R"({"sub":"orders","client_id":"orders"})");
  EXPECT_EQ(token.claims.find("roles")->text, R"(["Customer"])");
  EXPECT_EQ(introspect(exchanged, "orders"), "true");

  // It is none to manage the user's sessions with.
  EXPECT_EQ(get("/me/sessions", exchanged).status, 401);
  EXPECT_EQ(post_json("/logout", "", exchanged).status, 401);

  EXPECT_EQ(post_json("/logout", "", tokens.access).status, 204);
  EXPECT_EQ(introspect(exchanged, "orders"), "false");
  EXPECT_EQ(member(exchange(tokens.access), "error"), "invalid_request");
  EXPECT_EQ(last_event(), "token.exchange_refused by '' to '' for 'orders' invalid_request");
}

TEST_F(TokenExchangeTest, RefusesWhatIsWithdrawnExpiredOrOfSomebodyWhoMayNoLonger) {
  const auto error = [&](const std::string& token, const std::string& rest = {}) {
    return member(exchange(token, rest), "error");
  };
  EXPECT_EQ(error("x"), "invalid_request");
  const Tokens revoked = log_in();
  EXPECT_EQ(post_form("/connect/revoke", "client_id=shop&token=" + revoked.access).status, 200);
  EXPECT_EQ(error(revoked.access), "invalid_request");
  EXPECT_EQ(error(revoked.refresh), "invalid_request");

  const Tokens tokens = log_in();
  EXPECT_EQ(error(tokens.access, "&scope=write"), "invalid_scope");
  EXPECT_EQ(error(tokens.access, "&audience=https%3A%2F%2Fother.example.com"), "invalid_target");
  ASSERT_TRUE(users_->set_disabled("ada-id", true));
  EXPECT_EQ(error(tokens.access), "invalid_request");
  ASSERT_TRUE(users_->set_disabled("ada-id", false));
  EXPECT_EQ(exchange(tokens.access).status, 200);
  clock_.advance(Seconds(601));
  EXPECT_EQ(error(tokens.access), "invalid_request");
}

TEST_F(TokenExchangeTest, AClientsOwnTokenIsExchangedWhileTheClientMay) {
  const std::string own =
      member(post_form("/connect/token",
                       "grant_type=client_credentials&client_id=api&client_secret=" + secret_.text),
             "access_token");
  const auto response = exchange(own);
  ASSERT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(read(member(response, "access_token")).claims.subject(), "api");
  stores::Client api = wait_for(server_->clients().find("api")).value();
  api.is_disabled = true;
  ASSERT_TRUE(wait_for(server_->clients().update(api)));
  EXPECT_EQ(member(exchange(own), "error"), "invalid_request");
}

TEST_F(TokenExchangeTest, IsForThoseWithTheGrant) {
  const Tokens tokens = log_in();
  EXPECT_EQ(
      member(post_form("/connect/token",
                       fmt::format("grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange"
                                   "&subject_token={}&client_id=api&client_secret={}",
                                   tokens.access, secret_.text)),
             "error"),
      "unauthorized_client");
}

}  // namespace
}  // namespace gatehouse::issuer
