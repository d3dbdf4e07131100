#include "gatehouse/jose/jwe.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "gatehouse/base/base64url.h"
#include "gatehouse/jose/jws.h"
#include "tests/support/test_keys.h"

namespace gatehouse::jose {
namespace {

const std::string content = R"({"sub":"ada"})";
const Key password = Key::symmetric(Secret("Thus from my lips, by yours, my sin is purged."), "pw");

// One key for every key management; RSA's is made once, as making one takes long.
Key key_for(const KeyManagementTraits& row, const ContentEncryptionTraits& content_row) {
  if (row.mode == KeyManagementMode::direct) return Key::generate(content_row.algorithm, "k1").value();
  if (row.mode == KeyManagementMode::password) return password;
  if (row.mode == KeyManagementMode::rsa) return Key::from_pem(test_keys::rsa, "k1").value();
  static std::map<KeyManagement, Key> keys;
  const auto known = keys.find(row.algorithm);
  if (known != keys.end()) return known->second;
  return keys.emplace(row.algorithm, Key::generate(row.algorithm, Curve::p256, "k1").value()).first->second;
}

DecryptionOptions allowing(std::initializer_list<const char*> more) {
  DecryptionOptions options;
  for (const auto& row : key_managements()) options.valid_algorithms.emplace_back(row.name);
  for (const auto& row : content_encryptions()) options.valid_algorithms.emplace_back(row.name);
  for (const char* name : more) options.valid_algorithms.emplace_back(name);
  return options;
}

Result<std::string> open(const std::string& token, const Key& key, const DecryptionOptions& options = {}) {
  GH_TRY(const Jwe jwe, parse_jwe(token));
  return decrypt(jwe, key, options);
}

std::vector<std::string> parts_of(const std::string& token) {
  std::vector<std::string> parts(1);
  for (const char c : token)
    if (c == '.')
      parts.emplace_back();
    else
      parts.back() += c;
  return parts;
}

std::string joined(const std::vector<std::string>& parts) {
  std::string token = parts.front();
  for (std::size_t i = 1; i < parts.size(); ++i) token += '.' + parts[i];
  return token;
}

// --- Every algorithm

struct PairCase {
  KeyManagement management;
  ContentEncryption content;
};

std::vector<PairCase> every_pair() {
  std::vector<PairCase> cases;
  for (const auto& row : key_managements())
    for (const auto& content_row : content_encryptions())
      cases.push_back({row.algorithm, content_row.algorithm});
  return cases;
}

std::string name_of(const testing::TestParamInfo<PairCase>& test) {
  std::string text = std::string(name(test.param.management)) + '_' + std::string(name(test.param.content));
  for (char& c : text)
    if (c == '-' || c == '+') c = '_';
  return text;
}

class EveryEncryption : public testing::TestWithParam<PairCase> {
 protected:
  const Key key = key_for(traits(GetParam().management), traits(GetParam().content));
  const std::string token =
      *encrypt(content, key, GetParam().management, GetParam().content, {.rounds = 1000});
};

TEST_P(EveryEncryption, OpensWhatItSealed) {
  EXPECT_EQ(open(token, key, allowing({})), content);
  EXPECT_EQ(parse_jwe(token)->header.kid, key.kid());
}

TEST_P(EveryEncryption, FailsInOneWayWhateverWasBent) {
  const auto good = parts_of(token);
  for (std::size_t part = 1; part < good.size(); ++part) {
    std::string octets = *base64url::decode(good[part]);
    std::vector<std::string> bent = {octets + '\0', octets + std::string(8, 'x')};
    if (!octets.empty()) {
      bent.push_back(octets.substr(1));
      octets.back() = static_cast<char>(octets.back() ^ 1);
      bent.push_back(octets);
      octets.front() = static_cast<char>(octets.front() ^ 0x80);
      bent.push_back(octets);
    }
    for (const std::string& other : bent) {
      auto parts = good;
      parts[part] = base64url::encode(other);
      EXPECT_EQ(open(joined(parts), key, allowing({})).error(), Error{Failure::decryption_failed}) << part;
    }
  }
}

TEST_P(EveryEncryption, NeverWritesTheSameTwice) {
  EXPECT_NE(encrypt(content, key, GetParam().management, GetParam().content, {.rounds = 1000}), token);
}

TEST_P(EveryEncryption, CoversItsHeader) {
  auto parts = parts_of(token);
  std::string header = *base64url::decode(parts[0]);
  parts[0] = base64url::encode(header.insert(header.size() - 1, R"(,"x":1)"));
  EXPECT_EQ(open(joined(parts), key, allowing({})).error(), Error{Failure::decryption_failed});
}

INSTANTIATE_TEST_SUITE_P(Rfc7518, EveryEncryption, testing::ValuesIn(every_pair()), name_of);

class EveryCurve : public testing::TestWithParam<Curve> {};

TEST_P(EveryCurve, AgreesOnAKeyWithTheHolderAlone) {
  const Key key = Key::generate(KeyManagement::ECDH_ES, GetParam()).value();
  const Key other = Key::generate(KeyManagement::ECDH_ES, GetParam()).value();
  const Key published = Key::from_jwk(key.public_jwk()).value();
  const std::string token =
      *encrypt(content, published, KeyManagement::ECDH_ES, ContentEncryption::A256CBC_HS512,
               {.party_u = "Alice", .party_v = "Bob"});
  EXPECT_EQ(open(token, key), content);
  EXPECT_EQ(open(token, other).error(), Error{Failure::decryption_failed});
  EXPECT_EQ(open(token, published).error().kind, Failure::decryption_failed);
}

INSTANTIATE_TEST_SUITE_P(Rfc8037, EveryCurve,
                         testing::Values(Curve::p256, Curve::p384, Curve::p521, Curve::x25519, Curve::x448));

// --- Examples of the RFCs

TEST(Rfc7516, OpensExampleA3) {
  const Key key = Key::from_jwk(R"({"kty":"oct","k":"GawgguFyGrWKav7AX4VKUg"})").value();
  EXPECT_EQ(
      open("eyJhbGciOiJBMTI4S1ciLCJlbmMiOiJBMTI4Q0JDLUhTMjU2In0.6KB707dM9YTIgHtLvtgWQ8mKwboJW3of9locizkDTHz"
           "BC2IlrT1oOQ.AxY8DCtDaGlsbGljb3RoZQ.KDlTtXchhZTGufMYmOYGS4HffxPSUrfmqCHXaI9wOGY.U0m_YmjN04DJvceFIC"
           "bCVQ",
           key),
      "Live long and prosper.");
}

// Made with the hashlib and cryptography of Python: a salt of as few octets as there may be, 1000 rounds.
TEST(Rfc7518, OpensWhatOthersSealedWithAPassword) {
  for (
      const char* token :
      {"eyJhbGciOiJQQkVTMi1IUzI1NitBMTI4S1ciLCJlbmMiOiJBMTI4R0NNIiwicDJzIjoiYzJGc2RITmhiSFEiLCJwMmMiOjEwMDB9."
       "END81298S14tgvM1bk4XVqC4Um5l-f-B.aXZpdml2aXZpdml2.fpwEgeeUmh2jEEKxSw.F4ImR4r6AT4Gy5Krd2nfHg",
       "eyJhbGciOiJQQkVTMi1IUzM4NCtBMTkyS1ciLCJlbmMiOiJBMTI4R0NNIiwicDJzIjoiYzJGc2RITmhiSFEiLCJwMmMiOjEwMDB9."
       "MEsmvNSF4zU2ZANxiBOzIjyAmhUYI_Dm.aXZpdml2aXZpdml2.fpwEgeeUmh2jEEKxSw.Rim6hLBH5mdGx2vbn9HVXA",
       "eyJhbGciOiJQQkVTMi1IUzUxMitBMjU2S1ciLCJlbmMiOiJBMTI4R0NNIiwicDJzIjoiYzJGc2RITmhiSFEiLCJwMmMiOjEwMDB9."
       "Uzp8j72W4plzYG4SEkfxLPcVw4r2uzzF.aXZpdml2aXZpdml2.fpwEgeeUmh2jEEKxSw.ysB0n2ZG0SxSR9zOGK_snA"})
    EXPECT_EQ(open(token, password, allowing({})), content) << token;
}

// --- What has to be named

TEST(Decrypt, OpensNothingOffByDefaultUnlessItIsNamed) {
  const Key rsa = Key::from_pem(test_keys::rsa).value();
  const std::string rsa1_5 = *encrypt(content, rsa, KeyManagement::RSA1_5, ContentEncryption::A128GCM);
  EXPECT_EQ(open(rsa1_5, rsa).error(), (Error{Failure::decryption_failed, "RSA1_5"}));
  EXPECT_EQ(open(rsa1_5, rsa, {.valid_algorithms = {"RSA1_5", "A128GCM"}}), content);
  const std::string pbes2 = *encrypt(content, password, KeyManagement::PBES2_HS256_A128KW,
                                     ContentEncryption::A128GCM, {.rounds = 1000});
  EXPECT_EQ(open(pbes2, password).error(), (Error{Failure::decryption_failed, "PBES2-HS256+A128KW"}));
}

TEST(Decrypt, OpensOnlyWhatIsListed) {
  const Key key = Key::generate(ContentEncryption::A128GCM).value();
  const std::string token = *encrypt(content, key, KeyManagement::dir, ContentEncryption::A128GCM);
  EXPECT_EQ(open(token, key, {.valid_algorithms = {"dir", "A128GCM"}}), content);
  EXPECT_EQ(open(token, key, {.valid_algorithms = {"A128GCM"}}).error(),
            (Error{Failure::decryption_failed, "dir"}));
  EXPECT_EQ(open(token, key, {.valid_algorithms = {"dir"}}).error(),
            (Error{Failure::decryption_failed, "A128GCM"}));
}

TEST(Decrypt, CountsRoundsOnlyUpToItsCap) {
  const auto with = [](std::uint64_t rounds) {
    return *encrypt(content, password, KeyManagement::PBES2_HS256_A128KW, ContentEncryption::A128GCM,
                    {.rounds = rounds});
  };
  EXPECT_EQ(open(with(10'000), password, allowing({})), content);
  EXPECT_EQ(open(with(10'001), password, allowing({})).error(), Error{Failure::decryption_failed});
  EXPECT_EQ(open(with(999), password, allowing({})).error(), Error{Failure::decryption_failed});
}

TEST(Decrypt, InflatesOnlyUpToItsCapAndOnlyWhereDefIsNamed) {
  const Key key = Key::generate(ContentEncryption::A128GCM).value();
  const auto of_size = [&](std::size_t octets) {
    return *encrypt(std::string(octets, 'a'), key, KeyManagement::dir, ContentEncryption::A128GCM,
                    {.compress = true});
  };
  EXPECT_EQ(open(of_size(10), key).error(), (Error{Failure::decompression_failed, "DEF"}));
  EXPECT_EQ(open(of_size(256 * 1024), key, allowing({"DEF"})), std::string(256 * 1024, 'a'));
  EXPECT_EQ(open(of_size(256 * 1024 + 1), key, allowing({"DEF"})).error().kind,
            Failure::decompression_failed);
  EXPECT_EQ(open(of_size(50'000'000), key, allowing({"DEF"})).error().kind, Failure::decompression_failed);
}

// --- What a key says of itself

TEST(Decrypt, HeedsUseAndKeyOps) {
  const std::string secret = base64url::encode(std::string(16, 's') + "0123456789abcdef");
  const auto key_with = [&](const std::string& members) {
    return Key::from_jwk(R"({"kty":"oct","k":")" + secret + '"' + members + '}').value();
  };
  const std::string token = *encrypt(content, key_with(""), KeyManagement::dir, ContentEncryption::A256GCM);
  for (const char* members : {"", R"(,"use":"enc")", R"(,"key_ops":["decrypt"])", R"(,"alg":"dir")"})
    EXPECT_EQ(open(token, key_with(members)), content) << members;
  for (const char* members : {R"(,"use":"sig")", R"(,"key_ops":["encrypt"])", R"(,"key_ops":["verify"])",
                              R"(,"alg":"HS256")", R"(,"alg":"A256KW")"})
    EXPECT_EQ(open(token, key_with(members)).error().kind, Failure::decryption_failed) << members;
}

TEST(Encrypt, RefusesAKeyThatDoesNotFit) {
  const Key key = Key::generate(ContentEncryption::A128GCM).value();
  for (const auto content_encryption : {ContentEncryption::A192GCM, ContentEncryption::A128CBC_HS256})
    EXPECT_EQ(encrypt(content, key, KeyManagement::dir, content_encryption).error().kind,
              Failure::alg_not_allowed);
  EXPECT_EQ(encrypt(content, key, KeyManagement::A128KW, ContentEncryption::A128GCM).error().kind,
            Failure::alg_not_allowed);
  const Key signing = Key::generate(Algorithm::ES256).value();
  EXPECT_EQ(encrypt(content, signing, KeyManagement::ECDH_ES, ContentEncryption::A128GCM).error().kind,
            Failure::alg_not_allowed);
}

// --- RSA1_5 (RFC 7516 §11.5)

// A token of A128GCM whose encrypted key is `padded` under RSA itself, without any padding of ours.
TEST(Decrypt, TellsNoBadRsaPaddingFromABadTag) {
  const Key rsa = Key::from_pem(test_keys::rsa).value();
  const std::string token = *encrypt(content, rsa, KeyManagement::RSA1_5, ContentEncryption::A128GCM);
  auto parts = parts_of(token);
  for (const char first : {'\0', '\1', '\x7F'}) {
    parts[1] = base64url::encode(first + std::string(255, 'x'));
    EXPECT_EQ(open(joined(parts), rsa, allowing({})).error(), Error{Failure::decryption_failed});
  }
  // The content key of another content encryption is well padded, and of the wrong length.
  const std::string longer = *encrypt(content, rsa, KeyManagement::RSA1_5, ContentEncryption::A256GCM);
  parts[1] = parts_of(longer)[1];
  EXPECT_EQ(open(joined(parts), rsa, allowing({})).error(), Error{Failure::decryption_failed});
}

// Eight octets of padding are the fewest (RFC 8017 §7.2.2): 75 octets of modulus around 64 of content key.
TEST(Decrypt, FindsAContentKeyInAnRsaKeyThatHasJustRoomForIt) {
  constexpr std::string_view token =
      "eyJhbGciOiJSU0ExXzUiLCJlbmMiOiJBMjU2Q0JDLUhTNTEyIn0.JeaASdUtkXnIoqXGI0fTYKcIKlwPaWvrqdJOCLVGyZYgMEAMxN"
      "PqNHcyTlM8QtiU1o1DN4Oz7I_67v_u7DlJg3t5W3OVziYn9FLO.aXZpdml2aXZpdml2aXZpdg.NWN6Fasi8lTS6q0AGtsekQ."
      "kiBQAG_UZsL1uTdQc6pJfXcXlGIVfUcn9MSJyc68Aag";
  const Key key =
      Key::from_jwk(
          R"({"kty":"RSA","e":"AQAB",)"
          R"("n":"p1W9LL3qWtP7GmSXChpSeI1UessFJEQYyYmI_zTQEiqEvMknYt-UUc1Z2RwYNuCD8G8UY981wRJgLvKEVWXqKXMOlo)"
          R"(OkBP9VZXnx","d":"GXi7qyvdmKXb-1CEjU0kcKVSzr5IshSLkWIWMILhiWJfgj08eZSNNRiX1F43d-raaKWZVM7Z-YerE)"
          R"(u-YNIIgHuxnFxJ9DwHFT-hh"})")
          .value();
  EXPECT_EQ(open(std::string(token), key, allowing({})), content);

  const Key smaller =
      Key::from_jwk(
          json::object(
              {{"kty", "RSA"}, {"n", test_keys::rsa512::n}, {"e", "AQAB"}, {"d", test_keys::rsa512::d}}))
          .value();
  auto parts = parts_of(std::string(token));
  parts[1] = base64url::encode(std::string(64, '\1'));
  EXPECT_EQ(open(joined(parts), smaller, allowing({})).error(), Error{Failure::decryption_failed});
}

// The number is the same without the zero that it begins with; the encrypted key is another text.
TEST(Decrypt, TakesNoEncryptedKeyThatIsShorterThanTheModulus) {
  const Key rsa = Key::from_pem(test_keys::rsa).value();
  for (const KeyManagement management : {KeyManagement::RSA_OAEP, KeyManagement::RSA1_5}) {
    std::string token, encrypted_key;
    do {
      token = *encrypt(content, rsa, management, ContentEncryption::A128GCM);
      encrypted_key = *base64url::decode(parts_of(token)[1]);
    } while (encrypted_key.front() != '\0');
    ASSERT_EQ(open(token, rsa, allowing({})), content);
    auto parts = parts_of(token);
    parts[1] = base64url::encode(encrypted_key.substr(1));
    EXPECT_EQ(open(joined(parts), rsa, allowing({})).error(), Error{Failure::decryption_failed});
  }
}

// --- Structure

// --- What the algorithms read of the header, which the sender wrote

struct ParameterCase {
  const char* name;
  KeyManagement management;
  const char* member;
  const char* value;  // JSON; null takes the member out
};

constexpr ParameterCase parameters[] = {
    {"NoSalt", KeyManagement::PBES2_HS256_A128KW, "p2s", nullptr},
    {"ASaltThatIsNoString", KeyManagement::PBES2_HS256_A128KW, "p2s", "7"},
    {"APaddedSalt", KeyManagement::PBES2_HS256_A128KW, "p2s", R"("AAAAAAAAAAAAAAAAAAAAAA==")"},
    {"AShortSalt", KeyManagement::PBES2_HS256_A128KW, "p2s", R"("AAAA")"},
    {"NoRounds", KeyManagement::PBES2_HS256_A128KW, "p2c", nullptr},
    {"RoundsAsText", KeyManagement::PBES2_HS256_A128KW, "p2c", R"("1000")"},
    {"RoundsWithAFraction", KeyManagement::PBES2_HS256_A128KW, "p2c", "1000.0"},
    {"RoundsBelowZero", KeyManagement::PBES2_HS256_A128KW, "p2c", "-1000"},
    {"RoundsBeyondAnInteger", KeyManagement::PBES2_HS256_A128KW, "p2c", "18446744073709551615"},
    {"NoIv", KeyManagement::A256GCMKW, "iv", nullptr},
    {"AnIvThatIsNoString", KeyManagement::A256GCMKW, "iv", "[]"},
    {"AShortIv", KeyManagement::A256GCMKW, "iv", R"("AAAA")"},
    {"NoTag", KeyManagement::A256GCMKW, "tag", nullptr},
    {"ATagThatIsNoBase64url", KeyManagement::A256GCMKW, "tag", R"("!")"},
    {"AShortTag", KeyManagement::A256GCMKW, "tag", R"("AAAA")"},
    {"NoEphemeralKey", KeyManagement::ECDH_ES, "epk", nullptr},
    {"AnEphemeralKeyThatIsNoObject", KeyManagement::ECDH_ES, "epk", R"("x")"},
    {"AnEphemeralKeyOfAnotherCurve", KeyManagement::ECDH_ES, "epk",
     R"({"kty":"OKP","crv":"X25519","x":"g-WBJsWRmuegP7gMa8oUDHgBvlfOLBVeDvmHxJbFUFE"})"},
    {"APartyThatIsNoString", KeyManagement::ECDH_ES, "apu", "7"},
    {"ASecondPartyThatIsNoString", KeyManagement::ECDH_ES_A128KW, "apv", "{}"},
};

// The header of a token of ours with one member changed. No tag would hold over it, so it is put where
// decrypt() reads it and the received text stays: that the tag covers the header is another test's.
Result<std::string> open_with(const ParameterCase& test) {
  const auto& row = traits(test.management);
  const Key key = key_for(row, traits(ContentEncryption::A128GCM));
  const std::string token =
      encrypt(content, key, test.management, ContentEncryption::A128GCM, {.rounds = 1000}).value();
  Jwe jwe = parse_jwe(token).value();
  json::Parser parser;
  const json::Value header = parser.parse(jwe.header_octets).value();
  json::Writer changed;
  changed.begin_object();
  for (auto member = header.begin(); member != header.end(); ++member)
    if (member.name() != test.member) changed.name(member.name()).raw((*member).dump());
  if (test.value) changed.name(test.member).raw(test.value);
  changed.end_object();
  jwe.header_octets = changed.text();
  return decrypt(jwe, key, allowing({}));
}

class BadParameter : public testing::TestWithParam<ParameterCase> {};

TEST_P(BadParameter, FailsAsEverythingDoes) {
  EXPECT_EQ(open_with(GetParam()).error(), Error{Failure::decryption_failed});
}

INSTANTIATE_TEST_SUITE_P(Rfc7518, BadParameter, testing::ValuesIn(parameters),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(Decrypt, ReadsPastWhatItDoesNotKnow) {
  for (const KeyManagement management : {KeyManagement::PBES2_HS256_A128KW, KeyManagement::A256GCMKW,
                                         KeyManagement::ECDH_ES, KeyManagement::ECDH_ES_A128KW})
    EXPECT_EQ(open_with({"Same", management, "unknown", "[]"}), content) << name(management);
}

struct OperationCase {
  const char* name;
  KeyManagement management;
  const char* jwk;  // without key_ops
  const char* permitted;
  const char* forbidden;
};

constexpr const char* aes_128 = R"("kty":"oct","k":"AAECAwQFBgcICQoLDA0ODw")";
constexpr const char* ec = R"("kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
                           R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0")";
constexpr const char* rsa_1024 =
    R"("kty":"RSA","e":"AQAB","n":"sbaS4yqbwrqYSel6kaGDFLH1NrCb9r-lJUxmfI2rHKZVxmHsDXxfi2gQtUTl2c5rVquardRpFx7AiA1M)"
    R"(TgdQXsmbHRNnZlwMmqR8FJF7gUQkIKrdyJ9f74sMr0PKzKXJ1Ej6kNkgq8m7MXCy3KiY4K8ij7eKuFwOJ5xkBv536d8")";

const OperationCase operations[] = {
    {"Direct", KeyManagement::dir, aes_128, "encrypt", "wrapKey"},
    {"KeyWrap", KeyManagement::A128KW, aes_128, "wrapKey", "encrypt"},
    {"GcmKeyWrap", KeyManagement::A128GCMKW, aes_128, "wrapKey", "sign"},
    {"Password", KeyManagement::PBES2_HS256_A128KW, aes_128, "deriveKey", "encrypt"},
    {"Agreement", KeyManagement::ECDH_ES, ec, "deriveKey", "wrapKey"},
    {"Rsa", KeyManagement::RSA_OAEP, rsa_1024, "wrapKey", "deriveKey"},
};

class KeyOperations : public testing::TestWithParam<OperationCase> {};

TEST_P(KeyOperations, DecideWhatAKeyFits) {
  const auto fits = [&](const std::string& more) {
    const Key key = Key::from_jwk("{" + std::string(GetParam().jwk) + more + "}").value();
    return key.fits(GetParam().management, ContentEncryption::A128GCM);
  };
  EXPECT_TRUE(fits(""));
  EXPECT_TRUE(fits(R"(,"key_ops":[")" + std::string(GetParam().permitted) + "\"]"));
  EXPECT_FALSE(fits(R"(,"key_ops":[")" + std::string(GetParam().forbidden) + "\"]"));
  EXPECT_FALSE(fits(R"(,"use":"sig")"));
}

INSTANTIATE_TEST_SUITE_P(Rfc7517, KeyOperations, testing::ValuesIn(operations),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(Encrypt, NeedsAKeyThatIsStrongEnough) {
  const Key short_rsa = Key::from_jwk(std::string("{") + rsa_1024 + "}").value();
  EXPECT_EQ(encrypt(content, short_rsa, KeyManagement::RSA_OAEP, ContentEncryption::A128GCM).error().kind,
            Failure::weak_key);
}

TEST(Encrypt, AgreesOnNothingWithAPointOfSmallOrder) {
  const Key zero =
      Key::from_jwk(R"({"kty":"OKP","crv":"X25519","x":")" + base64url::encode(std::string(32, '\0')) + "\"}")
          .value();
  for (const KeyManagement management : {KeyManagement::ECDH_ES, KeyManagement::ECDH_ES_A128KW})
    EXPECT_EQ(encrypt(content, zero, management, ContentEncryption::A128GCM).error().kind,
              Failure::key_invalid);
}

TEST(GenerateForEncryption, MakesAnRsaKey) {
  const Key key = Key::generate(KeyManagement::RSA_OAEP).value();
  EXPECT_TRUE(key.fits(KeyManagement::RSA_OAEP, ContentEncryption::A128GCM));
  EXPECT_GE(key.bits(), 2048u);
}

struct TextCase {
  const char* name;
  std::string text;
};

std::string head(const std::string& members = R"("alg":"dir","enc":"A128GCM")") {
  return base64url::encode('{' + members + '}');
}

const TextCase texts[] = {
    {"Nothing", ""},
    {"FourParts", head() + ".AA.AA.AA"},
    {"SixParts", head() + "..AA.AA.AA.AA"},
    {"NoHeader", "..AA.AA.AA"},
    {"NoIv", head() + "...AA.AA"},
    {"NoTag", head() + "..AA.AA."},
    {"APaddedTag", head() + "..AA.AA.AA=="},
    {"StrayBits", head() + "..AA.AA.AB"},
    {"NoEnc", head(R"("alg":"dir")") + "..AA.AA.AA"},
    {"NoAlg", head(R"("enc":"A128GCM")") + "..AA.AA.AA"},
    {"AnEncThatIsNoString", head(R"("alg":"dir","enc":1)") + "..AA.AA.AA"},
    {"TheJsonForm", R"({"protected":"","ciphertext":"","iv":"","tag":""})"},
};

class BadText : public testing::TestWithParam<TextCase> {};

TEST_P(BadText, IsMalformed) { EXPECT_EQ(parse_jwe(GetParam().text).error().kind, Failure::malformed); }

INSTANTIATE_TEST_SUITE_P(ParseJwe, BadText, testing::ValuesIn(texts),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(ParseJwe, RefusesExtensions) {
  EXPECT_EQ(parse_jwe(head(R"("alg":"dir","enc":"A128GCM","crit":["x"],"x":1)") + "..AA.AA.AA").error().kind,
            Failure::crit_unsupported);
}

TEST(ParseJwe, IsNoJwsAndTheOtherWayRound) {
  EXPECT_FALSE(parse_jwe(head(R"("alg":"HS256")") + ".e30.AA"));
  EXPECT_FALSE(parse_jws(head() + "..AA.AA.AA"));
}

// --- What `key_ops` lets a key do (RFC 7517 §4.3)

struct DirectionCase {
  const char* name;
  KeyManagement algorithm;
  const char* one_way;    // seals, and opens nothing
  const char* other_way;  // opens, and seals nothing
};

constexpr DirectionCase directions[] = {
    {"Dir", KeyManagement::dir, "encrypt", "decrypt"},
    {"AesWrap", KeyManagement::A128KW, "wrapKey", "unwrapKey"},
    {"GcmWrap", KeyManagement::A128GCMKW, "wrapKey", "unwrapKey"},
    {"RsaAsAWrap", KeyManagement::RSA_OAEP_256, "wrapKey", "unwrapKey"},
    {"RsaAsACipher", KeyManagement::RSA_OAEP_256, "encrypt", "decrypt"},
    {"Password", KeyManagement::PBES2_HS256_A128KW, "wrapKey", "unwrapKey"},
};

class Direction : public testing::TestWithParam<DirectionCase> {};

TEST_P(Direction, IsAsTheKeySays) {
  const DirectionCase& row = GetParam();
  const Key key = key_for(traits(row.algorithm), traits(ContentEncryption::A128GCM));
  const auto limited = [&](const char* operation) {
    std::string jwk(key.private_jwk().reveal());
    if (const auto use = jwk.find(R"("use":"enc",)"); use != jwk.npos) jwk.erase(use, 12);
    return Key::from_jwk(jwk.insert(1, R"("key_ops":[")" + std::string(operation) + "\"],")).value();
  };
  const auto seal = [&](const Key& with) {
    return encrypt(content, with, row.algorithm, ContentEncryption::A128GCM, {});
  };
  const auto sealed = seal(limited(row.one_way));
  ASSERT_TRUE(sealed);
  EXPECT_EQ(open(*sealed, limited(row.other_way), allowing({})), content);
  EXPECT_EQ(open(*sealed, limited(row.one_way), allowing({})).error().kind, Failure::decryption_failed);
  EXPECT_EQ(seal(limited(row.other_way)).error().kind, Failure::alg_not_allowed);
}

INSTANTIATE_TEST_SUITE_P(Jwe, Direction, testing::ValuesIn(directions),
                         [](const auto& test) { return test.param.name; });

TEST(JweHeader, SaysWhatThereIsToSay) {
  const Key key = Key::generate(ContentEncryption::A128GCM, "k1").value();
  const auto header_of = [](const Key& with, const EncryptionOptions& options) {
    return parse_jwe(encrypt(content, with, KeyManagement::dir, ContentEncryption::A128GCM, options).value())
        ->header_octets;
  };
  EXPECT_EQ(header_of(key.with_kid(""), {}), R"({"alg":"dir","enc":"A128GCM"})");
  EXPECT_EQ(header_of(key, {.typ = "JWT", .cty = "note"}),
            R"({"alg":"dir","enc":"A128GCM","kid":"k1","typ":"JWT","cty":"note"})");
}

TEST(JweHeader, NamesThePartiesThatThereAre) {
  const Key key = Key::generate(KeyManagement::ECDH_ES).value();
  const auto header_of = [&](const EncryptionOptions& options) {
    return parse_jwe(
               encrypt(content, key, KeyManagement::ECDH_ES, ContentEncryption::A128GCM, options).value())
        ->header_octets;
  };
  const std::string nobody = header_of({}), both = header_of({.party_u = "Alice", .party_v = "Bob"});
  EXPECT_FALSE(nobody.contains("apu") || nobody.contains("apv")) << nobody;
  EXPECT_TRUE(both.contains(R"("apu":"QWxpY2U","apv":"Qm9i")")) << both;
}

TEST(Decrypt, RefusesAContentEncryptionThatNobodyKnows) {
  const Key key = Key::generate(ContentEncryption::A128GCM).value();
  auto parts = parts_of(encrypt(content, key, KeyManagement::dir, ContentEncryption::A128GCM, {}).value());
  parts[0] = base64url::encode(R"({"alg":"dir","enc":"A128XYZ"})");
  EXPECT_EQ(open(joined(parts), key).error(), (Error{Failure::decryption_failed, "A128XYZ"}));
}

}  // namespace
}  // namespace gatehouse::jose
