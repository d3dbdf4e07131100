#include "gatehouse/issuer/login.h"

#include <gtest/gtest.h>
#include <sodium.h>

#include <latch>

#include "gatehouse/base/json.h"
#include "gatehouse/issuer/endpoints.h"
#include "gatehouse/issuer/password_hash.h"
#include "gatehouse/tokens/validate.h"

namespace gatehouse::issuer {
namespace {

class FixedClock final : public Clock {
 public:
  Instant now() const override { return Instant(Seconds(1'780'272'000)); }
};

class Login : public testing::Test {
 protected:
  Login() {
    EXPECT_TRUE(users_->add({.id = "u1",
                             .email = "ada@example.com",
                             .password_hash = *hash_password("ada's password"),
                             .roles = {"Admin"},
                             .scopes = {"orders.read", "orders.write"}}));
    EXPECT_TRUE(users_->add({.id = "u2",
                             .email = "eve@example.com",
                             .password_hash = *hash_password("eve's"),
                             .disabled = true}));
  }

  // The pool answers on a thread of its own; a latch waits for it, no clock.
  Result<stores::User> login(std::string email, std::string password) {
    std::latch done(1);
    std::optional<Result<stores::User>> answer;
    start(service_.login(std::move(email), std::move(password)), [&](Result<stores::User>&& user) {
      answer.emplace(std::move(user));
      done.count_down();
    });
    done.wait();
    return *answer;
  }

  http::Response post(std::string_view body, std::string_view type = "application/json") {
    http::Request request{.method = "POST", .path = "/login", .body = body};
    request.headers.add("Content-Type", type);
    http::HttpContext context(request, services_, clock_);
    std::latch done(1);
    http::Response answer;
    const http::Handler handler = make_login_endpoint(service_, tokens_);
    start(handler(context), [&](http::Response&& response) {
      answer = std::move(response);
      done.count_down();
    });
    done.wait();
    return answer;
  }

  FixedClock clock_;
  http::ServiceCollection services_;
  std::unique_ptr<stores::UserStore> users_ = stores::make_memory_user_store();
  LoginService service_{*users_};
  SigningCredentials credentials_ = *read_signing_credentials("kJ8v2QpXz7LmN4sT9wYb3RcF6hGd1AeU0iOq");
  JwtTokenService tokens_{
      {.issuer = "https://issuer.example", .audience = "api://orders"}, credentials_, clock_};
};

TEST_F(Login, KnowsAUserByEmailAndPassword) {
  EXPECT_EQ(login("Ada@example.com", "ada's password")->id, "u1");
}

TEST_F(Login, AnswersEveryRefusalAlike) {
  for (const auto& [email, password] :
       {std::pair("ada@example.com", "wrong"), std::pair("nobody@example.com", "ada's password"),
        std::pair("eve@example.com", "eve's"), std::pair("", "")})
    EXPECT_EQ(login(email, password).error(), Error{Failure::credentials_invalid}) << email;
}

TEST_F(Login, GivesAnOldHashNewParameters) {
  char old[crypto_pwhash_STRBYTES];
  ASSERT_EQ(crypto_pwhash_str_alg(old, "ada's password", 14, 1, 8192 * 1024, crypto_pwhash_ALG_ARGON2ID13),
            0);
  ASSERT_TRUE(users_->set_password_hash("u1", old));
  ASSERT_TRUE(login("ada@example.com", "ada's password"));
  const std::string now = users_->find_by_id("u1")->password_hash;
  EXPECT_FALSE(needs_rehash(now)) << now;
  EXPECT_TRUE(login("ada@example.com", "ada's password"));
}

TEST_F(Login, TheEndpointGivesATokenThatValidates) {
  const http::Response response =
      post(R"({"email":"ada@example.com","password":"ada's password","twoFactorCode":null})");
  ASSERT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(response.headers.find("Cache-Control"), "no-store");
  json::Parser parser;
  const auto body = parser.parse(response.body);
  EXPECT_EQ(body->find_string("tokenType"), "Bearer");
  EXPECT_EQ(body->find("expiresIn")->as_integer(), 600);
  const auto validator = tokens::TokenValidator::make({.valid_issuer = "https://issuer.example",
                                                       .valid_audience = "api://orders",
                                                       .issuer_signing_key = credentials_.key});
  const std::string text(*body->find_string("accessToken"));
  const auto token = validator->validate(text, clock_.now());
  ASSERT_TRUE(token) << describe(token.error());
  EXPECT_EQ(token->claims.subject(), "u1");
  EXPECT_EQ(token->claims.find_string("role"), "Admin");
  EXPECT_EQ(token->claims.find("scope")->text, R"(["orders.read","orders.write"])");
  EXPECT_EQ(token->claims.not_before(), clock_.now());
  EXPECT_EQ(token->claims.expires(), clock_.now() + Seconds(600));
  EXPECT_EQ(token->header->kid, credentials_.key.kid());
  EXPECT_FALSE(token->claims.id()->empty());
}

struct BodyCase {
  const char* name;
  std::string body;
  const char* type;
  int expected;
};

const BodyCase body_cases[] = {
    {"WrongPassword", R"({"email":"ada@example.com","password":"x"})", "application/json", 401},
    {"Charset", R"({"email":"ada@example.com","password":"x"})", "Application/JSON; charset=utf-8", 401},
    {"NoBody", "", "application/json", 400},
    {"NoJson", "email=ada", "application/x-www-form-urlencoded", 400},
    {"NoPassword", R"({"email":"ada@example.com"})", "application/json", 400},
    {"PasswordThatIsNoString", R"({"email":"ada@example.com","password":7})", "application/json", 400},
    {"APasswordNamedTwice", R"({"email":"a","password":"x","password":"y"})", "application/json", 400},
    {"AnOverlongPassword", R"({"email":"a","password":")" + std::string(257, 'x') + "\"}", "application/json",
     400},
    {"AnOverlongBody", R"({"email":"a","password":"x","more":")" + std::string(9000, 'x') + "\"}",
     "application/json", 400},
};

class Body : public Login, public testing::WithParamInterface<BodyCase> {};

TEST_P(Body, IsAnsweredWithoutCachingAndWithoutDetail) {
  const http::Response response = post(GetParam().body, GetParam().type);
  EXPECT_EQ(response.status, GetParam().expected) << response.body;
  EXPECT_EQ(response.headers.find("Cache-Control"), "no-store");
}

INSTANTIATE_TEST_SUITE_P(Endpoint, Body, testing::ValuesIn(body_cases),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace gatehouse::issuer
