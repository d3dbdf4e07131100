#include "gatehouse/tokens/decryption.h"

#include <gtest/gtest.h>

#include "gatehouse/base/base64url.h"
#include "gatehouse/jose/jws.h"
#include "gatehouse/tokens/validate.h"
#include "tests/support/test_keys.h"

namespace gatehouse::tokens {
namespace {

using jose::Algorithm;
using jose::ContentEncryption;
using jose::Key;
using jose::KeyManagement;

constexpr Instant now{Seconds(1'780'272'000)};
constexpr std::string_view good_claims =
    R"({"iss":"https://issuer.example","aud":"api://orders","sub":"ada","exp":1780272600})";

const Key signing = Key::symmetric(Secret("the first secret of 32 octets !!"), "k1");
const Key d1 = Key::symmetric(Secret("a direct key of 32 octets, no. 1"), "d1");
const Key d2 = Key::symmetric(Secret("a direct key of 32 octets, no. 2"), "d2");

TokenValidationParameters parameters(std::vector<Key> decryption_keys = {d1}) {
  return {.valid_issuer = "https://issuer.example",
          .valid_audience = "api://orders",
          .issuer_signing_keys = {signing},
          .token_decryption_keys = std::move(decryption_keys)};
}

std::string signed_token(std::string_view claims = good_claims, const Key& key = signing,
                         std::string_view typ = "JWT") {
  return jose::sign_compact(claims, key, Algorithm::HS256, typ).value();
}

std::string sealed(std::string_view content, const Key& key = d1,
                   const jose::EncryptionOptions& options = {.cty = "JWT"}) {
  return jose::encrypt(content, key, KeyManagement::dir, ContentEncryption::A256GCM, options).value();
}

Result<Token> validate(const TokenValidationParameters& with, std::string_view token) {
  return TokenValidator::make(with).value().validate(token, now);
}

std::optional<Failure> failure_of(const Result<Token>& result) {
  return result ? std::nullopt : std::optional(result.error().kind);
}

// --- What is inside

struct ContentCase {
  const char* name;
  std::string token;
  std::optional<Failure> expected;
};

const ContentCase contents[] = {
    {"ASignedToken", sealed(signed_token()), {}},
    {"ASignedTokenWithoutCty", sealed(signed_token(), d1, {}), Failure::malformed},
    {"ASignedTokenUnderCtyWithItsWholeName", sealed(signed_token(), d1, {.cty = "application/JWT"}), {}},
    {"ASignedTokenUnderCtyInSmallLetters", sealed(signed_token(), d1, {.cty = "jwt"}), {}},
    {"ASignedTokenUnderAnotherCty", sealed(signed_token(), d1, {.cty = "text/plain"}), Failure::malformed},
    {"ClaimsAlone", sealed(good_claims), Failure::malformed},
    {"ClaimsAloneWithoutCty", sealed(good_claims, d1, {}), Failure::malformed},
    {"AnUnsignedToken", sealed("eyJhbGciOiJub25lIn0.e30."), Failure::no_signature},
    {"AnEnvelopeInAnEnvelope", sealed(sealed(signed_token())), Failure::no_signature},
    {"ATokenOfAnotherKey", sealed(signed_token(good_claims, d2.with_kid("k1"))), Failure::signature_invalid},
    {"AnExpiredToken",
     sealed(signed_token(R"({"iss":"https://issuer.example","aud":"api://orders","exp":1})")),
     Failure::expired},
    {"ATokenOfAnotherType",
     sealed(signed_token(good_claims, signing, "logout+jwt"), d1, {.typ = "JWT", .cty = "JWT"}),
     Failure::type_invalid},
    {"ATypeOfTheEnvelopeAlone", sealed(signed_token(), d1, {.typ = "other", .cty = "JWT"}), {}},
    {"Nothing", sealed(""), Failure::malformed},
};

class Content : public testing::TestWithParam<ContentCase> {};

TEST_P(Content, IsJudgedAsATokenOfItsOwn) {
  EXPECT_EQ(failure_of(validate(parameters(), GetParam().token)), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(Decryption, Content, testing::ValuesIn(contents),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(Decryption, TheTokenIsTheOneInside) {
  const auto token = validate(parameters(), sealed(signed_token(), d1, {.typ = "envelope", .cty = "JWT"}));
  ASSERT_TRUE(token);
  EXPECT_EQ(token->header->alg, "HS256");
  EXPECT_EQ(token->header->typ, "JWT");
  EXPECT_EQ(token->signing_key->kid(), "k1");
}

TEST(Decryption, ATokenThatIsOnlySignedStillPasses) { EXPECT_TRUE(validate(parameters(), signed_token())); }

// --- Which keys are tried

struct KeyCase {
  const char* name;
  std::string token;
  std::vector<Key> keys;
  bool try_all;
  bool opens;
};

const Key nameless = d1.with_kid("");
const Key shorter = Key::symmetric(Secret("of sixteen octet"), "w1");
const KeyCase key_cases[] = {
    {"TheOneThatIsNamed", sealed(signed_token()), {d2, d1}, false, true},
    {"NoneButTheOneThatIsNamed", sealed(signed_token()), {d2.with_kid("d1"), nameless}, false, false},
    {"AllWhereThatIsAskedFor", sealed(signed_token()), {d2.with_kid("d1"), nameless}, true, true},
    {"NamelessOnesForAnUnknownName", sealed(signed_token()), {d2, nameless}, false, true},
    {"NoNamedOnesForAnUnknownName", sealed(signed_token()), {d2, d1.with_kid("d3")}, false, false},
    {"AnyForATokenWithoutAName", sealed(signed_token(), nameless), {d2, d1}, false, true},
    {"NoMoreThanFourForATokenWithoutAName",
     sealed(signed_token(), nameless),
     {d2, d2, d2, d2, d1},
     false,
     false},
    {"NamedOnesForAnUnknownNameWhereThatIsAskedFor",
     sealed(signed_token()),
     {d2, d1.with_kid("d3")},
     true,
     true},
    {"ANamelessOneForATokenWithoutAName", sealed(signed_token(), nameless), {nameless}, false, true},
    {"NoneAfterTheOneThatOpens", sealed(signed_token(), nameless), {d1, d2}, false, true},
    {"EachOnlyOnce",
     sealed(signed_token()),
     {d2.with_kid("d1"), d2.with_kid("d4"), d2.with_kid("d5"), nameless},
     true,
     true},
    {"ThoseThatFitAndNoOthers",
     sealed(signed_token(), nameless),
     {shorter, shorter, shorter, shorter, d1},
     false,
     true},
    {"NoneAtAll", sealed(signed_token()), {}, true, false},
};

class DecryptionKeys : public testing::TestWithParam<KeyCase> {};

TEST_P(DecryptionKeys, AreTriedAsTheDesignSays) {
  auto with = parameters(GetParam().keys);
  with.try_all_token_decryption_keys = GetParam().try_all;
  EXPECT_EQ(failure_of(validate(with, GetParam().token)),
            GetParam().opens ? std::nullopt : std::optional(Failure::decryption_failed));
}

INSTANTIATE_TEST_SUITE_P(Decryption, DecryptionKeys, testing::ValuesIn(key_cases),
                         [](const auto& test) { return std::string(test.param.name); });

// Neither names an algorithm of ours, so there is no key to look for.
TEST(Decryption, UnknownAlgorithmsFitNoKey) {
  const std::string token = sealed(signed_token(), nameless);
  for (const char* header :
       {R"({"alg":"X1","enc":"A256GCM","cty":"JWT"})", R"({"alg":"dir","enc":"X1","cty":"JWT"})"})
    EXPECT_EQ(failure_of(validate(parameters(), base64url::encode(header) + token.substr(token.find('.')))),
              Failure::decryption_failed)
        << header;
}

TEST(Decryption, AResolverStandsInPlaceOfTheKeys) {
  auto with = parameters({d2});
  with.token_decryption_key_resolver = [](const jose::Header& header) {
    return header.kid == "d1" ? std::vector<Key>{d1} : std::vector<Key>();
  };
  EXPECT_TRUE(validate(with, sealed(signed_token())));
  EXPECT_EQ(failure_of(validate(with, sealed(signed_token(), d2))), Failure::decryption_failed);
}

TEST(Decryption, TheSingleKeyJoinsTheOthers) {
  auto with = parameters({d2});
  with.token_decryption_key = d1;
  EXPECT_TRUE(validate(with, sealed(signed_token())));
}

// --- Algorithms and caps

TEST(Decryption, Rsa15OpensOnlyWhereItIsNamedAndInTheCompatibilityProfile) {
  const Key rsa = Key::from_pem(test_keys::rsa, "r1").value();
  const std::string token = jose::encrypt(signed_token(), rsa, KeyManagement::RSA1_5,
                                          ContentEncryption::A128CBC_HS256, {.cty = "JWT"})
                                .value();
  auto with = parameters({rsa});
  EXPECT_EQ(failure_of(validate(with, token)), Failure::decryption_failed);
  with.valid_encryption_algorithms = {"RSA1_5", "A128CBC-HS256"};
  EXPECT_TRUE(validate(with, token));
  auto original = TokenValidationParameters::aspnet_core();
  original.valid_issuer = "https://issuer.example";
  original.valid_audience = "api://orders";
  original.issuer_signing_keys = {signing};
  original.token_decryption_keys = {rsa};
  EXPECT_TRUE(validate(original, token));
  original.valid_algorithms = {"HS256"};
  EXPECT_EQ(failure_of(validate(original, token)), Failure::decryption_failed);
  original.valid_algorithms = {"HS256", "RSA1_5", "A128CBC-HS256"};
  EXPECT_TRUE(validate(original, token));
  original.valid_encryption_algorithms = {"RSA-OAEP", "A128CBC-HS256"};  // wins over the one list of both
  EXPECT_EQ(failure_of(validate(original, token)), Failure::decryption_failed);
}

TEST(Decryption, PasswordsOpenOnlyWhereTheyAreNamedInTheCompatibilityProfileToo) {
  const Key password = Key::symmetric(Secret("Thus from my lips, by yours, my sin is purged."), "p1");
  const std::string token = jose::encrypt(signed_token(), password, KeyManagement::PBES2_HS256_A128KW,
                                          ContentEncryption::A128GCM, {.cty = "JWT"})
                                .value();
  auto with = TokenValidationParameters::aspnet_core();
  with.valid_issuer = "https://issuer.example";
  with.valid_audience = "api://orders";
  with.issuer_signing_keys = {signing};
  with.token_decryption_keys = {password};
  EXPECT_EQ(failure_of(validate(with, token)), Failure::decryption_failed);
  with.valid_encryption_algorithms = {"PBES2-HS256+A128KW", "A128GCM"};
  EXPECT_TRUE(validate(with, token));
}

TEST(Decryption, WhatWasInflatedHasTheCapOfEveryToken) {
  auto with = parameters();
  with.valid_encryption_algorithms = {"dir", "A256GCM", "DEF"};
  const std::string padding = R"(,"p":")" + std::string(20'000, 'a') + "\"}";
  const std::string long_claims = std::string(good_claims.substr(0, good_claims.size() - 1)) + padding;
  EXPECT_TRUE(validate(with, sealed(signed_token(), d1, {.cty = "JWT", .compress = true})));
  EXPECT_EQ(
      failure_of(validate(with, sealed(signed_token(long_claims), d1, {.cty = "JWT", .compress = true}))),
      Failure::too_large);
  const std::string content = signed_token(std::string(good_claims.substr(0, good_claims.size() - 1)) +
                                           R"(,"p":")" + std::string(1000, 'a') + "\"}");
  for (const auto& [cap, expected] : {std::pair(content.size(), std::optional<Failure>()),
                                      std::pair(content.size() - 1, std::optional(Failure::too_large))}) {
    with.maximum_token_size = cap;
    EXPECT_EQ(failure_of(validate(with, sealed(content, d1, {.cty = "JWT", .compress = true}))), expected);
  }
  with.maximum_inflated_size = 100;
  EXPECT_EQ(failure_of(validate(with, sealed(signed_token(), d1, {.cty = "JWT", .compress = true}))),
            Failure::decompression_failed);
  with.token_decryption_keys = {d1, d2};  // the first one opened it: no other is tried
  EXPECT_EQ(failure_of(validate(with, sealed(signed_token(), nameless, {.cty = "JWT", .compress = true}))),
            Failure::decompression_failed);
}

// --- Wrong options

struct OptionCase {
  const char* name;
  void (*set)(TokenValidationParameters&);
  const char* names;
};

const OptionCase option_cases[] = {
    {"AnUnknownAlgorithm", [](auto& p) { p.valid_encryption_algorithms = {"A512GCM"}; }, "'A512GCM'"},
    {"APublicKey", [](auto& p) { p.token_decryption_key = *Key::from_pem(test_keys::p256_public, "pub"); },
     "'pub'"},
    {"ASigningKey", [](auto& p) { p.token_decryption_key = *Key::generate(Algorithm::ES256, "sig"); },
     "'sig'"},
    {"ASecretForSignatures",
     [](auto& p) { p.token_decryption_key = *Key::from_jwk(R"({"kty":"oct","k":"AAAA","use":"sig"})"); },
     "''"},
};

class DecryptionOption : public testing::TestWithParam<OptionCase> {};

TEST_P(DecryptionOption, ThatIsWrongStopsTheStart) {
  auto with = parameters();
  GetParam().set(with);
  const auto made = TokenValidator::make(with);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().kind, Failure::configuration_invalid);
  EXPECT_TRUE(made.error().subject.contains(GetParam().names)) << made.error().subject;
}

INSTANTIATE_TEST_SUITE_P(Decryption, DecryptionOption, testing::ValuesIn(option_cases),
                         [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace gatehouse::tokens
