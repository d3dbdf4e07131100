// Each provider's options with the documents and tokens of its make, from tests/vectors/interop: end to end,
// but for the network. The names there end in .example.

#include "gatehouse/discovery/providers.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "gatehouse/base/json.h"
#include "gatehouse/claims/claims_principal.h"
#include "gatehouse/jose/jws.h"
#include "gatehouse/tokens/claim_mapping.h"
#include "tests/support/fake_backchannel.h"

namespace gatehouse::discovery {
namespace {

using jose::Algorithm;
using jose::Key;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using Texts = std::vector<std::string>;

const std::filesystem::path interop = GATEHOUSE_INTEROP;

// One file of the vectors.
class File {
 public:
  explicit File(const std::filesystem::path& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    root_ = parser_.parse(text.str()).value();
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  json::Value at(std::string_view member) const { return root_.find(member).value(); }
  std::string document() const { return at("document").dump(); }

  json::Value find(const std::string& name) const {
    for (const json::Value one : at("tokens"))
      if (one.find_string("id")->ends_with("/" + name)) return one;
    throw std::out_of_range(name);
  }
  std::string token(const std::string& name) const { return std::string(*find(name).find_string("token")); }

  std::size_t tokens() const { return at("tokens").size(); }

  // The same claims but for one value, signed by the same key.
  std::string resigned(const std::string& name, std::string_view from, std::string_view to) const {
    const json::Value one = find(name);
    std::string claims = one.find("claims")->dump();
    claims.replace(claims.find(from), from.size(), to);
    for (const json::Value key : at("private_keys"))
      if (key.find_string("kid") == one.find_string("kid"))
        return jose::sign_compact(claims, Key::from_jwk(key).value(),
                                  jose::parse_algorithm(*one.find_string("alg")).value())
            .value();
    throw std::out_of_range(name);
  }

  Key private_key(std::size_t position) const {
    auto one = at("private_keys").begin();
    for (std::size_t i = 0; i < position; ++i) ++one;
    return Key::from_jwk(*one).value();
  }

 private:
  json::Parser parser_;
  json::Value root_;
};

const File& discovery_of(const std::string& name) {
  static std::map<std::string, File> files;
  return files.try_emplace(name, interop / "discovery" / (name + ".json")).first->second;
}
const File& keys_of(const std::string& name) {
  static std::map<std::string, File> files;
  return files.try_emplace(name, interop / "jwks" / (name + ".json")).first->second;
}

IssuerOptions moved(IssuerOptions options, std::string_view from, std::string_view to) {
  std::string& authority = options.authority.authority;
  authority.replace(authority.find(from), from.size(), to);
  return options;
}

const std::string api = "6e74172b-be56-4843-9ff4-e66a39bb12e3", app = "xxxxxxxxxxxxexample",
                  workflow_audience = "https://github.example/octo-org",
                  cluster = "https://kubernetes.default.svc.cluster.local";
constexpr std::string_view entra = "https://login.entra.example";

struct ProviderCase {
  std::string file;
  IssuerOptions options;
  struct Good {
    std::string token, name;
    Texts roles = {}, scopes = {};
  };
  std::vector<Good> tokens;
};

const std::vector<ProviderCase> provider_cases = {
    {"keycloak",
     providers::keycloak("https://keycloak.example", "demo", "orders"),
     {{"access-rs256",
       "alice",
       {"offline_access", "uma_authorization", "user", "reader"},
       {"openid", "email", "profile"}},
      {"access-es256",
       "alice",
       {"offline_access", "uma_authorization", "user", "reader"},
       {"openid", "email", "profile"}}}},
    {"entra-id-common-v2",
     providers::entra_id_any_tenant(api, entra),
     {{"access-v2", "abeli@contoso.example", {"Task.Write"}, {"access_as_user", "files.read"}}}},
    {"aws-cognito",
     moved(providers::cognito("eu-west-1_AbCdEfGhI", app), "amazonaws.com", "aws.example"),
     {{"access-no-aud", "alice", {"admins"}, {"aws.cognito.signin.user.admin"}}, {"id", "alice"}}},
    {"okta",
     providers::okta("dev.okta.example", "default", "api://default"),
     {{"access", "alice@example.com", {}, {"openid", "items.read"}}}},
    {"google",
     moved(providers::google("1234987819200.apps.example"), ".com", ".example"),
     {{"id-token", "10769150350006150715113082367"}}},
    {"apple",
     moved(providers::apple("com.example.app"), ".com", ".example"),
     {{"id", "001473.fe6f6b2b3c.1201"}}},
    {"github-actions",
     providers::github_actions(workflow_audience, "https://token.actions.githubusercontent.example"),
     {{"id", "repo:octo-org/octo-repo:environment:prod"}}},
    {"kubernetes", providers::kubernetes(cluster), {{"sa", "system:serviceaccount:default:default"}}},
};

class World {
 public:
  void publish(const ProviderCase& provider) {
    publish(provider.options.authority.authority, discovery_of(provider.file),
            keys_of(provider.file).document());
  }
  void publish(const std::string& authority, const File& metadata, std::string key_set) {
    const std::string at = authority.ends_with('/') ? authority.substr(0, authority.size() - 1) : authority;
    backchannel->documents[at + "/.well-known/openid-configuration"] = {.status = 200,
                                                                        .body = metadata.document()};
    const std::string jwks_uri(*metadata.at("document").find_string("jwks_uri"));
    backchannel->documents[jwks_uri] = {.status = 200, .body = std::move(key_set)};
  }

  void trust(std::vector<IssuerOptions> options) {
    issuers =
        Issuers::make({.issuers = std::move(options), .backchannel = backchannel, .clock = clock}).value();
    for (const auto& manager : issuers->managers()) {
      const auto fetched = run_inline(manager->refresh()).value();
      EXPECT_TRUE(fetched) << (fetched ? "" : describe(fetched.error()));
    }
  }

  Result<claims::ClaimsIdentity> judge(std::string_view token) const {
    GH_TRY(const auto verifier, issuers->choose(token));
    if (!verifier->has_keys(clock->now())) return fail(Failure::metadata_unavailable);
    GH_TRY(const tokens::Token judged, verifier->validator->validate(token, clock->now()));
    return to_identity(judged, verifier->validator->parameters());
  }

  std::optional<Failure> failure_of(std::string_view token) const {
    const auto judged = judge(token);
    return judged ? std::nullopt : std::optional(judged.error().kind);
  }

  std::shared_ptr<testing::FakeClock> clock =
      std::make_shared<testing::FakeClock>(Instant(Seconds(1'780'000'000)));
  std::shared_ptr<test_support::FakeBackchannel> backchannel =
      std::make_shared<test_support::FakeBackchannel>(*clock);
  std::unique_ptr<Issuers> issuers;
};

Texts roles_of(const claims::ClaimsIdentity& identity) {
  Texts roles;
  for (const claims::Claim& claim : identity.claims)
    if (std::ranges::find(identity.role_claim_types, claim.type) != identity.role_claim_types.end())
      roles.push_back(claim.value);
  return roles;
}

Texts scopes_of(const claims::ClaimsIdentity& identity) {
  Texts scopes;
  for (const claims::Claim& claim : identity.claims) {
    std::istringstream words(claim.type == "scope" || claim.type == "scp" ? claim.value : "");
    for (std::string word; words >> word;) scopes.push_back(word);
  }
  return scopes;
}

std::string forged(std::string token) {
  char& last_but_nine = token[token.size() - 10];
  last_but_nine = last_but_nine == 'A' ? 'B' : 'A';
  return token;
}

// --- Every file of the vectors

class Provider : public ::testing::TestWithParam<ProviderCase> {
 protected:
  Provider() { world.publish(GetParam()); }
  std::string token(const ProviderCase::Good& good) const {
    return keys_of(GetParam().file).token(good.token);
  }
  World world;
};

TEST_P(Provider, TokensAreAcceptedWithTheNameTheRolesAndTheScopesThatTheyHave) {
  world.trust({GetParam().options});
  for (const auto& good : GetParam().tokens) {
    const auto identity = world.judge(token(good));
    ASSERT_TRUE(identity) << good.token << ": " << describe(identity.error());
    EXPECT_EQ(claims::ClaimsPrincipal(*identity).name(), good.name);
    EXPECT_THAT(roles_of(*identity), ElementsAreArray(good.roles));
    EXPECT_THAT(scopes_of(*identity), ElementsAreArray(good.scopes));
  }
}

TEST_P(Provider, TokensForSomebodyElseAreRefused) {
  IssuerOptions options = GetParam().options;
  options.parameters.valid_audience += "2";
  world.trust({options});
  for (const auto& good : GetParam().tokens)
    EXPECT_EQ(world.failure_of(token(good)), Failure::audience_invalid) << good.token;
}

TEST_P(Provider, TokensThatAreForgedOrExpiredAreRefused) {
  world.trust({GetParam().options});
  const File& file = keys_of(GetParam().file);
  for (const auto& good : GetParam().tokens) {
    EXPECT_EQ(world.failure_of(forged(token(good))), Failure::signature_invalid) << good.token;
    EXPECT_EQ(world.failure_of(file.resigned(good.token, "4102444800", "1779999939")), Failure::expired);
    EXPECT_EQ(world.failure_of(file.resigned(good.token, "4102444800", "1779999940")), std::nullopt);
    EXPECT_EQ(world.failure_of(file.resigned(good.token, R"("iss":"https://)", R"("iss":"https://evil.)")),
              Failure::issuer_invalid);
  }
}

TEST_P(Provider, KeysOfAnotherAreNotItsOwn) {
  std::string stranger = R"({"keys":[)" + Key::generate(Algorithm::RS256, "stranger")->public_jwk() + "]}";
  world.publish(GetParam().options.authority.authority, discovery_of(GetParam().file), std::move(stranger));
  world.trust({GetParam().options});
  for (const auto& good : GetParam().tokens)
    EXPECT_EQ(world.failure_of(token(good)), Failure::key_not_found) << good.token;
}

TEST_P(Provider, MetadataOfAnotherIssuerIsNotItsOwn) {
  const auto& authority = GetParam().options.authority.authority;
  const std::string& other = GetParam().file == "okta" ? "google" : "okta";
  world.publish(authority, discovery_of(other), keys_of(GetParam().file).document());
  world.issuers =
      Issuers::make({.issuers = {GetParam().options}, .backchannel = world.backchannel, .clock = world.clock})
          .value();
  EXPECT_FALSE(run_inline(world.issuers->managers().front()->refresh()).value());
}

INSTANTIATE_TEST_SUITE_P(Interop, Provider, ::testing::ValuesIn(provider_cases), [](const auto& test) {
  std::string name = test.param.file;
  std::erase(name, '-');
  return name;
});

TEST(Providers, ServeBesideOneAnother) {
  World world;
  std::vector<IssuerOptions> all;
  for (const ProviderCase& provider : provider_cases) {
    world.publish(provider);
    all.push_back(provider.options);
  }
  world.trust(all);
  for (const ProviderCase& provider : provider_cases)
    for (const auto& good : provider.tokens)
      EXPECT_EQ(world.failure_of(keys_of(provider.file).token(good.token)), std::nullopt) << provider.file;
}

// tolerance-mixed is the shape of nobody's: what a set may hold beside good keys.
TEST(Providers, AreThereForEveryFileOfTheVectorsAndEveryTokenInThem) {
  std::set<std::string> files, ours = {"tolerance-mixed"};
  for (const auto& entry : std::filesystem::directory_iterator(interop / "jwks"))
    files.insert(entry.path().stem());
  for (const ProviderCase& provider : provider_cases) {
    ours.insert(provider.file);
    EXPECT_EQ(provider.tokens.size(), keys_of(provider.file).tokens()) << provider.file;
  }
  EXPECT_EQ(files, ours);
}

// --- Where each is asked, under the name that it really has

struct AddressCase {
  IssuerOptions options;
  std::string document, issuer;
};

TEST(Providers, AreAskedWhereTheyAre) {
  const AddressCase cases[] = {
      {providers::keycloak("https://login.example.com/", "demo", "a"),
       "https://login.example.com/realms/demo/.well-known/openid-configuration",
       "https://login.example.com/realms/demo"},
      {providers::entra_id("11111111-2222-4333-8444-555555555555", "a"),
       "https://login.microsoftonline.com/11111111-2222-4333-8444-555555555555/v2.0/.well-known/"
       "openid-configuration",
       "https://login.microsoftonline.com/11111111-2222-4333-8444-555555555555/v2.0"},
      {providers::entra_id_any_tenant("a", "https://login.microsoftonline.us"),
       "https://login.microsoftonline.us/common/v2.0/.well-known/openid-configuration",
       "https://login.microsoftonline.us/{tenantid}/v2.0"},
      {providers::auth0("example.eu.auth0.com", "a"),
       "https://example.eu.auth0.com/.well-known/openid-configuration", "https://example.eu.auth0.com/"},
      {providers::cognito("eu-west-1_AbCdEfGhI", "a"),
       "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI/.well-known/openid-configuration",
       "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI"},
      {providers::cognito("cn-north-1_AbCdEfGhI", "a"),
       "https://cognito-idp.cn-north-1.amazonaws.com.cn/cn-north-1_AbCdEfGhI/.well-known/"
       "openid-configuration",
       "https://cognito-idp.cn-north-1.amazonaws.com.cn/cn-north-1_AbCdEfGhI"},
      {providers::okta("dev-1.okta.com", "default", "a"),
       "https://dev-1.okta.com/oauth2/default/.well-known/openid-configuration",
       "https://dev-1.okta.com/oauth2/default"},
      {providers::google("a"), "https://accounts.google.com/.well-known/openid-configuration",
       "https://accounts.google.com"},
      {providers::apple("a"), "https://appleid.apple.com/.well-known/openid-configuration",
       "https://appleid.apple.com"},
      {providers::github_actions("a"),
       "https://token.actions.githubusercontent.com/.well-known/openid-configuration",
       "https://token.actions.githubusercontent.com"},
      {providers::kubernetes("a"),
       "https://kubernetes.default.svc.cluster.local/.well-known/openid-configuration",
       "https://kubernetes.default.svc.cluster.local"},
  };
  for (const AddressCase& one : cases) {
    World world;
    const auto issuers =
        Issuers::make({.issuers = {one.options}, .backchannel = world.backchannel, .clock = world.clock})
            .value();
    EXPECT_FALSE(run_inline(issuers->managers().front()->refresh()).value());  // there is nothing
    EXPECT_THAT(world.backchannel->fetched, ElementsAre(one.document));
    EXPECT_EQ(issuers->managers().front()->issuer(), one.issuer);
    EXPECT_TRUE(one.options.parameters.validate_audience && one.options.parameters.require_audience);
    EXPECT_EQ(one.options.parameters.valid_audience, "a");
  }
}

// --- What is particular to one

Algorithm algorithm_of(const Key& key) {
  return key.type() == jose::KeyType::ec ? Algorithm::ES256 : Algorithm::RS256;
}

std::string signed_by(const Key& key, std::string_view members) {
  return jose::sign_compact(fmt::format(R"({{"exp":4102444800,{}}})", members), key, algorithm_of(key))
      .value();
}

class Entra : public ::testing::Test {
 protected:
  static constexpr std::string_view home = "11111111-2222-4333-8444-555555555555",
                                    consumers = "9188040d-6c67-4c5b-b112-36a304b66dad";
  const File& file = keys_of("entra-id-common-v2");
  const Key shared = file.private_key(0), of_consumers = file.private_key(2);
  World world;

  std::string token(const Key& key, std::string_view issuer, std::string_view tenant) const {
    return signed_by(key,
                     fmt::format(R"("iss":"{}/{}/v2.0","tid":"{}","aud":"{}")", entra, issuer, tenant, api));
  }
  void trust(IssuerOptions options) {
    world.publish(options.authority.authority, discovery_of("entra-id-common-v2"), file.document());
    world.trust({std::move(options)});
  }
};

TEST_F(Entra, AKeyOfOneTenantVerifiesTheTokensOfNoOther) {
  trust(providers::entra_id_any_tenant(api, entra));
  EXPECT_EQ(world.failure_of(token(shared, home, home)), std::nullopt);
  EXPECT_EQ(world.failure_of(token(shared, consumers, consumers)), std::nullopt);
  EXPECT_EQ(world.failure_of(token(of_consumers, consumers, consumers)), std::nullopt);
  EXPECT_EQ(world.failure_of(token(of_consumers, home, home)), Failure::issuer_invalid);
  EXPECT_EQ(world.failure_of(token(of_consumers, home, consumers)), Failure::issuer_invalid);
  EXPECT_EQ(world.failure_of(token(shared, home, consumers)), Failure::issuer_invalid);
  EXPECT_EQ(
      world.failure_of(signed_by(shared, fmt::format(R"("iss":"{}/{}/v2.0","aud":"{}")", entra, home, api))),
      Failure::issuer_invalid);
}

TEST_F(Entra, AnotherBindingOfAKeyIsAnotherKey) {
  trust(providers::entra_id_any_tenant(api, entra));
  const auto& manager = *world.issuers->managers().front();
  const auto before = manager.current();
  std::string rebound = file.document();
  const std::string jwks_uri(*discovery_of("entra-id-common-v2").at("document").find_string("jwks_uri"));
  rebound.replace(rebound.find(consumers), consumers.size(), home);
  world.backchannel->documents[jwks_uri].body = rebound;
  EXPECT_TRUE(run_inline(world.issuers->managers().front()->refresh()).value());
  EXPECT_NE(manager.current(), before);
  EXPECT_FALSE(before->trust->holds(world.clock->now()));
  EXPECT_EQ(world.failure_of(token(of_consumers, home, home)), std::nullopt);
  EXPECT_EQ(world.failure_of(token(of_consumers, consumers, consumers)), Failure::issuer_invalid);
}

TEST_F(Entra, OnlyTheAlgorithmThatItSignsWithCounts) {
  trust(providers::entra_id_any_tenant(api, entra));
  const std::string claims =
      fmt::format(R"({{"exp":4102444800,"iss":"{0}/{1}/v2.0","tid":"{1}","aud":"{2}"}})", entra, home, api);
  EXPECT_EQ(world.failure_of(jose::sign_compact(claims, shared, Algorithm::PS256).value()),
            Failure::alg_not_allowed);
}

TEST(EntraOfOneTenant, RefusesEveryOther) {
  World world;
  const std::string home = fmt::format("{}/{}/v2.0", entra, "a-1");
  const Key key = Key::generate(Algorithm::RS256, "k").value();
  world.backchannel->publish(home, jose::KeySet({key}).public_jwks());
  world.trust({providers::entra_id("a-1", api, entra)});
  const auto token = [&](std::string_view tenant) {
    return signed_by(key,
                     fmt::format(R"("iss":"{}/{}/v2.0","tid":"{}","aud":"{}")", entra, tenant, tenant, api));
  };
  EXPECT_EQ(world.failure_of(token("a-1")), std::nullopt);
  EXPECT_EQ(world.failure_of(token("b-2")), Failure::issuer_invalid);
}

class Cognito : public ::testing::Test {
 protected:
  Cognito() {
    world.publish(provider);
    world.trust({provider.options});
  }
  std::optional<Failure> failure_of(std::string_view members) const {
    return world.failure_of(
        signed_by(key, fmt::format(R"("iss":"{}",{})", provider.options.authority.authority, members)));
  }
  const ProviderCase& provider = *std::ranges::find(provider_cases, "aws-cognito", &ProviderCase::file);
  const Key key = keys_of("aws-cognito").private_key(0);
  World world;
};

TEST_F(Cognito, ATokenIsForItsClientOrForItsAudience) {
  EXPECT_EQ(failure_of(R"("client_id":"xxxxxxxxxxxxexample")"), std::nullopt);
  EXPECT_EQ(failure_of(R"("client_id":"another")"), Failure::audience_invalid);
  EXPECT_EQ(failure_of(R"("client_id":["xxxxxxxxxxxxexample"])"), Failure::audience_invalid);
  EXPECT_EQ(failure_of(R"("sub":"alice")"), Failure::audience_invalid);
  EXPECT_EQ(failure_of(R"("aud":"another","client_id":"xxxxxxxxxxxxexample")"), Failure::audience_invalid);
}

TEST_F(Cognito, AccessTokensAloneCountWhereTheyAreAskedFor) {
  IssuerOptions options = provider.options;
  options.parameters.required_claims = {"client_id"};
  world.trust({options});
  EXPECT_EQ(world.failure_of(keys_of("aws-cognito").token("access-no-aud")), std::nullopt);
  EXPECT_EQ(world.failure_of(keys_of("aws-cognito").token("id")), Failure::claim_missing);
}

TEST(Auth0, HasASlashInItsIssuerAndPermissionsForRoles) {
  World world;
  const std::string issuer = "https://example.eu.auth0.com/";
  const Key key = Key::generate(Algorithm::RS256, "k").value();
  world.backchannel->publish("https://example.eu.auth0.com", jose::KeySet({key}).public_jwks());
  auto& document =
      world.backchannel->documents["https://example.eu.auth0.com/.well-known/openid-configuration"];
  document.body = fmt::format(R"({{"issuer":"{}","jwks_uri":"https://example.eu.auth0.com/jwks"}})", issuer);
  world.trust({providers::auth0("example.eu.auth0.com", "https://orders.example")});
  const std::string rest = R"("sub":"auth0|1","scope":"openid","permissions":["orders:read"],)"
                           R"("aud":["https://orders.example","https://example.eu.auth0.com/userinfo"])";
  const auto identity = world.judge(signed_by(key, fmt::format(R"("iss":"{}",{})", issuer, rest)));
  ASSERT_TRUE(identity) << describe(identity.error());
  EXPECT_THAT(roles_of(*identity), ElementsAre("orders:read"));
  EXPECT_EQ(claims::ClaimsPrincipal(*identity).name(), "auth0|1");
  EXPECT_EQ(world.failure_of(signed_by(key, fmt::format(R"("iss":"https://example.eu.auth0.com",{})", rest))),
            Failure::issuer_invalid);
}

TEST(Google, MayLeaveTheSchemeOutOfItsTokens) {
  World world;
  const IssuerOptions options = providers::google("app");
  const Key key = Key::generate(Algorithm::RS256, "k").value();
  world.backchannel->publish(options.authority.authority, jose::KeySet({key}).public_jwks());
  world.trust({options});
  for (const std::string_view issuer : {"accounts.google.com", "https://accounts.google.com"})
    EXPECT_EQ(world.failure_of(signed_by(key, fmt::format(R"("iss":"{}","aud":"app")", issuer))),
              std::nullopt);
  EXPECT_EQ(world.failure_of(signed_by(key, R"("iss":"http://accounts.google.com","aud":"app")")),
            Failure::issuer_invalid);
}

TEST(Kubernetes, KeysAtAPrivateAddressAreItsOwnOnlyBecauseThePresetSaysSo) {
  World world;
  ProviderCase provider = *std::ranges::find(provider_cases, "kubernetes", &ProviderCase::file);
  provider.options.authority.allow_private_addresses = false;
  world.publish(provider);
  world.issuers =
      Issuers::make({.issuers = {provider.options}, .backchannel = world.backchannel, .clock = world.clock})
          .value();
  EXPECT_FALSE(run_inline(world.issuers->managers().front()->refresh()).value());
}

TEST(Keycloak, RolesOfAClientWhoseNameHasDotsAreFound) {
  World world;
  const IssuerOptions options =
      providers::keycloak("https://login.example", "demo", "https://api.example/v1.0");
  const Key key = Key::generate(Algorithm::ES256, "k").value();
  world.backchannel->publish(options.authority.authority, jose::KeySet({key}).public_jwks());
  world.trust({options});
  const auto identity = world.judge(signed_by(
      key,
      R"("iss":"https://login.example/realms/demo","aud":"https://api.example/v1.0",)"
      R"("resource_access":{"https://api.example/v1.0":{"roles":["reader"]},"other":{"roles":["admin"]}})"));
  ASSERT_TRUE(identity) << describe(identity.error());
  EXPECT_THAT(roles_of(*identity), ElementsAre("reader"));
}

}  // namespace
}  // namespace gatehouse::discovery
