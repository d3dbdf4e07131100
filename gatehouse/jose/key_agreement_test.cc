#include "gatehouse/jose/key_agreement.h"

#include <gtest/gtest.h>
#include <openssl/err.h>

#include <string>

#include "gatehouse/base/base64url.h"

namespace gatehouse::jose {
namespace {

std::string hex(std::string_view octets) {
  std::string text;
  for (const char c : octets) {
    constexpr std::string_view digits = "0123456789abcdef";
    text += digits[static_cast<unsigned char>(c) >> 4];
    text += digits[static_cast<unsigned char>(c) & 15];
  }
  return text;
}

// RFC 7518 appendix C.
TEST(Rfc7518, DerivesTheKeyOfItsExample) {
  const Key ephemeral =
      Key::from_jwk(R"({"kty":"EC","crv":"P-256","x":"gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0",)"
                    R"("y":"SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFpps"})")
          .value();
  const Key recipient =
      Key::from_jwk(R"({"kty":"EC","crv":"P-256","x":"weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ",)"
                    R"("y":"e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck",)"
                    R"("d":"VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw"})")
          .value();
  const Secret agreed = agree(recipient, ephemeral).value();
  EXPECT_EQ(hex(agreed.reveal()), "9e56d91d817135d372834283bf84269cfb316ea3da806a48f6daa7798cfe90c4");
  EXPECT_EQ(base64url::encode(derive(agreed, "A128GCM", {.u = "Alice", .v = "Bob"}, 16).reveal()),
            "VqqN6vgjbSBcIijNcacQGg");
}

// RFC 8037 A.6.
TEST(Rfc8037, AgreesAsItsX25519ExampleDoes) {
  const Key recipient =
      Key::from_jwk(R"({"kty":"OKP","crv":"X25519","d":"XasIfmJKikt54X-Lg4AO5m87sSkmGLb9HC-LJ_-I4Os",)"
                    R"("x":"3p7bfXt9wbTTW2HC7OQ1Nz-DQ8hbeGdNrfx-FG-IK08"})")
          .value();
  const Key ephemeral =
      Key::from_jwk(R"({"kty":"OKP","crv":"X25519","x":"hSDwCYkwp1R0i33ctD73Wg2_Og0mOBr066SpjqqbTmo"})")
          .value();
  EXPECT_EQ(hex(agree(recipient, ephemeral)->reveal()),
            "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
}

TEST(Agree, RefusesPointsOfSmallOrder) {
  const Key own = Key::generate(KeyManagement::ECDH_ES, Curve::x25519).value();
  for (const char* x :
       {"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "4Ot6fDtBuK4WVuP68Z_EatoJjeucMrH9hmIFFl9JuAA", "7P_______________________________________38"}) {
    const Key other = Key::from_jwk(R"({"kty":"OKP","crv":"X25519","x":")" + std::string(x) + "\"}").value();
    EXPECT_FALSE(agree(own, other)) << x;
    EXPECT_EQ(ERR_peek_error(), 0u) << "whoever asks OpenSSL next would get the errors of this key";
  }
  const Key own448 = Key::generate(KeyManagement::ECDH_ES, Curve::x448).value();
  const std::string zero = base64url::encode(std::string(56, '\0'));
  EXPECT_FALSE(agree(own448, *Key::from_jwk(R"({"kty":"OKP","crv":"X448","x":")" + zero + "\"}")));
}

TEST(Agree, NeedsTwoKeysOfOneCurve) {
  const Key p256 = Key::generate(KeyManagement::ECDH_ES, Curve::p256).value();
  for (const Curve curve : {Curve::p384, Curve::p521, Curve::x25519, Curve::x448})
    EXPECT_FALSE(agree(p256, *Key::generate(KeyManagement::ECDH_ES, curve)));
}

struct EpkCase {
  const char* name;
  const char* header;
};

constexpr EpkCase bad_epks[] = {
    {"None", "{}"},
    {"Null", R"({"epk":null})"},
    {"Text", R"({"epk":"x"})"},
    {"AnotherCurve",
     R"({"epk":{"kty":"OKP","crv":"X25519","x":"hSDwCYkwp1R0i33ctD73Wg2_Og0mOBr066SpjqqbTmo"}})"},
    {"NotOnTheCurve", R"({"epk":{"kty":"EC","crv":"P-256","x":"gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0",)"
                      R"("y":"SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFpp0"}})"},
    {"APrivateKey", R"({"epk":{"kty":"EC","crv":"P-256","x":"gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0",)"
                    R"("y":"SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFpps",)"
                    R"("d":"0_NxaRPUMQoAJt50Gz8YiTr8gRTwyEaCumd-MToTmIo"}})"},
    {"AnRsaKey", R"({"epk":{"kty":"RSA","n":"AQAB","e":"AQAB"}})"},
};

class BadEpk : public testing::TestWithParam<EpkCase> {};

TEST_P(BadEpk, IsNotComputedWith) {
  json::Parser parser;
  EXPECT_FALSE(read_ephemeral(*parser.parse(GetParam().header), Curve::p256));
}

INSTANTIATE_TEST_SUITE_P(Rfc7518, BadEpk, testing::ValuesIn(bad_epks),
                         [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace gatehouse::jose
