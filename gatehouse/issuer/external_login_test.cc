#include "gatehouse/issuer/external_login.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "gatehouse/base/wait_for.h"
#include "gatehouse/issuer/server_fixture.h"
#include "gatehouse/tokens/token_descriptor.h"
#include "tests/support/failure_of.h"
#include "tests/support/named_keys.h"

namespace gatehouse::issuer {
namespace {

using test_support::failure_of;

const std::string corp = "https://login.corp.example";
const Instant now(Seconds(1'780'000'000));

ExternalIssuer signs_in(ExternalTokenKind kind = ExternalTokenKind::id_token) {
  ExternalIssuer issuer{.name = "corp",
                        .authority = {.authority = corp},
                        .audience = "shop-at-corp",
                        .kind = kind,
                        .email_domains = {"Example.com"}};
  if (kind == ExternalTokenKind::access_token) issuer.authorized_parties = {"corp-app"};
  return issuer;
}

tokens::Token token(const std::string& members, std::string typ = "JWT") {
  jose::Header header;
  header.typ = std::move(typ);
  return {.header = std::make_shared<const jose::Header>(std::move(header)),
          .claims = tokens::ClaimSet::parse("{" + members + "}", {}).value()};
}

constexpr const char* good =
    R"("iss":"https://login.corp.example","sub":"x7","aud":"shop-at-corp","iat":1780000000,"nonce":"n")";

struct Row {
  const char* name;
  std::string members;
  std::optional<Failure> failure;
  const char* typ = "JWT";
};

TEST(ExternalIdToken, IsForOurClientThereFreshAndAnswersANonce) {
  const std::string base = R"("sub":"x7","iat":1780000000,"nonce":"n")";
  const Row rows[] = {
      {"good", good, std::nullopt},
      {"without typ", good, std::nullopt, ""},
      {"an access token", good, Failure::type_invalid, "at+jwt"},
      {"an access token, spelled out", good, Failure::type_invalid, "application/AT+JWT"},
      {"for another", base + R"(,"aud":"other")", Failure::audience_invalid},
      {"for nobody", base, Failure::audience_invalid},
      {"for us among others, asked for by us", base + R"(,"aud":["a","shop-at-corp"],"azp":"shop-at-corp")",
       std::nullopt},
      {"for us among others, asked for by nobody", base + R"(,"aud":["a","shop-at-corp"])",
       Failure::claim_missing},
      {"asked for by another", base + R"(,"aud":"shop-at-corp","azp":"other")", Failure::refused},
      {"without a nonce", R"("sub":"x7","aud":"shop-at-corp","iat":1780000000)", Failure::claim_missing},
      {"a nonce that is no string", R"("sub":"x7","aud":"shop-at-corp","iat":1780000000,"nonce":1)",
       Failure::claim_missing},
      {"without sub", R"("aud":"shop-at-corp","iat":1780000000,"nonce":"n")", Failure::claim_missing},
      {"a long sub",
       fmt::format(R"("aud":"shop-at-corp","iat":1780000000,"nonce":"n","sub":"{}")", std::string(256, 'x')),
       Failure::claim_missing},
      {"without iat", R"("sub":"x7","aud":"shop-at-corp","nonce":"n")", Failure::claim_missing},
      {"just fresh", R"("sub":"x7","aud":"shop-at-corp","iat":1779999640,"nonce":"n")", std::nullopt},
      {"stale", R"("sub":"x7","aud":"shop-at-corp","iat":1779999639,"nonce":"n")", Failure::expired},
      {"a minute ahead", R"("sub":"x7","aud":"shop-at-corp","iat":1780000060,"nonce":"n")", std::nullopt},
      {"from the future", R"("sub":"x7","aud":"shop-at-corp","iat":1780000061,"nonce":"n")",
       Failure::not_yet_valid},
  };
  for (const Row& row : rows)
    EXPECT_EQ(failure_of(read_external_identity(signs_in(), token(row.members, row.typ), now)), row.failure)
        << row.name;
}

TEST(ExternalAccessToken, CountsOnlyWhenAClientThatWeNamedGotIt) {
  const std::string base = R"("sub":"x7","aud":"shop-at-corp","iat":1780000000)";
  const Row rows[] = {
      {"azp", base + R"(,"azp":"corp-app")", std::nullopt},
      {"client_id", base + R"(,"client_id":"corp-app")", std::nullopt, "at+jwt"},
      {"another", base + R"(,"azp":"game")", Failure::refused},
      {"one and another", base + R"(,"azp":"corp-app","client_id":"game")", Failure::refused},
      {"itself", base + R"(,"azp":"shop-at-corp")", Failure::refused},
      {"nobody", base, Failure::claim_missing},
  };
  for (const Row& row : rows)
    EXPECT_EQ(failure_of(read_external_identity(signs_in(ExternalTokenKind::access_token),
                                                token(row.members, row.typ), now)),
              row.failure)
        << row.name;
}

TEST(ExternalIdentityTest, AnAddressCountsWhenItIsVerifiedAndTheIssuersToSpeakFor) {
  const auto email = [](const char* members) {
    return read_external_identity(signs_in(), token(std::string(good) + members), now)->email;
  };
  EXPECT_EQ(email(R"(,"email":"Ada@example.COM","email_verified":true)"), "Ada@example.COM");
  EXPECT_EQ(email(R"(,"email":"ada@example.com","email_verified":"true")"), "ada@example.com");
  for (const char* members :
       {"", R"(,"email":"ada@example.com")", R"(,"email":"ada@example.com","email_verified":false)",
        R"(,"email":"ada@example.com","email_verified":"false")",
        R"(,"email":"ada@example.com","email_verified":1)",
        R"(,"email":"ada@other.example","email_verified":true)",
        R"(,"email":"ada@sub.example.com","email_verified":true)",
        R"(,"email":"ada@evil.example@example.com","email_verified":true)",
        R"(,"email":"@example.com","email_verified":true)", R"(,"email":"example.com","email_verified":true)",
        R"(,"email":["ada@example.com"],"email_verified":true)"})
    EXPECT_EQ(email(members), "") << members;
}

TEST(ExternalIdentityTest, SaysHowAndWhenTheUserAuthenticated) {
  const auto read = [](const char* members) {
    return read_external_identity(signs_in(), token(std::string(good) + members), now).value();
  };
  EXPECT_EQ(read(R"(,"amr":["pwd","otp"],"auth_time":1779990000)").amr, "pwd otp");
  EXPECT_EQ(read(R"(,"auth_time":1779990000)").authenticated, Instant(Seconds(1'779'990'000)));
  EXPECT_EQ(read("").authenticated, now);
  EXPECT_EQ(read("").amr, "");
  for (const char* odd :
       {R"(,"auth_time":1780000001)", R"(,"auth_time":-1)", R"(,"auth_time":"x")", R"(,"auth_time":1.5)"})
    EXPECT_EQ(read(odd).authenticated, now) << odd;
  EXPECT_EQ(read(R"(,"amr":["a b","\"",7])").amr, "7");
}

TEST(ExternalIssuerCheck, NamesTheOptionAndTheFix) {
  const auto subject = [](auto change) {
    ExternalIssuer issuer = signs_in();
    change(issuer);
    const auto checked = check(issuer);
    return checked ? std::string() : checked.error().subject;
  };
  EXPECT_EQ(subject([](ExternalIssuer&) {}), "");
  EXPECT_TRUE(subject([](auto& i) { i.name = ""; }).contains("'name'"));
  EXPECT_TRUE(subject([](auto& i) { i.authority.authority = ""; }).contains("'authority'"));
  EXPECT_TRUE(
      subject([](auto& i) { i.authority.issuer = "https://x.example/{tenantid}"; }).contains("tenants"));
  EXPECT_TRUE(subject([](auto& i) { i.audience = ""; }).contains("'audience'"));
  EXPECT_TRUE(
      subject([](auto& i) { i.kind = ExternalTokenKind::access_token; }).contains("'authorized_parties'"));
  EXPECT_TRUE(
      subject([](auto& i) { i.email_domains.clear(), i.creates_users = true; }).contains("'email_domains'"));
  EXPECT_TRUE(subject([](auto& i) { i.max_age = Seconds(0); }).contains("'max_age'"));
  EXPECT_TRUE(ExternalLoginOptions{.issuers = {signs_in()}}.check().error().subject.contains("'validate'"));
  EXPECT_TRUE(
      (ExternalLoginOptions{.issuers = {signs_in(), signs_in()}}).check().error().subject.contains("two"));
}

// The other issuer is a key; what it does not answer is said by `trouble`.
struct Corp {
  static inline std::optional<Failure> trouble;

  static AuthorizationServerOptions options(ExternalIssuer issuer) {
    const auto validator = std::make_shared<const tokens::TokenValidator>(
        tokens::TokenValidator::make({.valid_issuer = corp,
                                      .valid_audience = issuer.audience,
                                      .issuer_signing_key = test_support::key_named("corp")})
            .value());
    AuthorizationServerOptions options;
    options.external.issuers.push_back(std::move(issuer));
    options.external.validate = [validator](std::string text) -> Task<Result<tokens::Token>> {
      if (trouble) co_return fail(*trouble);
      co_return validator->validate(text, now);
    };
    return options;
  }
};

class ExternalLoginTest : public Server {
 protected:
  explicit ExternalLoginTest(ExternalIssuer issuer = signs_in()) : Server(Corp::options(std::move(issuer))) {
    Corp::trouble.reset();
    add({.id = "desk", .scopes = {"read"}, .audiences = {"https://api.example.com"}, .is_first_party = true});
  }

  std::string nonce(std::string_view client = "shop") {
    const auto response = post_json("/login/external/nonce", fmt::format(R"({{"client_id":"{}"}})", client));
    EXPECT_EQ(response.status, 200) << response.body;
    EXPECT_EQ(member(response, "expiresIn"), "600");
    return member(response, "nonce");
  }
  static std::string id_token(const std::string& nonce, std::string subject = "x7",
                              std::vector<std::pair<std::string, tokens::ClaimValue>> more = {}) {
    tokens::TokenDescriptor descriptor{.issuer = corp,
                                       .audiences = {"shop-at-corp"},
                                       .subject = std::move(subject),
                                       .issued_at = now,
                                       .not_before = now,
                                       .expires = now + Seconds(300),
                                       .claims = std::move(more)};
    if (!nonce.empty()) descriptor.claims.emplace_back("nonce", nonce);
    return tokens::write(descriptor, test_support::key_named("corp"), jose::Algorithm::EdDSA).value();
  }
  static std::vector<std::pair<std::string, tokens::ClaimValue>> verified(std::string email) {
    return {{"email", std::move(email)}, {"email_verified", true}};
  }
  http::Response log_in_with(const std::string& text, std::string_view rest = {}) {
    return post_json("/login/external", fmt::format(R"({{"token":"{}"{}}})", text, rest));
  }
  void link(const char* subject, const char* user) {
    ASSERT_TRUE(wait_for(store_->external_logins().add(
        {.issuer = corp, .subject = subject, .user_id = user, .created = now})));
  }
};

TEST_F(ExternalLoginTest, ALinkedUserGetsASession) {
  link("x7", "ada-id");
  const auto response = log_in_with(id_token(
      nonce(), "x7", {{"amr", std::vector<std::string>{"otp"}}, {"auth_time", to_unix_seconds(now) - 100}}));
  const Tokens tokens = tokens_of(response);
  EXPECT_EQ(last_event(), "login.external by 'ada-id' to 'corp' for 'shop' ");
  EXPECT_EQ(introspect(tokens.access), "true");
  const IssuedTokenValidator ours("https://id.example.com", server_->keys(), clock_);
  const auto token = ours.validate(tokens.access).value();
  EXPECT_EQ(token.claims.subject(), "ada-id");
  EXPECT_EQ(token.claims.find("amr")->text, R"(["otp"])");
  EXPECT_EQ(token.claims.find("auth_time")->text, "1779999900");
  EXPECT_EQ(refresh(tokens.refresh).status, 200);
}

TEST_F(ExternalLoginTest, AVerifiedAddressBecomesALinkAndIsAskedAboutNoMore) {
  EXPECT_EQ(log_in_with(id_token(nonce(), "x7")).status, 401);
  EXPECT_EQ(log_in_with(id_token(nonce(), "x7", {{"email", std::string("ada@example.com")}})).status, 401);
  EXPECT_EQ(log_in_with(id_token(nonce(), "x7", verified("ADA@example.com"))).status, 200);
  EXPECT_EQ(wait_for(store_->external_logins().find(corp, "x7"))->user_id, "ada-id");
  EXPECT_EQ(log_in_with(id_token(nonce(), "x7")).status, 200);
  // Her address was given to somebody else there.
  EXPECT_EQ(log_in_with(id_token(nonce(), "x8", verified("ada@example.com"))).status, 401);
  EXPECT_EQ(last_event(), "login.external_failed by '' to 'corp' for 'shop' credentials_invalid");
  // The other user's address does not take her elsewhere.
  EXPECT_EQ(log_in_with(id_token(nonce(), "x7", verified("bob@example.com"))).status, 200);
  EXPECT_EQ(last_event(), "login.external by 'ada-id' to 'corp' for 'shop' ");
}

TEST_F(ExternalLoginTest, ANonceIsGoodForOneLoginOfOneClient) {
  link("x7", "ada-id");
  const std::string once = nonce();
  EXPECT_EQ(log_in_with(id_token(once), R"(,"client_id":"desk")").status, 401);
  EXPECT_EQ(log_in_with(id_token(once)).status, 200);
  EXPECT_EQ(log_in_with(id_token(once)).status, 401);
  EXPECT_EQ(last_event(), "login.external_failed by '' to '' for 'shop' replayed");
  EXPECT_EQ(log_in_with(id_token("made-up")).status, 401);
  EXPECT_EQ(log_in_with(id_token("")).status, 401);
  const std::string old = nonce();
  clock_.advance(Seconds(599));
  EXPECT_EQ(log_in_with(id_token(old)).status, 401);  // the token itself is stale by now
  clock_.advance(-Seconds(599));
  EXPECT_EQ(log_in_with(id_token(old)).status, 200);
}

TEST_F(ExternalLoginTest, RefusesWhoMayNotAndWhatIsNoToken) {
  link("x7", "ada-id");
  ASSERT_TRUE(users_->set_disabled("ada-id", true));
  EXPECT_EQ(log_in_with(id_token(nonce())).status, 401);
  ASSERT_TRUE(users_->set_disabled("ada-id", false));
  EXPECT_EQ(log_in_with("x").status, 401);
  EXPECT_EQ(log_in_with("").status, 400);
  EXPECT_EQ(log_in_with(id_token(nonce()), R"(,"client_id":"api")").status, 401);  // not first-party
  EXPECT_EQ(log_in_with(id_token(nonce(), "nobody")).status, 401);
  EXPECT_EQ(log_in_with(std::string(25'000, 'x')).status, 400);
  EXPECT_EQ(post_json("/login/external", R"({"token":7})").status, 400);
  EXPECT_EQ(wait_for(store_->sessions().count()), 0u);
}

TEST_F(ExternalLoginTest, NobodyIsMadeUnlessTheIssuerMay) {
  EXPECT_EQ(log_in_with(id_token(nonce(), "n1", verified("new@example.com"))).status, 401);
  EXPECT_EQ(users_->find_by_email("new@example.com").error().kind, Failure::not_found);
}

TEST_F(ExternalLoginTest, TroubleOfTheOtherIssuerIsNobodysFault) {
  for (const Failure trouble : {Failure::metadata_unavailable, Failure::unavailable, Failure::overloaded}) {
    Corp::trouble = trouble;
    const auto response = log_in_with(id_token(nonce()));
    EXPECT_EQ(response.status, 503);
    EXPECT_TRUE(response.headers.find("Retry-After"));
    EXPECT_EQ(response.headers.find("Cache-Control"), "no-store");
  }
  Corp::trouble = Failure::signature_invalid;
  EXPECT_EQ(log_in_with(id_token(nonce())).status, 401);
}

TEST_F(ExternalLoginTest, WhoTriesTooOftenWaits) {
  for (int i = 0; i < 20; ++i) EXPECT_EQ(log_in_with("x").status, 401);
  const auto response = log_in_with("x");
  EXPECT_EQ(response.status, 429);
  EXPECT_EQ(response.headers.find("Retry-After"), "300");
}

TEST_F(ExternalLoginTest, AUserWhoIsGoneLeavesNoLink) {
  link("x7", "gone-id");
  EXPECT_EQ(log_in_with(id_token(nonce())).status, 401);
  EXPECT_EQ(log_in_with(id_token(nonce(), "x7", verified("bob@example.com"))).status, 200);
  EXPECT_EQ(wait_for(store_->external_logins().find(corp, "x7"))->user_id, "bob-id");
}

class ExternalUsersAreMade : public ExternalLoginTest {
 protected:
  static ExternalIssuer making() {
    ExternalIssuer issuer = signs_in();
    issuer.creates_users = true;
    issuer.new_user_roles = {"Guest"};
    issuer.new_user_scopes = {"read"};
    return issuer;
  }
  ExternalUsersAreMade() : ExternalLoginTest(making()) {}
};

TEST_F(ExternalUsersAreMade, ForAVerifiedAddressThatNobodyHas) {
  EXPECT_EQ(log_in_with(id_token(nonce(), "n1")).status, 401);
  EXPECT_EQ(log_in_with(id_token(nonce(), "n1", verified("new@other.example"))).status, 401);
  EXPECT_EQ(log_in_with(id_token(nonce(), "n1", verified("new@example.com"))).status, 200);
  const auto made = users_->find_by_email("new@example.com").value();
  EXPECT_EQ(made.roles, std::vector<std::string>{"Guest"});
  EXPECT_EQ(made.scopes, std::vector<std::string>{"read"});
  EXPECT_EQ(made.password_hash, "");
  EXPECT_EQ(try_log_in("new", "").status, 400);
  EXPECT_EQ(try_log_in("new", "x").status, 401);
  EXPECT_EQ(log_in_with(id_token(nonce(), "n1")).status, 200);
  EXPECT_EQ(users_->count(), 3u);
}

class ExternalAccessTokens : public ExternalLoginTest {
 protected:
  ExternalAccessTokens() : ExternalLoginTest(signs_in(ExternalTokenKind::access_token)) {}
};

TEST_F(ExternalAccessTokens, AreGoodForOneLogin) {
  link("x7", "ada-id");
  const std::string token = id_token("", "x7", {{"azp", std::string("corp-app")}});
  EXPECT_EQ(log_in_with(token).status, 200);
  EXPECT_EQ(log_in_with(token).status, 401);
  EXPECT_EQ(log_in_with(id_token("", "x7", {{"azp", std::string("game")}})).status, 401);
}

}  // namespace
}  // namespace gatehouse::issuer
