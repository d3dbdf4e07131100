#include "gatehouse/jose/key_pkcs11.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <vector>

#include "gatehouse/jose/jwe.h"
#include "gatehouse/jose/jws.h"

namespace gatehouse::jose {
namespace {

const std::string module_path = "/usr/lib/softhsm/libsofthsm2.so";
const std::string pin = "12%4";

// Tokens of SoftHSM in a folder of their own, with an EC and an RSA key that pkcs11-tool has made.
class Token : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder = std::filesystem::temp_directory_path() / fmt::format("gatehouse-token-{}", getpid());
    std::filesystem::create_directories(folder / "tokens");
    std::ofstream(folder / "softhsm2.conf")
        << "directories.tokendir = " << (folder / "tokens").string() << '\n'
        << "log.level = ERROR\n";
    std::ofstream(folder / "pin") << pin << '\n';
    setenv("SOFTHSM2_CONF", (folder / "softhsm2.conf").c_str(), 1);
    make_token("gatehouse",
               {"--key-type EC:prime256v1 --label ec --id 01", "--key-type rsa:2048 --label rsa --id 02"});
    // A token stays open for the process once somebody has given its PIN; nobody ever does for this one.
    make_token("locked", {"--key-type EC:prime256v1 --label ec --id 01"});
  }

  static void make_token(const std::string& label, std::initializer_list<const char*> keys) {
    run(fmt::format("softhsm2-util --init-token --free --label {} --so-pin 5678 --pin '{}'", label, pin));
    for (const char* key : keys)
      run(fmt::format("pkcs11-tool --module {} --token-label {} --login --pin '{}' --keypairgen {}",
                      module_path, label, pin, key));
  }

  static void TearDownTestSuite() { std::filesystem::remove_all(folder); }

  static void run(const std::string& command) {
    ASSERT_EQ(std::system(fmt::format("ASAN_OPTIONS= {} >/dev/null 2>&1", command).c_str()), 0) << command;
  }

  static std::string uri(const std::string& object) {
    return fmt::format("pkcs11:token=gatehouse;object={}?module-path={}&pin-source=file:{}", object,
                       module_path, (folder / "pin").string());
  }

  static inline std::filesystem::path folder;
};

TEST_F(Token, SignsTokensThatItsPublicKeyVerifies) {
  for (const auto& [object, algorithm] :
       {std::pair("ec", Algorithm::ES256), std::pair("rsa", Algorithm::RS256)}) {
    const auto key = open_pkcs11_key(uri(object));
    ASSERT_TRUE(key) << describe(key.error());
    EXPECT_EQ(key->kid(), key->thumbprint());
    const auto token = sign_compact(R"({"sub":"ada"})", *key, algorithm);
    ASSERT_TRUE(token) << describe(token.error());
    const Jws jws = parse_jws(*token).value();
    const Key published = Key::from_jwk(key->public_jwk()).value();
    EXPECT_TRUE(verify(jws.signing_input, jws.signature, published, algorithm)) << object;
  }
}

TEST_F(Token, KeepsItsPrivateKey) {
  const Key key = open_pkcs11_key(uri("rsa")).value();
  EXPECT_TRUE(key.is_private());
  EXPECT_TRUE(key.private_jwk().empty());
  EXPECT_TRUE(key.private_pem().empty());
  EXPECT_TRUE(key.private_der().empty());
  EXPECT_FALSE(key.fits(KeyManagement::RSA_OAEP, ContentEncryption::A256GCM));
}

TEST_F(Token, TakesItsPinFromASecretAsWell) {
  EXPECT_TRUE(
      open_pkcs11_key("pkcs11:token=gatehouse;object=ec", {.module_path = module_path, .pin = Secret(pin)}));
}

TEST_F(Token, NeverTellsThePin) {
  const Pkcs11Options wrong{.module_path = module_path, .pin = Secret("99887766")};
  testing::internal::CaptureStderr();
  const auto refused = open_pkcs11_key("pkcs11:token=locked;object=ec", wrong);
  const std::string written = testing::internal::GetCapturedStderr();
  EXPECT_FALSE(written.contains("9988") || written.contains("%39%39")) << written;
  EXPECT_EQ(refused.error().kind, Failure::key_invalid);
  EXPECT_FALSE(describe(refused.error()).contains("9988"));
  EXPECT_EQ(open_pkcs11_key("pkcs11:token=gatehouse?pin-value=1234").error().kind,
            Failure::configuration_invalid);
}

TEST_F(Token, RefusesWhatItDoesNotHold) {
  EXPECT_EQ(open_pkcs11_key(uri("other")).error().kind, Failure::key_invalid);
  EXPECT_EQ(
      open_pkcs11_key("pkcs11:object=ec", {.module_path = "/other.so", .pin = Secret(pin)}).error().kind,
      Failure::configuration_invalid);
}

// None of these gets as far as the token.
TEST(Pkcs11Uri, IsReadStrictlyAndHoldsNoPin) {
  struct BadUri {
    const char* uri;
    const char* why;
  };
  const std::vector<BadUri> uris = {
      {"", "begins with pkcs11:"},
      {"file:/etc/key.pem", "begins with pkcs11:"},
      {"pkcs11:token=a;pin-value=1234", "holds no PIN"},
      {"pkcs11:token=a?pin-value=1234", "holds no PIN; name a file with pin-source"},
      {"pkcs11:token=a?pin-value", "holds no PIN; name a file with pin-source"},
      {"pkcs11:token=a?module-path=/a%2", "not well-formed"},
      {"pkcs11:token=a?module-path=/a%zz", "not well-formed"},
      {"pkcs11:token=a?module-path=/a%2z", "not well-formed"},
      {"pkcs11:token=a?pin-source=/nowhere/at-all", "cannot be read: /nowhere/at-all"},
      {"pkcs11:token=a?x=y&pin-source=file:/nowhere", "cannot be read: /nowhere"},
  };
  for (const auto& [uri, why] : uris) {
    const auto key = open_pkcs11_key(uri);
    ASSERT_FALSE(key) << uri;
    EXPECT_EQ(key.error().kind, Failure::configuration_invalid) << uri;
    EXPECT_TRUE(key.error().subject.contains(why)) << uri << ": " << key.error().subject;
    EXPECT_FALSE(key.error().subject.contains("1234")) << uri;
  }
}

}  // namespace
}  // namespace gatehouse::jose
