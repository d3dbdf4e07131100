#include "gatehouse/tokens/validate.h"

#include <gtest/gtest.h>

#include <set>

#include "gatehouse/base/base64url.h"
#include "gatehouse/jose/jws.h"
#include "tests/support/test_keys.h"

namespace gatehouse::tokens {
namespace {

using jose::Algorithm;
using jose::Key;

constexpr Instant now{Seconds(1'780'272'000)};
constexpr std::string_view good_claims =
    R"({"iss":"https://issuer.example","aud":"api://orders","sub":"ada","exp":1780272600})";

const Key k1 = Key::symmetric(Secret("the first secret of 32 octets !!"), "k1");
const Key k2 = Key::symmetric(Secret("the other secret of 32 octets !!"), "k2");
const Key nameless = Key::symmetric(Secret("a secret without a kid, 32 long."));

TokenValidationParameters parameters() {
  return {.valid_issuer = "https://issuer.example",
          .valid_audience = "api://orders",
          .issuer_signing_keys = {k1}};
}

std::string sign(std::string_view claims, const Key& key = k1, std::string_view typ = "JWT") {
  return jose::sign_compact(claims, key, Algorithm::HS256, typ).value();
}

Result<Token> validate(const TokenValidationParameters& with, std::string_view token) {
  return TokenValidator::make(with).value().validate(token, now);
}

std::optional<Failure> failure_of(const Result<Token>& result) {
  return result ? std::nullopt : std::optional(result.error().kind);
}

// --- Lifetime (RFC 7519 §4.1.4, §4.1.5)

struct LifetimeCase {
  const char* name;
  std::optional<int> nbf, exp;  // seconds from now; empty is an absent claim
  std::optional<Failure> expected;
};

constexpr LifetimeCase lifetime_cases[] = {
    {"AcceptsATokenInsideItsWindow", -30, +30, {}},
    {"AcceptsExpiryExactlyOneSkewAgo", {}, -60, {}},
    {"RejectsExpiryOneSecondPastTheSkew", {}, -61, Failure::expired},
    {"AcceptsNotBeforeExactlyOneSkewAhead", +60, +900, {}},
    {"RejectsNotBeforeOneSecondPastTheSkew", +61, +900, Failure::not_yet_valid},
    {"RejectsAWindowThatEndsBeforeItBegins", +10, +5, Failure::lifetime_invalid},
    {"AcceptsAWindowOfOneInstant", +10, +10, {}},
    {"RejectsATokenWithoutExpiration", -60, {}, Failure::no_expiration},
};

class Lifetime : public testing::TestWithParam<LifetimeCase> {};

TEST_P(Lifetime, IsJudgedAgainstTheClock) {
  const auto at = [](int seconds) { return std::to_string(to_unix_seconds(now) + seconds); };
  std::string claims = R"({"iss":"https://issuer.example","aud":"api://orders")";
  if (GetParam().nbf) claims += R"(,"nbf":)" + at(*GetParam().nbf);
  if (GetParam().exp) claims += R"(,"exp":)" + at(*GetParam().exp);
  EXPECT_EQ(failure_of(validate(parameters(), sign(claims + "}"))), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(Rfc7519, Lifetime, testing::ValuesIn(lifetime_cases),
                         [](const auto& test) { return test.param.name; });

// --- What else the claims, the header and the text may be

struct TokenCase {
  const char* name;
  std::string token;
  std::optional<Error> expected;
};

std::string with_claim(std::string_view replaced, std::string_view by) {
  std::string claims(good_claims);
  return claims.replace(claims.find(replaced), replaced.size(), by);
}

std::string unsigned_token(std::string_view header) {
  return base64url::encode(header) + "." + base64url::encode(good_claims) + ".";
}

std::string forged(std::string token) {
  token[token.size() - 3] = token[token.size() - 3] == 'A' ? 'B' : 'A';
  return token;
}

const TokenCase token_cases[] = {
    {"AGoodOne", sign(good_claims), {}},
    {"AnotherAudience", sign(with_claim("api://orders", "api://x")),
     Error{Failure::audience_invalid, "api://x"}},
    {"AnAudienceThatBeginsTheSame", sign(with_claim("api://orders", "api://orders2")),
     Error{Failure::audience_invalid, "api://orders2"}},
    {"AnAudienceWithASlash", sign(with_claim("api://orders", "api://orders/")),
     Error{Failure::audience_invalid, "api://orders/"}},
    {"OneOfSeveralAudiences", sign(with_claim("\"api://orders\"", R"(["api://x","api://orders"])")), {}},
    {"NoAudience", sign(with_claim("\"aud\":\"api://orders\",", "")),
     Error{Failure::audience_invalid, "(none)"}},
    {"ANumberAmongTheAudiences", sign(with_claim("\"api://orders\"", R"(["api://orders",7])")),
     Error{Failure::claim_type_invalid, "aud"}},
    {"AnotherIssuer", sign(with_claim("https://issuer.example", "https://evil.example")),
     Error{Failure::issuer_invalid, "https://evil.example"}},
    {"AnIssuerThatBeginsTheSame", sign(with_claim("https://issuer.example", "https://issuer.example.evil")),
     Error{Failure::issuer_invalid, "https://issuer.example.evil"}},
    {"AnIssuerList", sign(with_claim("\"https://issuer.example\"", R"(["https://issuer.example"])")),
     Error{Failure::claim_type_invalid, "iss"}},
    {"NoIssuer", sign(with_claim("\"iss\":\"https://issuer.example\",", "")),
     Error{Failure::issuer_invalid, ""}},
    {"AnExpiryInWords", sign(with_claim("1780272600", "\"1780272600\"")),
     Error{Failure::claim_type_invalid, "exp"}},
    {"AnExpiryInMilliseconds", sign(with_claim("1780272600", "1780272600000")),
     Error{Failure::claim_type_invalid, "exp"}},
    {"AnExpiryBeyond64Bits", sign(with_claim("1780272600", "99999999999999999999")),
     Error{Failure::malformed, ""}},
    {"ANegativeExpiry", sign(with_claim("1780272600", "-1")), Error{Failure::claim_type_invalid, "exp"}},
    {"AnExpiryWithAFraction", sign(with_claim("1780272600", "1780272600.5")), {}},
    {"TwoSubjects", sign(with_claim("\"sub\":\"ada\"", R"("sub":"ada","sub":"eve")")),
     Error{Failure::duplicate_member, "sub"}},
    {"AnAccessTokenType", sign(good_claims, k1, "at+jwt"), {}},
    {"AMediaTypeInFull", sign(good_claims, k1, "application/AT+JWT"), {}},
    {"NoType", sign(good_claims, k1, ""), {}},
    {"AnIdToken", sign(good_claims, k1, "id_token+jwt"), Error{Failure::type_invalid, "id_token+jwt"}},
    {"ALogoutToken", sign(good_claims, k1, "logout+jwt"), Error{Failure::type_invalid, "logout+jwt"}},
    {"AlgNone", unsigned_token(R"({"alg":"none"})"), Error{Failure::no_signature, ""}},
    {"AlgNoneInCapitals", unsigned_token(R"({"alg":"NONE"})"), Error{Failure::no_signature, ""}},
    {"NoSignatureUnderHs256", unsigned_token(R"({"alg":"HS256"})"), Error{Failure::no_signature, ""}},
    {"AnUnknownAlgorithm", unsigned_token(R"({"alg":"HS1"})") + "AAAA",
     Error{Failure::alg_not_allowed, "HS1"}},
    {"AForgedSignature", forged(sign(good_claims)), Error{Failure::signature_invalid, ""}},
    {"AKeyOfAnotherName", sign(good_claims, k2), Error{Failure::key_not_found, "k2"}},
    {"AKidWithoutItsKey", sign(good_claims, k2.with_kid("k1")), Error{Failure::signature_invalid, ""}},
    {"NoKid", sign(good_claims, k1.with_kid("")), {}},
    {"NoTokenAtAll", "garbage", Error{Failure::malformed, "segments"}},
    {"APayloadThatIsNoObject", sign("[]"), Error{Failure::malformed, "payload"}},
    {"AnEncryptedToken", "eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4R0NNIiwiY3R5IjoiSldUIn0..AAAA.AAAA.AAAA",
     Error{Failure::decryption_failed, ""}},
    {"AnEncryptedTokenWithoutEnc", "eyJhbGciOiJkaXIifQ..AAAA.AAAA.AAAA",
     Error{Failure::malformed, "header.enc"}},
    {"MoreThanTheCap", std::string(16'385, 'a'), Error{Failure::too_large, "16385 characters"}},
};

class TokenTest : public testing::TestWithParam<TokenCase> {};

TEST_P(TokenTest, IsAcceptedOrRefusedForItsReason) {
  const auto result = validate(parameters(), GetParam().token);
  EXPECT_EQ(result ? std::nullopt : std::optional(result.error()), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(Validate, TokenTest, testing::ValuesIn(token_cases),
                         [](const auto& test) { return test.param.name; });

// --- Which keys are tried

struct KeyCase {
  const char* name;
  std::vector<Key> keys;
  std::string token;
  std::optional<Failure> expected;
};

std::vector<Key> many_nameless() {
  std::vector<Key> keys;
  for (char c = 'a'; c < 'e'; ++c) keys.push_back(Key::symmetric(Secret(std::string(32, c))));
  keys.push_back(nameless);
  return keys;
}

const KeyCase key_cases[] = {
    {"AKnownKidMeansThatKeyAlone",
     {k1, k2.with_kid("k1x")},
     sign(good_claims, k2.with_kid("k1")),
     Failure::signature_invalid},
    {"OfTwoKeysOfOneNameEitherMayHaveSigned",
     {k1, k2.with_kid("k1")},
     sign(good_claims, k2.with_kid("k1")),
     {}},
    {"AnUnknownKidMayBeAKeyWithoutOne", {k1, nameless}, sign(good_claims, nameless.with_kid("zz")), {}},
    {"AnUnknownKidIsNoKeyWithAnotherName",
     {k1},
     sign(good_claims, k1.with_kid("zz")),
     Failure::key_not_found},
    {"NoKidIsTriedWithTheFirstFourKeys", many_nameless(), sign(good_claims, nameless),
     Failure::signature_invalid},
    {"KidsCompareWithCase", {k1}, sign(good_claims, k1.with_kid("K1")), Failure::key_not_found},
    {"AnRsaKeyIsNoHmacSecret",
     {Key::from_pem(test_keys::rsa_public, "k1").value()},
     sign(good_claims, k1),
     Failure::alg_not_allowed},
};

class Keys : public testing::TestWithParam<KeyCase> {};

TEST_P(Keys, AreTriedAsTheDesignSays) {
  auto with = parameters();
  with.issuer_signing_keys = GetParam().keys;
  EXPECT_EQ(failure_of(validate(with, GetParam().token)), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(Validate, Keys, testing::ValuesIn(key_cases),
                         [](const auto& test) { return test.param.name; });

TEST(Validate, AnUnknownKidOnAnExpiredTokenIsExpiredSoThatNobodyFetchesKeysForIt) {
  EXPECT_EQ(failure_of(validate(parameters(), sign(with_claim("1780272600", "1780270000"), k2))),
            Failure::expired);
  EXPECT_EQ(failure_of(validate(parameters(), sign(with_claim("api://orders", "x"), k2))),
            Failure::audience_invalid);
}

TEST(Validate, AForgedSignatureWinsOverWhatTheClaimsSay) {
  EXPECT_EQ(failure_of(validate(parameters(), forged(sign(with_claim("1780272600", "1780270000"))))),
            Failure::signature_invalid);
}

TEST(Validate, ListedAlgorithmsAreTheOnlyOnes) {
  auto with = parameters();
  with.valid_algorithms = {"RS256"};
  EXPECT_EQ(failure_of(validate(with, sign(good_claims))), Failure::alg_not_allowed);
  with.valid_algorithms = {"RS256", "HS256"};
  EXPECT_EQ(failure_of(validate(with, sign(good_claims))), std::nullopt);
}

TEST(Validate, AnAlgorithmThatIsOffByDefaultVerifiesOnlyWhereItIsNamed) {
  const Key key = Key::generate(Algorithm::ES256K, "k1").value();
  const std::string token = jose::sign_compact(good_claims, key, Algorithm::ES256K).value();
  auto with = parameters();
  with.issuer_signing_keys = {key};
  EXPECT_EQ(failure_of(validate(with, token)), Failure::alg_not_allowed);
  with.valid_algorithms = {"ES256"};
  EXPECT_EQ(failure_of(validate(with, token)), Failure::alg_not_allowed);
  with.valid_algorithms = {"ES256K"};
  EXPECT_TRUE(validate(with, token));
}

TEST(Validate, AnAgeLimitNeedsAnIssueTimeWithinIt) {
  auto with = parameters();
  with.max_token_age = Seconds(300);
  const auto issued = [](const char* iat) {
    return sign(with_claim("\"sub\":\"ada\"", std::string("\"iat\":") + iat));
  };
  EXPECT_EQ(failure_of(validate(with, sign(good_claims))), Failure::claim_missing);
  EXPECT_EQ(failure_of(validate(with, issued("1780271640"))), std::nullopt);  // 300 s and the skew ago
  EXPECT_EQ(failure_of(validate(with, issued("1780271639"))), Failure::expired);
  EXPECT_EQ(failure_of(validate(with, issued("1780272061"))), Failure::lifetime_invalid);
}

TEST(Validate, ATokenOfTheFutureIsRefusedButByTheOriginal) {
  auto with = parameters();
  const std::string within_skew = sign(with_claim("\"sub\":\"ada\"", "\"iat\":1780272060"));
  const std::string beyond = sign(with_claim("\"sub\":\"ada\"", "\"iat\":1780272061"));
  EXPECT_EQ(failure_of(validate(with, within_skew)), std::nullopt);
  EXPECT_EQ(failure_of(validate(with, beyond)), Failure::lifetime_invalid);
  with.profile = Profile::aspnet_core;
  EXPECT_EQ(failure_of(validate(with, beyond)), std::nullopt);
}

TEST(Validate, AKnownKeyOfAnotherTypeIsAWrongSignatureWhereTheAlgorithmIsOurs) {
  const Key rsa = Key::from_pem(test_keys::rsa, "rsa").value();
  const std::string names_the_rsa_key = sign(good_claims, k1.with_kid("rsa"));
  auto with = parameters();
  with.issuer_signing_keys = {rsa, k1};
  EXPECT_EQ(failure_of(validate(with, names_the_rsa_key)), Failure::signature_invalid);
  with.issuer_signing_keys = {rsa};
  EXPECT_EQ(failure_of(validate(with, names_the_rsa_key)), Failure::alg_not_allowed);
}

class OnceCache final : public TokenReplayCache {
 public:
  bool add(std::string_view token, Instant, Instant) override { return seen_.emplace(token).second; }

 private:
  std::set<std::string, std::less<>> seen_;
};

TEST(Validate, AReplayedTokenIsRefused) {
  auto with = parameters();
  with.validate_token_replay = true;
  with.token_replay_cache = std::make_shared<OnceCache>();
  const auto validator = TokenValidator::make(with).value();
  const std::string token = sign(good_claims);
  EXPECT_TRUE(validator.validate(token, now));
  EXPECT_EQ(failure_of(validator.validate(token, now)), Failure::replayed);
}

TEST(Validate, AnActorTokenHasToValidateToo) {
  auto with = parameters();
  with.validate_actor = true;
  const auto acting = [](const std::string& actor) {
    return sign(with_claim("\"sub\":\"ada\"", R"("actort":")" + actor + "\""));
  };
  const auto good = validate(with, acting(sign(good_claims)));
  ASSERT_TRUE(good);
  EXPECT_EQ(good->actor->claims.subject(), "ada");
  EXPECT_EQ(validate(with, acting(forged(sign(good_claims)))).error(),
            (Error{Failure::actor_invalid, "signature_invalid"}));
}

TEST(Validate, OnlyTheCompatibilityProfileLetsAnUnsignedTokenPass) {
  auto original = TokenValidationParameters::aspnet_core();
  original.valid_issuer = "https://issuer.example";
  original.valid_audience = "api://orders";
  original.require_signed_tokens = false;
  EXPECT_EQ(failure_of(validate(original, unsigned_token(R"({"alg":"none"})"))), std::nullopt);
  auto ours = parameters();
  ours.require_signed_tokens = false;
  EXPECT_FALSE(TokenValidator::make(ours));
}

struct OptionCase {
  const char* name;
  void (*spoil)(TokenValidationParameters&);
  const char* expected;
};

const OptionCase option_cases[] = {
    {"NoIssuer", [](auto& p) { p.valid_issuer = " "; }, "valid_issuer"},
    {"NoAudience", [](auto& p) { p.valid_audience = ""; }, "valid_audience"},
    {"NoKey", [](auto& p) { p.issuer_signing_keys.clear(); }, "issuer_signing_key"},
    {"ANegativeSkew", [](auto& p) { p.clock_skew = Seconds(-1); }, "clock_skew"},
    {"AnUnknownAlgorithm", [](auto& p) { p.valid_algorithms = {"none"}; }, "'none'"},
    {"ReplayWithoutACache", [](auto& p) { p.validate_token_replay = true; }, "token_replay_cache"},
};

class Option : public testing::TestWithParam<OptionCase> {};

TEST_P(Option, ThatIsWrongStopsTheStart) {
  auto spoiled = parameters();
  GetParam().spoil(spoiled);
  const auto made = TokenValidator::make(spoiled);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().kind, Failure::configuration_invalid);
  EXPECT_NE(made.error().subject.find(GetParam().expected), std::string::npos) << made.error().subject;
}

INSTANTIATE_TEST_SUITE_P(Validate, Option, testing::ValuesIn(option_cases),
                         [](const auto& test) { return test.param.name; });

TEST(Expectation, SaysWhatWouldHavePassed) {
  const auto validator = TokenValidator::make(parameters()).value();
  EXPECT_EQ(validator.expectation(Failure::issuer_invalid, now), "https://issuer.example");
  EXPECT_EQ(validator.expectation(Failure::expired, now), "exp no earlier than 2026-05-31T23:59:00Z");
  EXPECT_EQ(validator.expectation(Failure::alg_not_allowed, now), "HS256 or HS384 or HS512");
  EXPECT_EQ(validator.expectation(Failure::signature_invalid, now), "");
}

}  // namespace
}  // namespace gatehouse::tokens
