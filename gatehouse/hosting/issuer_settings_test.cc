#include "gatehouse/hosting/issuer_settings.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/temporary_folder.h"

namespace gatehouse::hosting {
namespace {

using configuration::ConfigurationBuilder;
using configuration::Environment;
using configuration::Faults;

class IssuerSettingsTest : public testing::Test {
 protected:
  IssuerSettingsTest() { test_support::write_file(key_file_, std::string(64, 'a')); }

  IssuerSettings read(const std::string& members, const std::string& environment = "Production") {
    const auto settings = ConfigurationBuilder(faults_)
                              .add_json_text("gatehouse.json", fmt::format(R"({{"Issuer":{{{}}}}})", members))
                              .build();
    return read_issuer_settings(settings, Environment(environment), faults_);
  }
  std::string wrapping_keys() const { return fmt::format(R"("WrappingKeys":["file:{}"])", key_file_); }
  std::string rest() const {
    return R"("Url":"https://id.example.com","Store":"/var/lib/i.db",)" + wrapping_keys();
  }

  test_support::TemporaryFolder folder_;
  std::string key_file_ = folder_.path("wrapping.key");
  Faults faults_;
};

TEST_F(IssuerSettingsTest, ReadsEverySetting) {
  const IssuerSettings settings = read(rest() + R"(,"AdminSocket":"/run/a.sock","DefaultClient":"shop",
      "TrustedProxies":["10.0.0.0/8"],"Algorithms":["EdDSA","ES256"],"AccessTokenLifetime":"5m",
      "Keys":{"Active":"10d","Announce":"72h","Retain":"30h","Poll":"30s","LongestToken":"30m","MaxAge":"5m",
              "Refresh":"12h","ClockSkew":"30s","Pkcs11":["pkcs11:token=a;object=b"]},
      "Sessions":{"Grace":"10s","GraceMaxUses":3,"RecoveryTime":"1h"},
      "Login":{"Slots":2,"Blocklist":"/etc/words","ShortestPassword":12,"ContextWords":["gatehouse"],
               "Peppers":["p1=file:)" + key_file_ +
                                       R"("]})");
  EXPECT_TRUE(faults_.empty()) << faults_.all().front().message;
  EXPECT_EQ(settings.server.issuer, "https://id.example.com");
  EXPECT_EQ(settings.store, "/var/lib/i.db");
  EXPECT_EQ(settings.admin_socket, "/run/a.sock");
  EXPECT_EQ(settings.wrapping_keys.size(), 1u);
  EXPECT_EQ(settings.server.accounts.default_client, "shop");
  EXPECT_EQ(settings.server.accounts.trusted_proxies.size(), 1u);
  EXPECT_EQ(settings.server.access_token_lifetime, Seconds(300));
  const issuer::KeyRingOptions& keys = settings.server.keys;
  EXPECT_EQ(keys.algorithms, (std::vector{jose::Algorithm::EdDSA, jose::Algorithm::ES256}));
  EXPECT_EQ(keys.signing.active, std::chrono::days(10));
  EXPECT_EQ(keys.signing.announce, std::chrono::hours(72));
  EXPECT_EQ(keys.signing.retain, std::chrono::hours(30));
  EXPECT_EQ(keys.readers.poll, Seconds(30));
  EXPECT_EQ(keys.readers.longest_token, Seconds(1800));
  EXPECT_EQ(keys.readers.key_set_max_age, Seconds(300));
  EXPECT_EQ(keys.readers.refresh, std::chrono::hours(12));
  EXPECT_EQ(keys.readers.clock_skew, Seconds(30));
  EXPECT_EQ(keys.token.keys, std::vector<std::string>{"pkcs11:token=a;object=b"});
  EXPECT_EQ(settings.server.sessions.rotation.grace, Seconds(10));
  EXPECT_EQ(settings.server.sessions.rotation.grace_max_uses, 3);
  EXPECT_EQ(settings.server.sessions.rotation.recovery_time, Seconds(3600));
  EXPECT_EQ(settings.login.pool.slots, 2u);
  EXPECT_EQ(settings.passwords.blocklist, "/etc/words");
  EXPECT_EQ(settings.passwords.shortest, 12u);
  EXPECT_EQ(settings.passwords.context_words, std::vector<std::string>{"gatehouse"});
  ASSERT_EQ(settings.login.peppers.size(), 1u);
  EXPECT_EQ(settings.login.peppers.front().id, "p1");
}

TEST_F(IssuerSettingsTest, ReadsIssuersWhoseUsersMayLogIn) {
  const IssuerSettings settings = read(rest() + R"(,"External":[
      {"Name":"work","Authority":"https://work.example","Audience":"gatehouse","EmailDomains":["work.example"],
       "CreatesUsers":true,"NewUserRoles":["Member"],"NewUserScopes":["read"],"MaxAge":"2m"},
      {"Name":"bank","Authority":"https://bank.example","Audience":"api","Kind":"access_token",
       "AuthorizedParties":["app"]}])");
  EXPECT_TRUE(faults_.empty()) << faults_.all().front().message;
  ASSERT_EQ(settings.server.external.issuers.size(), 2u);
  const issuer::ExternalIssuer& work = settings.server.external.issuers[0];
  EXPECT_EQ(work.name, "work");
  EXPECT_EQ(work.issuer(), "https://work.example");
  EXPECT_EQ(work.audience, "gatehouse");
  EXPECT_EQ(work.email_domains, std::vector<std::string>{"work.example"});
  EXPECT_TRUE(work.creates_users);
  EXPECT_EQ(work.new_user_roles, std::vector<std::string>{"Member"});
  EXPECT_EQ(work.new_user_scopes, std::vector<std::string>{"read"});
  EXPECT_EQ(work.max_age, Seconds(120));
  const issuer::ExternalIssuer& bank = settings.server.external.issuers[1];
  EXPECT_EQ(bank.kind, issuer::ExternalTokenKind::access_token);
  EXPECT_EQ(bank.authorized_parties, std::vector<std::string>{"app"});
}

TEST_F(IssuerSettingsTest, NeedsLittle) {
  const IssuerSettings settings = read(rest());
  EXPECT_TRUE(faults_.empty());
  EXPECT_EQ(settings.server.access_token_lifetime, Seconds(600));
  EXPECT_EQ(settings.server.keys.algorithms, std::vector{jose::Algorithm::ES256});
}

struct FaultCase {
  const char* members;
  const char* fault;
};

const FaultCase fault_cases[] = {
    {"", "'Issuer:Url' is missing"},
    {"", "'Issuer:Store' is missing"},
    {"", "'Issuer:WrappingKeys' is missing: private keys are sealed under it"},
    {R"("Stor":"x")", "unknown setting 'Issuer:Stor'; did you mean 'Issuer:Store'?"},
    {R"("Keys":{"Activ":"1d"})", "unknown setting 'Issuer:Keys:Activ'"},
    {R"("Sessions":{"Gracy":"1s"})", "unknown setting 'Issuer:Sessions:Gracy'"},
    {R"("Login":{"Slot":1})", "unknown setting 'Issuer:Login:Slot'"},
    {R"("Store":"memory")", "'Issuer:Store' is 'memory', which forgets everything"},
    {R"("WrappingKeys":"file:/x")", "'Issuer:WrappingKeys' is a list"},
    {R"("WrappingKeys":["file:/nowhere/key"])", "/nowhere/key"},
    {R"("Algorithms":["none"])", "there is no algorithm 'none'"},
    {R"("TrustedProxies":["everybody"])", "'everybody' is no address"},
    {R"("AccessTokenLifetime":"soon")", "'Issuer:AccessTokenLifetime' is 'soon'"},
    {R"("Login":{"Peppers":["file:/x"]})", "a pepper has a name"},
    {R"("External":[{"Authority":"https://a.example","Audience":"g"}])",
     "'Issuer:External:0:Name' is missing"},
    {R"("External":[{"Name":"a","Authority":"https://a.example","Audience":"g","Kind":"saml"}])",
     "'Issuer:External:0:Kind' is 'saml'; write id_token or access_token"},
    {R"("External":[{"Nam":"a"}])", "unknown setting 'Issuer:External:0:Nam'; did you mean"},
    {R"("Login":{"ShortestPassword":3})", "write a whole number from 8 to 64"},
};

TEST_F(IssuerSettingsTest, NamesEveryFault) {
  for (const auto& [members, fault] : fault_cases) {
    faults_ = {};
    read(members);
    std::string all;
    for (const auto& one : faults_.all()) all += one.message + '\n';
    EXPECT_THAT(all, testing::HasSubstr(fault)) << members;
  }
}

TEST_F(IssuerSettingsTest, KeepsInMemoryInDevelopment) {
  read(R"("Url":"http://localhost:5081","Store":"memory",)" + wrapping_keys(), "Development");
  EXPECT_TRUE(faults_.empty());
}

}  // namespace
}  // namespace gatehouse::hosting
