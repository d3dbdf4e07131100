#include "gatehouse/issuer/token_exchange.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

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

}  // namespace
}  // namespace gatehouse::issuer
