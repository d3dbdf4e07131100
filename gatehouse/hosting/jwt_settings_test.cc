#include "gatehouse/hosting/jwt_settings.h"

#include <gtest/gtest.h>

#include "tests/support/temporary_folder.h"
#include "tests/support/test_keys.h"

namespace gatehouse::hosting {
namespace {

using configuration::Configuration;
using configuration::ConfigurationBuilder;
using configuration::Environment;
using configuration::Faults;

constexpr const char* good_secret = "kJ8v2QpXz7LmN4sT9wYb3RcF6hGd1AeU0iOq";

struct FaultCase {
  const char* name;
  const char* file;
  std::vector<std::pair<std::string, std::string>> environment;
  std::vector<std::string> expected;  // the beginning of each line
};

const FaultCase fault_cases[] = {
    {"NothingIsSet",
     "{}",
     {},
     {"'Jwt:Issuer' is missing; set it in appsettings.json, as environment Jwt__Issuer",
      "'Jwt:Audience' is missing; set it", "'Jwt:SigningKey' is missing; set it"}},
    {"ASecretInASettingsFile",
     R"({"Jwt":{"Issuer":"i","Audience":"a","SigningKey":"kJ8v2QpXz7LmN4sT9wYb3RcF6hGd1AeU0iOq"}})",
     {},
     {"appsettings.json:1:37: 'Jwt:SigningKey' stands in a settings file"}},
    {"ThePlaceholder",
     R"({"Jwt":{"Issuer":"i","Audience":"a"}})",
     {{"Jwt__SigningKey", "REPLACE_WITH_A_LONG_RANDOM_SECRET"}},
     {"environment Jwt__SigningKey: 'Jwt:SigningKey': the signing secret is a placeholder"}},
    {"AnUnknownSetting",
     R"({"Jwt":{"Issuer":"i","Audience":"a","Audiance":"b"}})",
     {{"Jwt__SigningKey", good_secret}},
     {"appsettings.json:1:37: unknown setting 'Jwt:Audiance'; did you mean 'Jwt:Audience'?"}},
    {"AMissingKeyFile",
     R"({"Jwt":{"Issuer":"i","Audience":"a","SigningKeyFile":"/nowhere/key.pem"}})",
     {},
     {"appsettings.json:1:37: 'Jwt:SigningKeyFile' names /nowhere/key.pem, which cannot be read"}},
    {"ThreeFaultsAtOnce",
     R"({"Jwt":{"Issuer":"i","ClockSkew":"soon","ValidateIssuer":"maybe"}})",
     {{"Jwt__SigningKey", good_secret}},
     {"'Jwt:Audience' is missing", "appsettings.json:1:22: 'Jwt:ClockSkew' is 'soon'",
      "appsettings.json:1:41: 'Jwt:ValidateIssuer' is 'maybe'"}},
};

class FaultTest : public testing::TestWithParam<FaultCase> {};

TEST_P(FaultTest, NamesTheSettingAndTheFix) {
  Faults faults;
  const Configuration read = ConfigurationBuilder(faults)
                                 .add_json_text("appsettings.json", GetParam().file)
                                 .add_environment(GetParam().environment)
                                 .build();
  read_jwt_settings(read, Environment("Production"), faults);
  ASSERT_EQ(faults.all().size(), GetParam().expected.size());
  for (std::size_t i = 0; i < faults.all().size(); ++i) {
    const auto& [where, message] = faults.all()[i];
    const std::string line = where.empty() ? message : where + ": " + message;
    EXPECT_TRUE(line.starts_with(GetParam().expected[i])) << line;
    EXPECT_EQ(line.find(good_secret), line.npos);
  }
}

INSTANTIATE_TEST_SUITE_P(JwtSettings, FaultTest, testing::ValuesIn(fault_cases),
                         [](const auto& test) { return test.param.name; });

JwtSettings read_good(const std::string& more, const char* environment = "Production") {
  Faults faults;
  const Configuration read =
      ConfigurationBuilder(faults)
          .add_json_text("appsettings.json", R"({"Jwt":{"Issuer":"i","Audience":"a")" + more + "}}")
          .add_environment({{"Jwt__SigningKey", good_secret}})
          .build();
  JwtSettings settings = read_jwt_settings(read, Environment(environment), faults);
  EXPECT_TRUE(faults.empty());
  return settings;
}

TEST(JwtSettings, ReadsWhatIsSaidAndSafeDefaultsElsewhere) {
  const JwtSettings settings = read_good(R"(,"AccessTokenLifetime":"00:05:00")");
  EXPECT_EQ(settings.issuer, "i");
  EXPECT_EQ(settings.access_token_lifetime, std::chrono::minutes(5));
  EXPECT_EQ(settings.clock_skew, std::chrono::seconds(60));
  EXPECT_TRUE(settings.validate_issuer && settings.validate_audience && settings.validate_lifetime &&
              settings.require_expiration_time);
  EXPECT_EQ(settings.credentials->algorithm, jose::Algorithm::HS256);
  EXPECT_TRUE(settings.warnings.empty());
}

TEST(JwtSettings, WarnsOfEveryCheckThatIsOffAndOfLongLifetimes) {
  EXPECT_EQ(
      read_good(
          R"(,"ValidateIssuer":false,"ValidateAudience":false,"ValidateLifetime":false,"RequireExpirationTime":false)")
          .warnings.size(),
      4u);
  EXPECT_TRUE(read_good(R"(,"AccessTokenLifetime":"1h")").warnings.empty());
  EXPECT_EQ(read_good(R"(,"AccessTokenLifetime":"61m")").warnings.size(), 1u);
}

TEST(JwtSettings, ReadsAKeyFromAFile) {
  const test_support::TemporaryFolder folder;
  const std::string path = folder.path("signing_key.pem");
  test_support::write_file(path, test_keys::p256);
  Faults faults;
  const Configuration read =
      ConfigurationBuilder(faults)
          .add_json_text("appsettings.json",
                         R"({"Jwt":{"Issuer":"i","Audience":"a","SigningKeyFile":")" + path + "\"}}")
          .build();
  EXPECT_EQ(read_jwt_settings(read, Environment("Production"), faults).credentials->algorithm,
            jose::Algorithm::ES256);
  EXPECT_TRUE(faults.empty());
}

TEST(JwtSettings, InDevelopmentASecretInASettingsFileIsOnlyWarnedAbout) {
  Faults faults;
  const Configuration read =
      ConfigurationBuilder(faults)
          .add_json_text(
              "appsettings.Development.json",
              std::string(R"({"Jwt":{"Issuer":"i","Audience":"a","SigningKey":")") + good_secret + "\"}}")
          .build();
  const JwtSettings settings = read_jwt_settings(read, Environment("Development"), faults);
  EXPECT_TRUE(faults.empty());
  EXPECT_EQ(settings.warnings.size(), 1u);
}

}  // namespace
}  // namespace gatehouse::hosting
