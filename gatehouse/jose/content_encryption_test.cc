#include "gatehouse/jose/content_encryption.h"

#include <gtest/gtest.h>

#include <string>

namespace gatehouse::jose {
namespace {

std::string unhex(std::string_view text) {
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  std::string octets;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2)
    octets += static_cast<char>(digit(text[i]) << 4 | digit(text[i + 1]));
  return octets;
}

// RFC 7518 appendix B: one text, iv and additional data for all three; the key counts up from zero.
const std::string iv = unhex("1af38c2dc2b96ffdd86694092341bc04");
const std::string aad = "The second principle of Auguste Kerckhoffs";
const std::string plaintext =
    "A cipher system must not be required to be secret, and it must be able to fall into the hands of the "
    "enemy "
    "without inconvenience";

struct ExampleCase {
  ContentEncryption algorithm;
  std::string_view ciphertext;
  std::string_view tag;
};

constexpr ExampleCase examples[] = {
    {ContentEncryption::A128CBC_HS256,
     "c80edfa32ddf39d5ef00c0b468834279a2e46a1b8049f792f76bfe54b903a9c9a94ac9b47ad2655c5f10f9aef71427e2"
     "fc6f9b3f399a221489f16362c703233609d45ac69864e3321cf82935ac4096c86e133314c54019e8ca7980dfa4b9cf1b"
     "384c486f3a54c51078158ee5d79de59fbd34d848b3d69550a67646344427ade54b8851ffb598f7f80074b9473c82e2db",
     "652c3fa36b0a7c5b3219fab3a30bc1c4"},
    {ContentEncryption::A192CBC_HS384,
     "ea65da6b59e61edb419be62d19712ae5d303eeb50052d0dfd6697f77224c8edb000d279bdc14c1072654bd30944230c6"
     "57bed4ca0c9f4a8466f22b226d1746214bf8cfc2400add9f5126e479663fc90b3bed787a2f0ffcbf3904be2a641d5c21"
     "05bfe591bae23b1d7449e532eef60a9ac8bb6c6b01d35d49787bcd57ef484927f280adc91ac0c4e79c7b11efc60054e3",
     "8490ac0e58949bfe51875d733f93ac2075168039ccc733d7"},
    {ContentEncryption::A256CBC_HS512,
     "4affaaadb78c31c5da4b1b590d10ffbd3dd8d5d302423526912da037ecbcc7bd822c301dd67c373bccb584ad3e9279c2"
     "e6d12a1374b77f077553df829410446b36ebd97066296ae6427ea75c2e0846a11a09ccf5370dc80bfecbad28c73f09b3"
     "a3b75e662a2594410ae496b2e2e6609e31e6e02cc837f053d21f37ff4f51950bbe2638d09dd7a4930930806d0703b1f6",
     "4dd3b4c088a7f45c216839645b2012bf2e6269a8c56a816dbc1b267761955bc5"},
};

class Rfc7518B : public testing::TestWithParam<ExampleCase> {
 protected:
  const ContentEncryptionTraits& row = traits(GetParam().algorithm);
  Secret key() const {
    std::string octets;
    for (std::size_t i = 0; i < row.key_octets; ++i) octets += static_cast<char>(i);
    return Secret(octets);
  }
};

TEST_P(Rfc7518B, SealsOctetForOctet) {
  const aes::Sealed sealed = seal(row, key(), iv, aad, plaintext);
  EXPECT_EQ(sealed.ciphertext, unhex(GetParam().ciphertext));
  EXPECT_EQ(sealed.tag, unhex(GetParam().tag));
}

TEST_P(Rfc7518B, OpensAgainUnlessAnythingIsBent) {
  const std::string ciphertext = unhex(GetParam().ciphertext), tag = unhex(GetParam().tag);
  EXPECT_EQ(open(row, key(), iv, aad, ciphertext, tag), plaintext);
  EXPECT_EQ(open(row, key(), iv, "other", ciphertext, tag), std::nullopt);
  EXPECT_EQ(open(row, key(), iv, aad, ciphertext, tag.substr(1)), std::nullopt);
  EXPECT_EQ(open(row, key(), iv.substr(1), aad, ciphertext, tag), std::nullopt);
  EXPECT_EQ(open(row, Secret(key().reveal().substr(1)), iv, aad, ciphertext, tag), std::nullopt);
}

INSTANTIATE_TEST_SUITE_P(Rfc7518, Rfc7518B, testing::ValuesIn(examples));

TEST(ContentEncryption, CbcSealsNothingAsWellAsABlock) {
  const ContentEncryptionTraits& row = traits(ContentEncryption::A128CBC_HS256);
  const Secret key(std::string(32, 'k'));
  for (const std::size_t octets : {0u, 1u, 15u, 16u, 17u}) {
    const std::string text(octets, 'p');
    const aes::Sealed sealed = seal(row, key, iv, aad, text);
    EXPECT_EQ(open(row, key, iv, aad, sealed.ciphertext, sealed.tag), text);
    EXPECT_EQ(open(row, key, iv, aad, "", sealed.tag), std::nullopt);
  }
}

TEST(ContentEncryption, GcmTakesNoIvOrTagOfAnotherLength) {
  const ContentEncryptionTraits& row = traits(ContentEncryption::A128GCM);
  const Secret key(std::string(16, 'k'));
  const std::string short_iv = iv.substr(0, 12);
  const aes::Sealed sealed = seal(row, key, short_iv, aad, plaintext);
  EXPECT_EQ(open(row, key, short_iv, aad, sealed.ciphertext, sealed.tag), plaintext);
  for (const std::size_t octets : {0u, 4u, 8u, 12u, 15u})
    EXPECT_EQ(open(row, key, short_iv, aad, sealed.ciphertext, sealed.tag.substr(0, octets)), std::nullopt);
  EXPECT_EQ(open(row, key, iv, aad, sealed.ciphertext, sealed.tag), std::nullopt);
}

// Keys, ivs and tags of another algorithm, each of which OpenSSL would take.
TEST(ContentEncryption, OpensNothingThatHasOtherLengths) {
  const ContentEncryptionTraits& row = traits(ContentEncryption::A128GCM);
  const Secret key(std::string(16, 'k')), longer(std::string(32, 'k'));
  const std::string short_iv(12, 'i'), long_iv(16, 'i');
  const aes::Sealed good = seal(row, key, short_iv, aad, plaintext);
  EXPECT_EQ(open(row, key, short_iv, aad, good.ciphertext, good.tag), plaintext);
  EXPECT_EQ(open(row, key, short_iv, aad, good.ciphertext, good.tag.substr(0, 12)), std::nullopt);
  EXPECT_EQ(open(row, key, short_iv.substr(1), aad, good.ciphertext, good.tag), std::nullopt);
  const aes::Sealed other = seal(row, longer, short_iv, aad, plaintext);
  EXPECT_EQ(open(row, longer, short_iv, aad, other.ciphertext, other.tag), std::nullopt);

  const ContentEncryptionTraits& cbc = traits(ContentEncryption::A128CBC_HS256);
  const aes::Sealed whole = seal(cbc, longer, long_iv, aad, plaintext);
  EXPECT_EQ(open(cbc, longer, long_iv, aad, whole.ciphertext, whole.tag), plaintext);
  EXPECT_EQ(open(cbc, longer, long_iv + "i", aad, whole.ciphertext, whole.tag), std::nullopt);
  EXPECT_EQ(open(cbc, longer, long_iv, aad, whole.ciphertext, whole.tag.substr(0, 15)), std::nullopt);
  const std::string longest_iv(20, 'i');  // of which OpenSSL reads sixteen octets, and the tag covers all
  const aes::Sealed beyond = seal(cbc, longer, longest_iv, aad, plaintext);
  EXPECT_EQ(open(cbc, longer, longest_iv, aad, beyond.ciphertext, beyond.tag), std::nullopt);
}

}  // namespace
}  // namespace gatehouse::jose
