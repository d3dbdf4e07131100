#include "gatehouse/jose/key_pkcs11.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <openssl/err.h>

#include <fstream>
#include <utility>

#include "gatehouse/jose/jwe.h"
#include "gatehouse/jose/jws.h"
#include "tests/support/soft_token.h"

namespace gatehouse::jose {
namespace {

const std::string module_path = test_support::SoftToken::module_path;
const std::string pin = "12%4";

// With an EC and an RSA key that pkcs11-tool has made.
class Token : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    soft = new test_support::SoftToken(pin);
    soft->init("gatehouse");
    soft->make_key("gatehouse", "EC:prime256v1", "ec", "01");
    soft->make_key("gatehouse", "rsa:2048", "rsa", "02");
    soft->make_key("gatehouse", "EC:prime256v1", "robbed", "03");
    // Another key's public half stands where its own was.
    const std::string other = soft->path("other.der");
    std::ofstream(other) << Key::generate(Algorithm::ES256)->public_der();
    soft->tool("gatehouse", "--delete-object --type pubkey --id 03");
    soft->tool("gatehouse", fmt::format("--write-object {} --type pubkey --label robbed --id 03", other));
    // A token stays open for the process once somebody has given its PIN; nobody ever does for this one.
    soft->init("locked");
    soft->make_key("locked", "EC:prime256v1", "ec", "01");
  }
  static void TearDownTestSuite() { delete std::exchange(soft, nullptr); }

  static std::string uri(const std::string& object) { return soft->uri("gatehouse", object); }
  static std::string pin_file() { return soft->pin_file(); }

  static inline test_support::SoftToken* soft = nullptr;
  static inline const Pkcs11Options known{.module_path = module_path, .pin = Secret(pin)};
};

// The first one, as a module that was opened stays open.
TEST_F(Token, OpensNoModuleThatIsNotThere) {
  EXPECT_EQ(open_pkcs11_key("pkcs11:token=gatehouse;object=ec",
                            {.module_path = "/nowhere/module.so", .pin = Secret(pin)})
                .error()
                .kind,
            Failure::configuration_invalid);
}

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
  EXPECT_EQ(ERR_peek_error(), 0u) << "OpenSSL was asked for what the token does not give";
  EXPECT_FALSE(key.fits(KeyManagement::RSA_OAEP, ContentEncryption::A256GCM));
}

TEST_F(Token, TakesItsPinFromASecretAsWell) {
  EXPECT_TRUE(open_pkcs11_key("pkcs11:token=gatehouse;object=ec", known));
  EXPECT_TRUE(open_pkcs11_key("pkcs11:token=gatehouse;object=ec?pin-source=file:/nowhere/pin", known));
  EXPECT_EQ(open_pkcs11_key("pkcs11:token=gatehouse;object=ec?pin-source=file:/nowhere/pin",
                            {.module_path = module_path})
                .error()
                .kind,
            Failure::configuration_invalid);
}

TEST_F(Token, NamesTheKeyAsItIsTold) { EXPECT_EQ(open_pkcs11_key(uri("ec"), {}, "k1")->kid(), "k1"); }

TEST_F(Token, IsFoundByEverySpellingOfItsUri) {
  std::string coded = "pkcs11:token=gatehouse;object=ec?module-path=";
  for (const char c : module_path) coded += c == '/' ? "%2f" : std::string(1, c);
  for (const std::string& spelling :
       {coded + "&pin-source=" + pin_file(), coded + "&pin-source=file:" + pin_file(),
        uri("ec") + "&note=%00%40", uri("ec") + "&note=",
        "pkcs11:token=gatehouse;object=ec?note=x&" + uri("ec").substr(uri("ec").find('?') + 1)}) {
    const auto key = open_pkcs11_key(spelling);
    EXPECT_TRUE(key) << spelling << ": " << describe(key.error());
  }
}

TEST_F(Token, IsNotFoundByWhatIsNoUri) {
  for (const std::string& bad :
       {std::string("token=gatehouse;object=ec"), std::string("pkcs11:token=gatehouse;object=ec?note"),
        std::string("pkcs11:token=gatehouse;object=ec;pin-value=") + "12%254", uri("ec") + "&note=%z1",
        uri("ec") + "&note=%1z", uri("ec") + "&note=%4", uri("ec") + "&pin-value=1234"})
    EXPECT_EQ(open_pkcs11_key(bad, known).error().kind, Failure::configuration_invalid) << bad;
}

TEST_F(Token, GivesNoKeyThatDoesNotSignForItself) {
  const auto key = open_pkcs11_key(uri("robbed"));
  ASSERT_FALSE(key);
  EXPECT_EQ(key.error(), (Error{Failure::key_invalid, "the token does not sign with this key"}));
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
  const std::string other = "pkcs11:token=gatehouse;object=other";  // no PIN, and no file that may hold one
  EXPECT_EQ(open_pkcs11_key(other, {.module_path = module_path}).error(),
            (Error{Failure::key_invalid, "the token does not give this key: " + other}));
  for (const char* bad : {"", "file:/key.pem", "pkcs11:object=ec?module-path=%zz",
                          "pkcs11:object=ec?module-path=%2", "pkcs11:object=ec?pin-source=file:/nowhere/pin"})
    EXPECT_EQ(open_pkcs11_key(bad).error().kind, Failure::configuration_invalid) << bad;
  EXPECT_EQ(
      open_pkcs11_key("pkcs11:object=ec", {.module_path = "/other.so", .pin = Secret(pin)}).error().kind,
      Failure::configuration_invalid);
}

}  // namespace
}  // namespace gatehouse::jose
