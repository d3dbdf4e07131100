#include "gatehouse/issuer/login.h"

#include <gtest/gtest.h>
#include <sodium.h>

#include <array>
#include <future>
#include <latch>
#include <stdexcept>
#include <vector>

#include "gatehouse/base/json.h"
#include "gatehouse/base/wait_for.h"
#include "gatehouse/issuer/endpoints.h"
#include "gatehouse/issuer/password_hash.h"
#include "gatehouse/tokens/validate.h"

namespace gatehouse::issuer {
namespace {

class FixedClock final : public Clock {
 public:
  Instant now() const override { return now_; }
  void advance(Seconds by) { now_ += by; }

 private:
  Instant now_{Seconds(1'780'272'000)};
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

  // From 192.0.N.1.
  Result<LoggedIn> login(std::string email, std::string password, int network = 2, std::string device = "") {
    LoginRequest request{.email = std::move(email),
                         .password = std::move(password),
                         .address = IpAddress::parse("192.0." + std::to_string(network) + ".1"),
                         .device_token = std::move(device)};
    return wait_for(service_->login(std::move(request)));
  }

  void refuse(std::string email, int network = 2) {
    EXPECT_EQ(login(std::move(email), "wrong", network).error().kind, Failure::credentials_invalid);
  }

  // Ends what the pool has still to do after its answers.
  void restart(LoginOptions options = {}) {
    service_.reset();
    service_ = std::make_unique<LoginService>(*users_, std::move(options), clock_);
  }

  // What follows an answer runs when there is time for it: asks until it has.
  std::string hash_when_it_is_not(const std::string& before, const std::string& id = "u1") {
    std::string now = before;
    while (now == before) now = users_->find_by_id(id)->password_hash;
    return now;
  }

  http::Response post(std::string_view body, std::string_view type = "application/json") {
    http::Request request{.method = "POST", .path = "/login", .remote_address = "192.0.2.1", .body = body};
    request.headers.add("Content-Type", type);
    http::HttpContext context(request, services_, clock_);
    const http::Handler handler = make_login_endpoint(*service_, tokens_);
    return wait_for(handler(context));
  }

  FixedClock clock_;
  http::ServiceCollection services_;
  std::unique_ptr<stores::UserStore> users_ = stores::make_memory_user_store();
  std::unique_ptr<LoginService> service_ = std::make_unique<LoginService>(*users_, LoginOptions{}, clock_);
  SigningCredentials credentials_ = *read_signing_credentials("kJ8v2QpXz7LmN4sT9wYb3RcF6hGd1AeU0iOq");
  JwtTokenService tokens_{
      {.issuer = "https://issuer.example", .audience = "api://orders"}, credentials_, clock_};
};

TEST_F(Login, KnowsAUserByEmailAndPassword) {
  EXPECT_EQ(login("Ada@example.com", "ada's password")->user.id, "u1");
}

TEST_F(Login, AnswersEveryRefusalAlike) {
  for (const auto& [email, password] :
       {std::pair("ada@example.com", "wrong"), std::pair("nobody@example.com", "ada's password"),
        std::pair("eve@example.com", "eve's"), std::pair("", "")})
    EXPECT_EQ(login(email, password).error(), Error{Failure::credentials_invalid}) << email;
}

TEST_F(Login, TellsNobodyWhoHasAnAccount) {
  ASSERT_TRUE(users_->add(
      {.id = "u3", .email = "locked@example.com", .password_hash = "!" + *hash_password("locked's")}));
  const http::Response wrong = post(R"({"email":"ada@example.com","password":"x"})");
  EXPECT_EQ(wrong.status, 401);
  for (const auto* body : {R"({"email":"nobody@example.com","password":"x"})",
                           R"({"email":"eve@example.com","password":"eve's"})",
                           R"({"email":"locked@example.com","password":"locked's"})"}) {
    const http::Response other = post(body);
    EXPECT_EQ(other.status, wrong.status) << body;
    EXPECT_EQ(other.body, wrong.body) << body;
    EXPECT_TRUE(std::ranges::equal(other.headers, wrong.headers, [](const auto& a, const auto& b) {
      return a.name == b.name && a.value == b.value;
    })) << body;
  }
}

TEST_F(Login, GivesAnOldHashNewParameters) {
  char old[crypto_pwhash_STRBYTES];
  ASSERT_EQ(crypto_pwhash_str_alg(old, "ada's password", 14, 1, 8192 * 1024, crypto_pwhash_ALG_ARGON2ID13),
            0);
  ASSERT_TRUE(users_->set_password_hash("u1", old));
  ASSERT_TRUE(login("ada@example.com", "ada's password"));
  const std::string now = hash_when_it_is_not(old);
  EXPECT_FALSE(needs_rehash(now)) << now;
  EXPECT_TRUE(login("ada@example.com", "ada's password"));
}

TEST_F(Login, GivesAnImportedHashOneOfOurs) {
  const std::string bcrypt = "$2y$05$L6YjAGffzdrRNUxKFicoJe8UhcybjSk1yIJDXd6eaEO8xTgrW59vW";
  ASSERT_TRUE(users_->set_password_hash("u1", bcrypt));
  ASSERT_TRUE(login("ada@example.com", "Correct horse 7!"));
  EXPECT_TRUE(hash_when_it_is_not(bcrypt).starts_with("$argon2id$"));
  EXPECT_TRUE(login("ada@example.com", "Correct horse 7!"));
}

TEST_F(Login, KnowsAPasswordHoweverItsLettersAreComposed) {
  ASSERT_TRUE(users_->set_password_hash("u1", *hash_password("caf\u00e9 del mar")));
  EXPECT_TRUE(login("ada@example.com", "cafe\u0301 del mar"));
}

TEST_F(Login, KnowsAnImportedHashOfAPasswordThatWasNotComposed) {
  const std::string identity =
      "AQAAAAIAAYagAAAAEIcQK/bAECwDT8b+5keQSBn2nSXYT1H0hPaspIi0ZKhSdFHaRonRxA3pC6oowqWflA==";
  ASSERT_TRUE(users_->set_password_hash("u1", identity));
  ASSERT_TRUE(login("ada@example.com", "pa\u0301ssword \u20ac"));
  hash_when_it_is_not(identity);
  EXPECT_TRUE(login("ada@example.com", "p\u00e1ssword \u20ac"));
}

TEST_F(Login, RefusesUsersWhoHaveNoPasswordThatCanBeRead) {
  for (const char* hash :
       {"", "!", "plain", "$argon2id$v=19$m=4194304,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$AAAA"}) {
    ASSERT_TRUE(users_->set_password_hash("u1", hash));
    for (const char* password : {"", "!", "plain"})
      EXPECT_EQ(login("ada@example.com", password, 3).error().kind, Failure::credentials_invalid)
          << hash << " " << password;
    restart();
  }
}

TEST_F(Login, ThrottlesAnAccountFromOneNetwork) {
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(login("ada@example.com", "wrong").error().kind, Failure::credentials_invalid);
  EXPECT_EQ(login("ADA@example.com ", "ada's password").error(), (Error{Failure::throttled, "30"}));
  EXPECT_TRUE(login("ada@example.com", "ada's password", 3));
  clock_.advance(Seconds(30));
  EXPECT_TRUE(login("ada@example.com", "ada's password"));
}

TEST_F(Login, LetsAKnownDeviceInWhileOthersTry) {
  restart({.throttle = {.account = {.failures = 3, .window = Seconds(900)}}});
  const std::string device = login("ada@example.com", "ada's password")->device_token;
  for (int network = 10; network < 13; ++network) refuse("ada@example.com", network);
  EXPECT_EQ(login("ada@example.com", "ada's password", 20).error().kind, Failure::throttled);
  EXPECT_EQ(login("ada@example.com", "ada's password", 20, "x" + device).error().kind, Failure::throttled);
  EXPECT_TRUE(login("ada@example.com", "ada's password", 20, device));
}

TEST_F(Login, ADeviceOfOneUserIsNoneOfAnother) {
  restart({.throttle = {.account = {.failures = 1, .window = Seconds(900)}}});
  const std::string device = login("ada@example.com", "ada's password")->device_token;
  refuse("eve@example.com", 10);
  EXPECT_EQ(login("eve@example.com", "wrong", 20, device).error().kind, Failure::throttled);
}

// Locked, unknown and known to the last: the answers to the same attempts are the same.
TEST_F(Login, LocksAnAccountThatFailsAgainAndAgain) {
  auto limits = LoginThrottleOptions::unlimited();
  limits.most_consecutive = 3;
  restart({.throttle = limits});
  const std::string before = users_->find_by_id("u1")->password_hash;
  for (int i = 0; i < 2; ++i) refuse("ada@example.com");
  EXPECT_TRUE(login("ada@example.com", "ada's password")) << "two are too few, and the run begins anew";
  for (int i = 0; i < 3; ++i) refuse("ada@example.com");
  EXPECT_EQ(hash_when_it_is_not(before), "!" + before);
  EXPECT_EQ(login("ada@example.com", "ada's password").error(), Error{Failure::credentials_invalid});
  restart();
  EXPECT_EQ(login("ada@example.com", "ada's password").error(), Error{Failure::credentials_invalid});
}

TEST_F(Login, ANewPasswordUnlocks) {
  ASSERT_TRUE(users_->set_password_hash("u1", "!" + users_->find_by_id("u1")->password_hash));
  EXPECT_FALSE(login("ada@example.com", "ada's password"));
  ASSERT_TRUE(users_->set_password_hash("u1", wait_for(service_->hash("cafe\u0301 del mar")).value()));
  EXPECT_TRUE(login("ada@example.com", "caf\u00e9 del mar"));
}

TEST_F(Login, HashesNoPasswordThatCannotBeTyped) {
  EXPECT_EQ(wait_for(service_->hash("\xff")).error().kind, Failure::malformed);
  EXPECT_EQ(wait_for(service_->hash(std::string(257, 'x'))).error().kind, Failure::too_large);
}

TEST_F(Login, ShedsLoadWithoutAskingForTheUser) {
  restart({.pool = {.slots = 1, .most_waiting = 1}, .throttle = LoginThrottleOptions::unlimited()});
  constexpr int many = 50;
  std::latch done(many);
  std::array<std::atomic<int>, 2> answers{};
  for (int i = 0; i < many; ++i) {
    LoginRequest request{.email = "ada@example.com", .password = "wrong"};
    start(service_->login(std::move(request)), [&](Result<LoggedIn>&& user) {
      ++answers[user.error().kind == Failure::overloaded];
      done.count_down();
    });
  }
  done.wait();
  EXPECT_GE(answers[0], 1);
  EXPECT_GE(answers[1], many - 10) << "one runs, one waits";
  EXPECT_EQ(answers[0] + answers[1], many);
}

struct OptionsCase {
  const char* name;
  LoginOptions options;
  const char* expected;  // part of the sentence
};

const OptionsCase options_cases[] = {
    {"AShortDeviceKey", {.device_key = Secret("short")}, "'device_key' has 5 octets"},
    {"APepperWithoutAnId", {.peppers = {{.id = "", .key = Secret(std::string(32, 'x'))}}}, "the id ''"},
    {"APepperIdOfSigns", {.peppers = {{.id = "a,b", .key = Secret(std::string(32, 'x'))}}}, "the id 'a,b'"},
    {"AShortPepper",
     {.peppers = {{.id = "k1", .key = Secret("x")}}},
     "the key 'k1' in 'peppers' has 1 octets"},
    {"APepperTwice",
     {.peppers = {{.id = "k1", .key = Secret(std::string(32, 'x'))},
                  {.id = "k1", .key = Secret(std::string(32, 'y'))}}},
     "the id 'k1' twice"},
    {"TooManyAccountsOfANetwork", {.throttle = {.accounts_of_network = 32}}, "it may be 31 at most"},
    {"AHashOfNobody", {.dominant_hash = "plain"}, "'dominant_hash'"},
};

class Options : public testing::TestWithParam<OptionsCase> {};

TEST_P(Options, StopTheStart) {
  const auto judged = GetParam().options.validate();
  ASSERT_FALSE(judged);
  EXPECT_EQ(judged.error().kind, Failure::configuration_invalid);
  EXPECT_TRUE(judged.error().subject.contains(GetParam().expected)) << judged.error().subject;
  const auto users = stores::make_memory_user_store();
  EXPECT_THROW(LoginService(*users, GetParam().options), std::invalid_argument);
}

INSTANTIATE_TEST_SUITE_P(Login, Options, testing::ValuesIn(options_cases),
                         [](const auto& test) { return test.param.name; });

TEST(LoginOptions, AreValidAsTheyAre) {
  EXPECT_TRUE(LoginOptions{}.validate());
  EXPECT_TRUE(LoginOptions{.throttle = LoginThrottleOptions::unlimited()}.validate());
}

TEST_F(Login, TheEndpointGivesATokenThatValidates) {
  const http::Response response =
      post(R"({"email":"ada@example.com","password":"ada's password","twoFactorCode":null})");
  ASSERT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(response.headers.find("Cache-Control"), "no-store");
  EXPECT_TRUE(response.headers.find("Set-Cookie")->starts_with("gh_dev="));
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
