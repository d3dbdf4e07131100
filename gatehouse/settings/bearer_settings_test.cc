#include "gatehouse/settings/bearer_settings.h"

#include <gtest/gtest.h>

#include "tests/support/test_keys.h"

namespace gatehouse::settings {
namespace {

using configuration::ConfigurationBuilder;
using configuration::Environment;
using configuration::Faults;

constexpr const char* secret = "kJ8v2QpXz7LmN4sT9wYb3RcF6hGd1AeU0iOq";
constexpr const char* public_jwk =
    R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"})";

struct PlaceCase {
  const char* name;  // reads as the end of "Signing key …"
  const char* key;
  bool in_file;  // else in the environment
  const char* environment;
  const char* fault;  // part of it; empty: accepted
};

constexpr PlaceCase place_cases[] = {
    {"MayBeASecretOfTheEnvironment", secret, false, "Production", ""},
    {"MayNotBeASecretInASettingsFile", secret, true, "Production", "no place for a secret"},
    {"MayBeThatInDevelopment", secret, true, "Development", ""},
    {"MayBeAPublicKeyInASettingsFile", public_jwk, true, "Production", ""},
    {"MayNotBeShort", "kJ8v2QpXz7LmN4sT", false, "Production", "16 octets"},
    {"MayNotBeGarbled", "-----BEGIN PUBLIC KEY-----\nx\n-----END PUBLIC KEY-----", false, "Production",
     "the signing key is"},
};

class SigningKeyPlace : public testing::TestWithParam<PlaceCase> {};

TEST_P(SigningKeyPlace, IsJudgedByTheTable) {
  const auto& [name, key, in_file, environment, fault] = GetParam();
  Faults faults;
  ConfigurationBuilder builder(faults);
  builder.add_json_text("appsettings.json", R"({"Jwt":{"Issuer":"i","Audience":"a"}})");
  const std::string quoted = json::quote(key);
  if (in_file)
    builder.add_json_text("appsettings.json", R"({"Jwt":{"SigningKey":)" + quoted + "}}");
  else
    builder.add_environment({{"Jwt__SigningKey", key}});
  const BearerSettings read = read_bearer_settings(builder.build(), Environment(environment), faults);
  EXPECT_EQ(read.key.has_value(), !*fault);
  ASSERT_EQ(faults.all().size(), *fault ? 1u : 0u);
  if (*fault) EXPECT_TRUE(faults.all().front().message.contains(fault)) << faults.all().front().message;
}

INSTANTIATE_TEST_SUITE_P(Settings, SigningKeyPlace, testing::ValuesIn(place_cases),
                         [](const auto& test) { return test.param.name; });

BearerSettings read(const std::string& jwt, Faults& faults, const std::vector<std::string>& arguments = {}) {
  ConfigurationBuilder builder(faults);
  builder.add_json_text("appsettings.json", R"({"Jwt":)" + jwt + "}");
  builder.add_environment({{"Jwt__SigningKey", secret}});
  builder.add_arguments(arguments);
  return read_bearer_settings(builder.build(), Environment("Production"), faults);
}

BearerSettings read_without_key(const std::string& jwt, Faults& faults) {
  ConfigurationBuilder builder(faults);
  builder.add_json_text("appsettings.json", R"({"Jwt":)" + jwt + "}");
  return read_bearer_settings(builder.build(), Environment("Production"), faults);
}

TEST(BearerAuthority, NeedsNoIssuerAndNoKey) {
  Faults faults;
  const auto settings = read_without_key(
      R"({"Authority":"https://login.example","Audience":"a","FetchBase":"https://keycloak:8443","SnapshotFile":"/var/lib/orders/keys"})",
      faults);
  ASSERT_TRUE(faults.empty()) << faults.all().front().message;
  authentication::JwtBearerOptions options;
  settings.apply(options);
  EXPECT_EQ(options.authority_options.authority, "https://login.example");
  EXPECT_EQ(options.authority_options.fetch_base, "https://keycloak:8443");
  EXPECT_EQ(options.authority_options.snapshot_file, "/var/lib/orders/keys");
  EXPECT_TRUE(options.authority_options.require_https_metadata);
  EXPECT_EQ(options.token_validation_parameters.valid_audience, "a");
  EXPECT_EQ(options.token_validation_parameters.issuer_signing_key, std::nullopt);
  EXPECT_TRUE(settings.warnings.empty());
}

TEST(BearerAuthority, MayBeNamedByItsDocument) {
  Faults faults;
  const auto settings =
      read_without_key(R"({"MetadataAddress":"https://login.example/meta","Audience":"a"})", faults);
  EXPECT_TRUE(faults.empty());
  EXPECT_TRUE(settings.has_authority());
}

TEST(BearerAuthority, WarnsOfKeysOverHttp) {
  Faults faults;
  const auto settings = read_without_key(
      R"({"Authority":"http://login.example","Audience":"a","RequireHttpsMetadata":false})", faults);
  EXPECT_FALSE(settings.authority.require_https_metadata);
  ASSERT_EQ(settings.warnings.size(), 1);
  EXPECT_TRUE(settings.warnings.front().contains("RequireHttpsMetadata is false"));
}

TEST(BearerAuthority, AndItsAbsenceNeedIssuerAndKey) {
  Faults faults;
  read_without_key(R"({"Audience":"a"})", faults);
  EXPECT_EQ(faults.all().size(), 2);
}

TEST(BearerLists, AddToTheSingleNames) {
  Faults faults;
  const auto parameters =
      read(R"({"Issuer":"i","Issuers":["j"],"Audience":"a","ValidTypes":["at+jwt"],"RoleClaimTypes":["r"]})",
           faults, {"--Jwt:Audiences:1=b", "--Jwt:ValidAlgorithms:0=HS256"})
          .parameters();
  ASSERT_TRUE(faults.empty()) << faults.all().front().message;
  EXPECT_EQ(parameters.valid_issuer, "i");
  EXPECT_EQ(parameters.valid_issuers, std::vector<std::string>{"j"});
  EXPECT_EQ(parameters.valid_audience, "a");
  EXPECT_EQ(parameters.valid_audiences, std::vector<std::string>{"b"});
  EXPECT_EQ(parameters.valid_types, std::vector<std::string>{"at+jwt"});
  EXPECT_EQ(parameters.role_claim_types, std::vector<std::string>{"r"});
  EXPECT_EQ(parameters.valid_algorithms, std::vector<std::string>{"HS256"});
}

TEST(BearerLists, StandInTheirPlace) {
  Faults faults;
  const auto settings = read(R"({"Issuers":["i"],"Audiences":["a","b"]})", faults);
  ASSERT_TRUE(faults.empty()) << faults.all().front().message;
  EXPECT_EQ(settings.issuer, "i");
  EXPECT_EQ(settings.audience, "a");
  EXPECT_EQ(settings.audiences, std::vector<std::string>{"b"});
  EXPECT_EQ(settings.parameters().valid_types, (std::vector<std::string>{"JWT", "at+jwt"}));
}

TEST(BearerLists, AreListsAndNothingElse) {
  Faults faults;
  read(R"({"Issuer":"i","Audience":"a","Audiences":"b"})", faults);
  ASSERT_EQ(faults.all().size(), 1u);
  EXPECT_TRUE(faults.all().front().message.contains("'Jwt:Audiences' is a list"))
      << faults.all().front().message;
}

}  // namespace
}  // namespace gatehouse::settings
