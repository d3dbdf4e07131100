#include "gatehouse/discovery/issuers.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "gatehouse/jose/jws.h"
#include "tests/support/fake_backchannel.h"

namespace gatehouse::discovery {
namespace {

using jose::Algorithm;
using jose::Key;
using test_support::FakeBackchannel;
using testing::FakeClock;
using tokens::TokenValidationParameters;

const Key secret = Key::symmetric(Secret("the first secret, of forty-eight octets or more !!"), "s");

const Key& key_of(const std::string& issuer, const std::string& kid = "k1") {
  static std::map<std::string, Key> keys;
  const std::string name = issuer + ' ' + kid;
  if (const auto known = keys.find(name); known != keys.end()) return known->second;
  return keys.emplace(name, Key::generate(Algorithm::EdDSA, kid).value()).first->second;
}

TokenValidationParameters rules() { return {.valid_audience = "api://orders"}; }

class World : public ::testing::Test {
 protected:
  void publish(const std::string& issuer, const std::string& kid = "k1") {
    backchannel->publish(issuer, jose::KeySet({key_of(issuer, kid)}).public_jwks());
  }

  IssuerOptions asking(const std::string& issuer) {
    publish(issuer);
    return {.parameters = rules(), .authority = {.authority = issuer}};
  }

  Result<std::unique_ptr<Issuers>> make(IssuersOptions options) {
    options.backchannel = backchannel;
    options.clock = clock;
    options.jitter = [] { return 0.0; };
    return Issuers::make(std::move(options));
  }

  std::string token_of(const std::string& issuer, const std::string& kid = "k1",
                       const std::string& more = {}) const {
    const std::string claims = fmt::format(R"({{"iss":"{}","aud":"api://orders","sub":"ada","exp":{}{}}})",
                                           issuer, to_unix_seconds(clock->now()) + 600, more);
    return jose::sign_compact(claims, key_of(issuer, kid), Algorithm::EdDSA).value();
  }

  // As a handler does it: choose, fetch when there are no keys yet, judge.
  std::optional<Failure> judge(Issuers& issuers, const std::string& token) {
    auto verifier = issuers.choose(token);
    if (!verifier && verifier.error().kind == Failure::issuer_invalid && issuers.may_resolve())
      verifier = *run_inline(issuers.resolve(token, clock->now()));
    if (!verifier) return verifier.error().kind;
    if (!(*verifier)->has_keys(clock->now())) {
      run_inline((*verifier)->manager->wait_for_keys(clock->now(), true));
      verifier = issuers.choose(token);
    }
    if (!(*verifier)->has_keys(clock->now())) return Failure::metadata_unavailable;
    const auto judged = (*verifier)->validator->validate(token, clock->now());
    return judged ? std::nullopt : std::optional(judged.error().kind);
  }

  std::shared_ptr<FakeClock> clock = std::make_shared<FakeClock>();
  std::shared_ptr<FakeBackchannel> backchannel = std::make_shared<FakeBackchannel>(*clock);
};

const std::string ours = "https://ours.example", theirs = "https://theirs.example";

using IssuersTest = World;

TEST_F(IssuersTest, OneAuthorityJudgesEverythingOnceItsKeysHaveCome) {
  const auto issuers = make({.issuers = {asking(ours)}}).value();
  const auto cold = issuers->choose(token_of(ours)).value();
  EXPECT_EQ(cold->validator, nullptr);
  EXPECT_FALSE(cold->has_keys(clock->now()));
  EXPECT_EQ(judge(*issuers, token_of(ours)), std::nullopt);
  EXPECT_EQ(issuers->choose("no token").value(), issuers->choose(token_of(theirs)).value());
  EXPECT_EQ(judge(*issuers, token_of(theirs)), Failure::signature_invalid);
}

TEST_F(IssuersTest, EachJudgesItsOwnTokens) {
  const auto issuers = make({.issuers = {asking(ours), asking(theirs)}}).value();
  EXPECT_EQ(judge(*issuers, token_of(ours)), std::nullopt);
  EXPECT_EQ(judge(*issuers, token_of(theirs)), std::nullopt);
  EXPECT_EQ(judge(*issuers, token_of("https://else.example")), Failure::issuer_invalid);
  // Two issuers name their keys alike: each vouches for its own tokens alone.
  const std::string claims = fmt::format(R"({{"iss":"{}","aud":"api://orders","exp":{}}})", ours,
                                         to_unix_seconds(clock->now()) + 600);
  EXPECT_EQ(judge(*issuers, jose::sign_compact(claims, key_of(theirs), Algorithm::EdDSA).value()),
            Failure::signature_invalid);
  EXPECT_EQ(judge(*issuers, "no token"), Failure::malformed);
  EXPECT_EQ(judge(*issuers, std::string(20'000, 'a')), Failure::too_large);
}

TEST_F(IssuersTest, KeysOfItsOwnServeBesideThoseOfItsAuthority) {
  IssuerOptions both = asking(ours);
  both.parameters.issuer_signing_key = secret;
  const auto issuers = make({.issuers = {both}}).value();
  const std::string own = jose::sign_compact(fmt::format(R"({{"iss":"{}","aud":"api://orders","exp":{}}})",
                                                         ours, to_unix_seconds(clock->now()) + 600),
                                             secret, Algorithm::HS256)
                              .value();
  backchannel->is_down = true;
  EXPECT_EQ(judge(*issuers, own), std::nullopt);
  backchannel->is_down = false;
  run_inline(issuers->managers().front()->refresh());
  EXPECT_EQ(judge(*issuers, own), std::nullopt);
  EXPECT_EQ(judge(*issuers, token_of(ours)), std::nullopt);
}

TEST_F(IssuersTest, TheDocumentMayNameTheIssuer) {
  publish(ours);
  const auto issuers =
      make({.issuers = {{.parameters = rules(),
                         .authority = {.metadata_address = ours + "/.well-known/openid-configuration"}}}})
          .value();
  EXPECT_EQ(judge(*issuers, token_of(ours)), std::nullopt);
  const std::string claims = fmt::format(R"({{"iss":"{}","aud":"api://orders","exp":{}}})", theirs,
                                         to_unix_seconds(clock->now()) + 600);
  EXPECT_EQ(judge(*issuers, jose::sign_compact(claims, key_of(ours), Algorithm::EdDSA).value()),
            Failure::issuer_invalid);
}

TEST_F(IssuersTest, FollowsARotation) {
  const auto issuers = make({.issuers = {asking(ours), asking(theirs)}}).value();
  EXPECT_EQ(judge(*issuers, token_of(ours)), std::nullopt);
  EXPECT_EQ(judge(*issuers, token_of(theirs)), std::nullopt);
  const auto others = issuers->choose(token_of(theirs)).value();
  publish(ours, "k2");
  EXPECT_TRUE(run_inline(issuers->managers().front()->refresh()).value());
  EXPECT_EQ(judge(*issuers, token_of(ours, "k2")), std::nullopt);
  EXPECT_EQ(judge(*issuers, token_of(ours, "k1")), Failure::key_not_found);
  EXPECT_EQ(issuers->choose(token_of(theirs)).value(), others);
}

struct WrongCase {
  const char* name;
  std::function<void(IssuersOptions&)> spoil;
  const char* why;
};

class WrongIssuers : public World, public ::testing::WithParamInterface<WrongCase> {};

TEST_P(WrongIssuers, StopTheStart) {
  IssuersOptions options{.issuers = {asking(ours)}, .backchannel = backchannel, .clock = clock};
  GetParam().spoil(options);
  const auto made = Issuers::make(options);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().kind, Failure::configuration_invalid);
  EXPECT_TRUE(made.error().subject.contains(GetParam().why)) << made.error().subject;
}

const std::vector<WrongCase> wrong_cases = {
    {"None", [](auto& o) { o.issuers.clear(); }, "there is no issuer"},
    {"NoBackchannel", [](auto& o) { o.backchannel = nullptr; }, "set backchannel"},
    {"BadAuthority", [](auto& o) { o.issuers[0].authority.authority = "ours"; }, "authority 'ours'"},
    {"NoAudience", [](auto& o) { o.issuers[0].parameters.valid_audience.clear(); }, "valid_audience"},
    {"Twice", [](auto& o) { o.issuers.push_back(o.issuers[0]); }, "named twice"},
    {"Nameless",
     [](auto& o) {
       o.issuers.push_back({.parameters = rules()});
       o.issuers[1].parameters.validate_issuer = false;
       o.issuers[1].parameters.issuer_signing_key = secret;
     },
     "names no issuer"},
    {"NoKey", [](auto& o) { o.issuers[0] = {.parameters = {.valid_issuer = ours, .valid_audience = "a"}}; },
     "no key to verify with"},
};

INSTANTIATE_TEST_SUITE_P(Issuers, WrongIssuers, ::testing::ValuesIn(wrong_cases),
                         [](const auto& test) { return test.param.name; });

// --- Tenants

std::string tenant(int number) { return fmt::format("https://tenant-{}.example", number); }

class Tenants : public World {
 protected:
  std::vector<std::string> asked;

  std::unique_ptr<Issuers> with_tenants(std::size_t most) {
    IssuersOptions options{.most_resolved = most};
    options.resolver = [this](std::string issuer) -> Task<std::optional<IssuerOptions>> {
      asked.push_back(issuer);
      if (!issuer.starts_with("https://tenant-")) co_return std::nullopt;
      co_return asking(issuer);
    };
    return make(std::move(options)).value();
  }
};

TEST_F(Tenants, ComeWhenTheirFirstTokenDoes) {
  const auto issuers = with_tenants(10);
  EXPECT_EQ(judge(*issuers, token_of(tenant(1))), std::nullopt);
  EXPECT_EQ(judge(*issuers, token_of(tenant(2))), std::nullopt);
  EXPECT_EQ(judge(*issuers, token_of(tenant(1))), std::nullopt);
  EXPECT_EQ(asked, (std::vector{tenant(1), tenant(2)}));
  for (const DocumentRequest& request : backchannel->requests) EXPECT_TRUE(request.public_addresses_only);
  EXPECT_EQ(judge(*issuers, "no token"), Failure::malformed);
}

TEST_F(Tenants, AreRefusedAndNotAskedAboutAgainForAWhile) {
  const auto issuers = with_tenants(10);
  for (int i = 0; i < 100; ++i)
    EXPECT_EQ(judge(*issuers, token_of("https://evil.example")), Failure::issuer_invalid);
  EXPECT_EQ(asked.size(), 1u);
  EXPECT_TRUE(backchannel->fetched.empty());
  clock->advance(Seconds(60));
  EXPECT_EQ(judge(*issuers, token_of("https://evil.example")), Failure::issuer_invalid);
  EXPECT_EQ(asked.size(), 2u);
}

TEST_F(Tenants, MakeRoomForOneAnother) {
  const auto issuers = with_tenants(3);
  for (const int number : {1, 2, 3}) {
    EXPECT_EQ(judge(*issuers, token_of(tenant(number))), std::nullopt);
    clock->advance(Seconds(1));
  }
  EXPECT_EQ(judge(*issuers, token_of(tenant(1))), std::nullopt);  // 2 is now the one used longest ago
  clock->advance(Seconds(1));
  EXPECT_EQ(judge(*issuers, token_of(tenant(4))), std::nullopt);
  EXPECT_EQ(issuers->resolved(), 3u);
  EXPECT_TRUE(issuers->managers().empty());
  asked.clear();
  EXPECT_EQ(judge(*issuers, token_of(tenant(1))), std::nullopt);
  EXPECT_EQ(judge(*issuers, token_of(tenant(4))), std::nullopt);
  EXPECT_TRUE(asked.empty());
  EXPECT_EQ(judge(*issuers, token_of(tenant(2))), std::nullopt);
  EXPECT_EQ(asked, std::vector{tenant(2)});
}

TEST_F(Tenants, OfATemplateAreTheOnesThatTheirTokensName) {
  IssuerOptions entra = asking("https://login.example/common");
  const std::string pattern = "https://login.example/{tenantid}/v2.0";
  entra.authority.issuer = pattern;
  backchannel->documents["https://login.example/common/.well-known/openid-configuration"].body =
      fmt::format(R"({{"issuer":"{}","jwks_uri":"https://login.example/common/jwks"}})", pattern);
  const auto issuers = make({.issuers = {entra, asking(ours)}}).value();
  const Key& key = key_of("https://login.example/common");
  const auto signed_by_entra = [&](const std::string& issuer, const std::string& tid) {
    return jose::sign_compact(fmt::format(R"({{"iss":"{}","aud":"api://orders","exp":{}{}}})", issuer,
                                          to_unix_seconds(clock->now()) + 600, tid),
                              key, Algorithm::EdDSA)
        .value();
  };
  EXPECT_EQ(judge(*issuers, signed_by_entra("https://login.example/1-a/v2.0", R"(,"tid":"1-a")")),
            std::nullopt);
  EXPECT_EQ(judge(*issuers, token_of(ours)), std::nullopt);
  for (const auto& [issuer, tid] : std::vector<std::pair<std::string, std::string>>{
           {"https://login.example/1-a/v2.0", R"(,"tid":"1-b")"},
           {"https://login.example/1-a/v2.0", R"(,"tid":"1-")"},
           {"https://login.example/1-a/v2.0", R"(,"tid":"")"},
           {"https://login.example/1-a/v2.0", ""},
           {"https://login.example/1-a/v2.0", R"(,"tid":7)"},
           {"https://login.example//v2.0", R"(,"tid":"")"},
           {"https://login.example/{tenantid}/v2.0", R"(,"tid":"{tenantid}")"},
           {"https://login.example/a/b/v2.0", R"(,"tid":"a/b")"},
           {"https://login.example/1-a/v1.0", R"(,"tid":"1-a")"},
           {"https://evil.example/1-a/v2.0", R"(,"tid":"1-a")"}})
    EXPECT_EQ(judge(*issuers, signed_by_entra(issuer, tid)), Failure::issuer_invalid) << issuer << tid;
}

TEST_F(IssuersTest, ValidatesATokenAndFetchesTheKeysItTakes) {
  const auto issuers = make({.issuers = {asking(ours), asking(theirs)}}).value();
  const auto validate = [&](const std::string& token) {
    const auto judged = run_inline(issuers->validate(token, clock->now())).value();
    return judged ? std::nullopt : std::optional(judged.error().kind);
  };
  EXPECT_EQ(validate(token_of(ours)), std::nullopt);
  EXPECT_EQ(validate(token_of(theirs)), std::nullopt);
  EXPECT_EQ(validate(token_of("https://evil.example")), Failure::issuer_invalid);
  EXPECT_EQ(validate("x"), Failure::malformed);

  clock->advance(std::chrono::hours(1));
  EXPECT_EQ(validate(token_of(ours, "k2")), Failure::key_not_found);
  publish(ours, "k2");
  clock->advance(std::chrono::hours(1));
  EXPECT_EQ(validate(token_of(ours, "k2")), std::nullopt);
}

TEST_F(IssuersTest, NobodyKnowsWhetherATokenIsGoodWhileItsIssuerDoesNotAnswer) {
  const auto issuers = make({.issuers = {asking(ours)}}).value();
  const auto kind = [&](const std::string& token) {
    return run_inline(issuers->validate(token, clock->now())).value().error().kind;
  };
  backchannel->is_down = true;
  EXPECT_EQ(kind(token_of(ours)), Failure::metadata_unavailable);
  backchannel->is_down = false;
  clock->advance(std::chrono::hours(1));
  ASSERT_TRUE(run_inline(issuers->validate(token_of(ours), clock->now())).value());
  backchannel->is_down = true;
  clock->advance(std::chrono::hours(1));
  EXPECT_EQ(kind(token_of(ours, "k2")), Failure::metadata_unavailable);
}

}  // namespace
}  // namespace gatehouse::discovery
