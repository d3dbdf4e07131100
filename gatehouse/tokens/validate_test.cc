#include "gatehouse/tokens/validate.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "gatehouse/base/base64url.h"
#include "gatehouse/jose/jws.h"
#include "gatehouse/tokens/memory_replay_cache.h"
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

std::string signed_as_it_stands(const std::string& input) {
  return input + "." + base64url::encode(jose::sign(input, k1, Algorithm::HS256).value());
}

// With `more` in a header that no descriptor of ours would write.
std::string with_header(std::string_view more) {
  return signed_as_it_stands(base64url::encode(R"({"alg":"HS256","kid":"k1",)" + std::string(more) + "}") +
                             "." + base64url::encode(good_claims));
}

std::string with_payload(const std::string& segment) {
  return signed_as_it_stands(base64url::encode(R"({"alg":"HS256","kid":"k1"})") + "." + segment);
}

std::string acting(const std::string& actor) {
  return sign(with_claim("\"sub\":\"ada\"", R"("actort":")" + actor + "\""));
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
    {"AForgedPayloadThatIsNoObject", forged(sign("[]")), Error{Failure::signature_invalid, ""}},
    {"APayloadThatIsNoBase64", with_payload("!!"), Error{Failure::malformed, "payload"}},
    {"AKeyOfAnotherName", sign(good_claims, k2), Error{Failure::key_not_found, "k2"}},
    {"AKidWithoutItsKey", sign(good_claims, k2.with_kid("k1")), Error{Failure::signature_invalid, ""}},
    {"NoKid", sign(good_claims, k1.with_kid("")), {}},
    {"NoTokenAtAll", "garbage", Error{Failure::malformed, "segments"}},
    {"APayloadThatIsNoObject", sign("[]"), Error{Failure::malformed, "payload"}},
    {"AnEncryptedToken", "eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4R0NNIiwiY3R5IjoiSldUIn0..AAAA.AAAA.AAAA",
     Error{Failure::decryption_failed, ""}},
    {"AnEncryptedTokenWithoutEnc", "eyJhbGciOiJkaXIifQ..AAAA.AAAA.AAAA",
     Error{Failure::malformed, "header.enc"}},
    {"AnEncryptedTokenWithoutAHeader", ".AAAA.AAAA.AAAA.AAAA", Error{Failure::malformed, "segments"}},
    {"TheCapItself", std::string(16'384, 'a'), Error{Failure::malformed, "segments"}},
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

const Key rsa_key = Key::from_pem(test_keys::rsa).value();

const KeyCase key_cases[] = {
    {"AKnownKidMeansThatKeyAlone",
     {k1, k2.with_kid("k1x")},
     sign(good_claims, k2.with_kid("k1")),
     Failure::signature_invalid},
    {"AKnownKidIsNotTheSignatureOfANamelessKey",
     {k1, nameless},
     sign(good_claims, nameless.with_kid("k1")),
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
    {"AnUnknownKidIsNotTheSignatureOfANamelessKey",
     {k1, nameless},
     sign(good_claims, k2.with_kid("zz")),
     Failure::key_not_found},
    {"KeysThatDoNotFitAreNotCounted",
     {rsa_key, rsa_key, rsa_key, rsa_key, nameless},
     sign(good_claims, nameless),
     {}},
    {"NoKidAndNoKeyThatFits", {rsa_key}, sign(good_claims, nameless), Failure::key_not_found},
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

// --- What the parameters switch on and off

struct SwitchCase {
  const char* name;
  void (*set)(TokenValidationParameters&);
  std::string token;
  std::optional<Failure> expected;
};

std::string without(std::string_view member) { return sign(with_claim(member, "\"x\":1")); }

const std::string expired = sign(with_claim("1780272600", "1780270000"));
const std::string of_another_issuer = sign(with_claim("https://issuer.example", "https://evil.example"));
const std::string of_no_issuer = without("\"iss\":\"https://issuer.example\"");
const std::string for_another_audience = sign(with_claim("api://orders", "api://x"));
const std::string for_no_audience = without("\"aud\":\"api://orders\"");
const std::string without_expiry = without("\"exp\":1780272600");

std::string for_audience(std::string_view audience) { return sign(with_claim("api://orders", audience)); }
std::string of_issuer(std::string_view issuer) { return sign(with_claim("https://issuer.example", issuer)); }
std::string issued(std::string_view iat) {
  return sign(with_claim("\"sub\":\"ada\"", "\"iat\":" + std::string(iat)));
}

const SwitchCase switch_cases[] = {
    {"NoLifetimeAtAll", [](auto& p) { p.validate_lifetime = false; }, expired, {}},
    {"NoExpiryRequired", [](auto& p) { p.require_expiration_time = false; }, without_expiry, {}},
    {"NoExpiryRequiredButNotBefore",
     [](auto& p) { p.require_expiration_time = false; },
     sign(with_claim("\"exp\":1780272600", "\"nbf\":1780272000")),
     {}},
    {"ALifetimeOfTheApplication",
     [](auto& p) { p.lifetime_validator = [](auto, auto, auto) { return true; }; },
     expired,
     {}},
    {"NoIssuerAtAll", [](auto& p) { p.validate_issuer = false; }, of_another_issuer, {}},
    {"OneOfSeveralIssuers",
     [](auto& p) { p.valid_issuers = {"https://a.example", "https://evil.example"}; },
     of_another_issuer,
     {}},
    {"NoneOfSeveralIssuers", [](auto& p) { p.valid_issuers = {"https://a.example", "https://b.example"}; },
     of_another_issuer, Failure::issuer_invalid},
    {"ABlankIssuerIsNobody", [](auto& p) { p.valid_issuers = {"https://a.example", " "}; }, of_issuer(" "),
     Failure::issuer_invalid},
    {"AnIssuerOfTheApplication",
     [](auto& p) { p.issuer_validator = [](auto issuer) { return issuer == "https://evil.example"; }; },
     of_another_issuer,
     {}},
    {"NoIssuerAndOneOfTheApplication",
     [](auto& p) { p.issuer_validator = [](auto issuer) { return issuer.empty(); }; },
     of_no_issuer,
     {}},
    {"NoAudienceAtAll", [](auto& p) { p.validate_audience = false; }, for_another_audience, {}},
    {"NoAudienceRequired", [](auto& p) { p.require_audience = false; }, for_no_audience, {}},
    {"NoAudienceRequiredButAnother", [](auto& p) { p.require_audience = false; }, for_another_audience,
     Failure::audience_invalid},
    {"OneOfSeveralValidAudiences",
     [](auto& p) { p.valid_audiences = {"api://a", "api://x"}; },
     for_another_audience,
     {}},
    {"ABlankAudienceIsNobodys", [](auto& p) { p.valid_audiences = {"api://a", " "}; }, for_audience(" "),
     Failure::audience_invalid},
    {"AnAudienceOfTheApplication",
     [](auto& p) { p.audience_validator = [](const auto& all) { return all.size() == 1; }; },
     for_another_audience,
     {}},
    {"ASlashMore",
     [](auto& p) { p.ignore_trailing_slash_when_validating_audience = true; },
     for_audience("api://orders/"),
     {}},
    {"ASlashLess",
     [](auto& p) {
       p.valid_audience = "api://orders/";
       p.ignore_trailing_slash_when_validating_audience = true;
     },
     sign(good_claims),
     {}},
    {"TwoSlashesMore", [](auto& p) { p.ignore_trailing_slash_when_validating_audience = true; },
     for_audience("api://orders//"), Failure::audience_invalid},
    {"ASlashAfterSomethingElse", [](auto& p) { p.ignore_trailing_slash_when_validating_audience = true; },
     for_audience("api://Orders/"), Failure::audience_invalid},
    {"AnotherLetterMore", [](auto& p) { p.ignore_trailing_slash_when_validating_audience = true; },
     for_audience("api://orders2"), Failure::audience_invalid},
    {"AnyType", [](auto& p) { p.valid_types.clear(); }, sign(good_claims, k1, "logout+jwt"), {}},
    {"ATypeOfTheApplication",
     [](auto& p) { p.type_validator = [](auto typ) { return typ == "x"; }; },
     sign(good_claims, k1, "x"),
     {}},
    {"ATypeRequiredAndAbsent", [](auto& p) { p.require_type = true; }, sign(good_claims, k1, ""),
     Failure::type_invalid},
    {"ATypeThatIsEmpty", [](auto& p) { p.valid_types = {"JWT", ""}; }, with_header(R"("typ":"")"),
     Failure::type_invalid},
    {"AMediaTypeOfAnotherTree", [](auto& p) { p.valid_types = {"x/jwt"}; },
     sign(good_claims, k1, "application/x/jwt"), Failure::type_invalid},
    {"AnotherTree", [](auto& p) { p.valid_types = {"jwt"}; }, sign(good_claims, k1, "text/jwt"),
     Failure::type_invalid},
    {"AClientInPlaceOfAnAudience",
     [](auto& p) { p.audience_fallback_claim = "client_id"; },
     sign(with_claim("\"aud\"", "\"client_id\"")),
     {}},
    {"AnotherClientInPlaceOfAnAudience", [](auto& p) { p.audience_fallback_claim = "client_id"; },
     sign(with_claim(R"("aud":"api://orders")", R"("client_id":"api://orders2")")),
     Failure::audience_invalid},
    {"AClientBesideAnotherAudience", [](auto& p) { p.audience_fallback_claim = "client_id"; },
     sign(with_claim(R"("aud":"api://orders")", R"("aud":"api://x","client_id":"api://orders")")),
     Failure::audience_invalid},
    {"AClientBesideAnEmptyAudience", [](auto& p) { p.audience_fallback_claim = "client_id"; },
     sign(with_claim(R"("aud":"api://orders")", R"("aud":[],"client_id":"api://orders")")),
     Failure::audience_invalid},
    {"AListOfClientsInPlaceOfAnAudience", [](auto& p) { p.audience_fallback_claim = "client_id"; },
     sign(with_claim(R"("aud":"api://orders")", R"("client_id":["api://orders"])")),
     Failure::audience_invalid},
    {"ANumberInPlaceOfAnAudience",
     [](auto& p) {
       p.audience_fallback_claim = "client_id";
       p.valid_audience = "7";
     },
     sign(with_claim(R"("aud":"api://orders")", R"("client_id":7)")), Failure::audience_invalid},
    {"NeitherAudienceNorClient", [](auto& p) { p.audience_fallback_claim = "client_id"; },
     sign(with_claim(R"("aud":"api://orders",)", "")), Failure::audience_invalid},
    {"AClaimWithoutANameInPlaceOfAnAudience", [](auto&) {}, sign(with_claim("\"aud\"", "\"\"")),
     Failure::audience_invalid},
    {"AClientThatNobodyAskedFor", [](auto&) {}, sign(with_claim("\"aud\"", "\"client_id\"")),
     Failure::audience_invalid},
    {"AClientThatAValidatorIsShown",
     [](auto& p) {
       p.audience_fallback_claim = "client_id";
       p.audience_validator = [](auto audiences) {
         return audiences.size() == 1 && audiences[0] == "api://orders";
       };
     },
     sign(with_claim("\"aud\"", "\"client_id\"")),
     {}},
    {"AClaimThatIsRequired", [](auto& p) { p.required_claims = {"sub", "tenant"}; }, sign(good_claims),
     Failure::claim_missing},
    {"RequiredClaimsThatAreThere",
     [](auto& p) { p.required_claims = {"sub", "exp"}; },
     sign(good_claims),
     {}},
    {"AnAgeWithinTheSkewOfTheFuture",
     [](auto& p) { p.max_token_age = Seconds(300); },
     issued("1780272060"),
     {}},
    {"AnAgeBeyondIt",
     [](auto& p) {
       p.max_token_age = Seconds(300);
       p.validate_lifetime = false;
     },
     issued("1780272061"), Failure::lifetime_invalid},
    {"NoSkew", [](auto& p) { p.clock_skew = Seconds(0); }, sign(good_claims), {}},
    {"AKeyOfItsOwnField",
     [](auto& p) {
       p.issuer_signing_keys.clear();
       p.issuer_signing_key = k1;
     },
     sign(good_claims),
     {}},
    {"AnotherKeyOfItsOwnField", [](auto& p) { p.issuer_signing_key = k2; }, sign(good_claims, k2), {}},
    {"AResolverInsteadOfTheKeys",
     [](auto& p) { p.issuer_signing_key_resolver = [](const auto&) { return std::vector{k2}; }; },
     sign(good_claims), Failure::key_not_found},
    {"EveryKeyBesideTheOneThatIsNamed",
     [](auto& p) {
       p.try_all_issuer_signing_keys = true;
       p.issuer_signing_keys = {k1, k2.with_kid("a"), k2.with_kid("b"), nameless.with_kid("c")};
     },
     sign(good_claims, nameless.with_kid("k1")),
     {}},
    {"EveryKeyForANameThatNobodyHas",
     [](auto& p) {
       p.try_all_issuer_signing_keys = true;
       p.issuer_signing_keys = {k1, k2};
     },
     sign(good_claims, k2.with_kid("zz")),
     {}},
    {"AKeyThatIsTooShort",
     [](auto& p) {
       p.issuer_signing_keys = {rsa_key.with_kid("r")};
       p.key_strength.rsa_bits = 3072;
     },
     jose::sign_compact(good_claims, rsa_key.with_kid("r"), Algorithm::RS256).value(), Failure::weak_key},
    {"AnEmptyPayload", [](auto&) {}, with_payload(""), Failure::malformed},
    {"AnEncryptedTokenWithoutAVector", [](auto&) {}, "eyJhbGciOiJkaXIifQ.AAAA..AAAA.AAAA",
     Failure::malformed},
    {"AnEncryptedTokenWithoutAText", [](auto&) {}, "eyJhbGciOiJkaXIifQ.AAAA.AAAA..AAAA", Failure::malformed},
    {"AnEncryptedTokenWithoutATag", [](auto&) {}, "eyJhbGciOiJkaXIifQ.AAAA.AAAA.AAAA.", Failure::malformed},
    {"AnEncryptedTokenThatIsNoBase64", [](auto&) {}, "eyJhbGciOiJkaXIifQ.!.AAAA.AAAA.AAAA",
     Failure::malformed},
    {"AnEncryptedTokenWhoseHeaderIsNone", [](auto&) {}, "AAAA.AAAA.AAAA.AAAA.AAAA", Failure::malformed},
    {"AReplayCheckWithoutAnExpiry",
     [](auto& p) {
       p.require_expiration_time = false;
       p.validate_token_replay = true;
       p.token_replay_cache = std::make_shared<MemoryReplayCache>();
     },
     without_expiry, Failure::no_expiration},
    {"AnActorThatIsAList", [](auto&) {}, sign(with_claim("\"sub\":\"ada\"", R"("actort":["a"])")),
     Failure::claim_type_invalid},
    {"AnActorThatNobodyAsksFor", [](auto&) {}, sign(with_claim("\"sub\":\"ada\"", R"("actort":"a")")), {}},
    {"NoActor", [](auto& p) { p.validate_actor = true; }, sign(good_claims), {}},
    {"AnActorForAnotherAudience",
     [](auto& p) {
       auto actor = std::make_shared<TokenValidationParameters>(p);
       actor->valid_audience = "api://x";
       p.validate_actor = true;
       p.actor_validation_parameters = actor;
     },
     acting(for_another_audience),
     {}},
};

class Switch : public testing::TestWithParam<SwitchCase> {};

TEST_P(Switch, DecidesWhatPasses) {
  auto with = parameters();
  GetParam().set(with);
  EXPECT_EQ(failure_of(validate(with, GetParam().token)), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(Validate, Switch, testing::ValuesIn(switch_cases),
                         [](const auto& test) { return test.param.name; });

TEST(CompatibilityProfile, SaysThatThereIsNoKeyBeforeItReadsTheClaims) {
  auto original = TokenValidationParameters::aspnet_core();
  original.valid_issuer = "https://issuer.example";
  original.valid_audience = "api://orders";
  EXPECT_EQ(failure_of(validate(original, expired)), Failure::key_not_found);
  original.issuer_signing_keys = {k2};
  EXPECT_EQ(failure_of(validate(original, expired)), Failure::expired);
}

TEST(CompatibilityProfile, ComparesOnlyTheNamesOfCertificatesWithoutCase) {
  auto original = TokenValidationParameters::aspnet_core();
  original.valid_issuer = "https://issuer.example";
  original.valid_audience = "api://orders";
  original.issuer_signing_keys = {k1, k2};
  EXPECT_EQ(failure_of(validate(original, sign(good_claims, k2.with_kid("K1")))), std::nullopt);
  EXPECT_EQ(failure_of(validate(original, sign(good_claims, k2.with_kid("k1")))), Failure::signature_invalid);
}

// A thumbprint that a JWK states without its certificate names nothing.
TEST(CompatibilityProfile, KnowsAThumbprintByItsCertificateOnly) {
  auto original = TokenValidationParameters::aspnet_core();
  original.valid_issuer = "https://issuer.example";
  original.valid_audience = "api://orders";
  std::string jwk = Key::from_pem(test_keys::p256_public)->public_jwk();
  jwk.insert(1, R"("x5t":"abc",)");
  original.issuer_signing_keys = {Key::from_jwk(jwk).value(), k1};
  const std::string token = signed_as_it_stands(base64url::encode(R"({"alg":"HS256","x5t":"abc"})") + "." +
                                                base64url::encode(good_claims));
  EXPECT_EQ(failure_of(validate(original, token)), std::nullopt);
}

TEST(CompatibilityProfile, AKeyNamedByItsThumbprintAloneIsNotFoundWhereItDoesNotVerify) {
  auto original = TokenValidationParameters::aspnet_core();
  original.valid_issuer = "https://issuer.example";
  original.valid_audience = "api://orders";
  const Key key = Key::from_pem(test_keys::p256_certificate, "c").value();
  original.issuer_signing_keys = {key};
  const std::string input = base64url::encode(R"({"alg":"ES256","x5t":")" + key.x5t() + "\"}") + "." +
                            base64url::encode(good_claims);
  EXPECT_EQ(failure_of(validate(original, input + "." + base64url::encode(std::string(64, 'x')))),
            Failure::key_not_found);
}

// Its parameters are not looked at before: a replay that nothing remembers is no replay.
TEST(CompatibilityProfile, AnActorMayDemandNoReplayWithoutACache) {
  auto original = TokenValidationParameters::aspnet_core();
  original.valid_issuer = "https://issuer.example";
  original.valid_audience = "api://orders";
  original.issuer_signing_keys = {k1};
  auto actor = std::make_shared<TokenValidationParameters>(original);
  actor->validate_token_replay = true;
  original.validate_actor = true;
  original.actor_validation_parameters = actor;
  std::string claims(good_claims);
  claims.insert(1, R"("actort":")" + sign(good_claims) + "\",");
  EXPECT_EQ(failure_of(validate(original, sign(claims))), std::nullopt);
}

// --- The dates of a certificate: 2026-01-01 to 2036-01-01

struct CertificateCase {
  const char* name;
  std::int64_t at;  // Unix seconds
  bool is_checked;
  std::optional<Failure> expected;
};

constexpr CertificateCase certificate_cases[] = {
    {"OneSkewBeforeItBegins", 1'767'225'600 - 60, true, {}},
    {"EarlierThanThat", 1'767'225'600 - 61, true, Failure::key_invalid},
    {"OneSkewAfterItsEnd", 2'082'758'400 + 60, true, {}},
    {"LaterThanThat", 2'082'758'400 + 61, true, Failure::key_invalid},
    {"UncheckedAfterItsEnd", 2'082'758'400 + 61, false, {}},
};

class Certificate : public testing::TestWithParam<CertificateCase> {};

TEST_P(Certificate, CountsWithinItsDates) {
  auto with = parameters();
  with.issuer_signing_keys = {Key::from_pem(test_keys::p256_certificate, "c").value()};
  with.validate_issuer_signing_key = GetParam().is_checked;
  with.validate_lifetime = false;
  const std::string token =
      jose::sign_compact(good_claims, Key::from_pem(test_keys::p256, "c").value(), Algorithm::ES256).value();
  const auto validator = TokenValidator::make(with).value();
  EXPECT_EQ(failure_of(validator.validate(token, Instant(Seconds(GetParam().at)))), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(Validate, Certificate, testing::ValuesIn(certificate_cases),
                         [](const auto& test) { return test.param.name; });

TEST(Validate, AnUnknownKidOnAnExpiredTokenIsExpiredSoThatNobodyFetchesKeysForIt) {
  EXPECT_EQ(failure_of(validate(parameters(), sign(with_claim("1780272600", "1780270000"), k2))),
            Failure::expired);
  EXPECT_EQ(failure_of(validate(parameters(), sign(with_claim("api://orders", "x"), k2))),
            Failure::audience_invalid);
}

TEST(Validate, AnUnknownNameIsTriedWithNamelessKeysAndNoOthers) {
  auto with = parameters();
  with.issuer_signing_keys = {nameless, k2};
  EXPECT_EQ(failure_of(validate(with, sign(good_claims, k2.with_kid("k9")))), Failure::key_not_found);
  EXPECT_EQ(failure_of(validate(with, sign(good_claims, nameless.with_kid("k9")))), std::nullopt);
}

TEST(Validate, TheFirstOfTwoKeysOfOneNameThatVerifiesIsTheOne) {
  auto with = parameters();
  const Key twin = Key::symmetric(Secret("the first secret of 32 octets !!"), "k1");
  with.issuer_signing_keys = {k1, twin};
  EXPECT_EQ(validate(with, sign(good_claims))->signing_key->identity(), k1.identity());
}

TEST(Validate, TheFirstOfTwoKeysOfOneNameSaysWhatIsWrong) {
  auto with = parameters();
  with.issuer_signing_keys = {k1, Key::symmetric(Secret("short"), "k1")};
  EXPECT_EQ(failure_of(validate(with, forged(sign(good_claims)))), Failure::signature_invalid);
  std::ranges::reverse(with.issuer_signing_keys);
  EXPECT_EQ(failure_of(validate(with, forged(sign(good_claims)))), Failure::weak_key);
}

TEST(Validate, WhatIsOffByDefaultIsNotExpectedEither) {
  auto with = parameters();
  with.issuer_signing_keys = {k1, Key::generate(Algorithm::ES256K, "k2").value()};
  EXPECT_EQ(TokenValidator::make(with)->expectation(Failure::alg_not_allowed, now),
            "HS256 or HS384 or HS512");
}

TEST(Validate, ParametersOfAnActorNobodyAsksForAreNotRead) {
  auto with = parameters();
  with.actor_validation_parameters = std::make_shared<TokenValidationParameters>();
  EXPECT_TRUE(TokenValidator::make(with));
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
  bool contains(std::string_view token, Instant) const override { return seen_.contains(token); }

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
  EXPECT_EQ(failure_of(validate(original, unsigned_token(R"({"alg":"HS256"})"))), Failure::no_signature);
  original.require_signed_tokens = true;
  EXPECT_EQ(failure_of(validate(original, unsigned_token(R"({"alg":"none"})"))), Failure::no_signature);
  auto ours = parameters();
  ours.require_signed_tokens = false;
  EXPECT_FALSE(TokenValidator::make(ours));
}

using Spoil = std::function<void(TokenValidationParameters&)>;

struct OptionCase {
  const char* name;
  Spoil spoil;
  const char* expected;
};

// What is done to the parameters of the actor, which are otherwise those of the token.
Spoil with_actor(const Spoil& spoil) {
  return [spoil](TokenValidationParameters& parameters) {
    auto actor = std::make_shared<TokenValidationParameters>(parameters);
    spoil(*actor);
    parameters.validate_actor = true;
    parameters.actor_validation_parameters = actor;
  };
}

const OptionCase option_cases[] = {
    {"NoIssuer", [](auto& p) { p.valid_issuer = " "; }, "valid_issuer"},
    {"BlankIssuers",
     [](auto& p) {
       p.valid_issuer = "";
       p.valid_issuers = {"", " "};
     },
     "valid_issuer"},
    {"NoAudience", [](auto& p) { p.valid_audience = ""; }, "valid_audience"},
    {"NoKey", [](auto& p) { p.issuer_signing_keys.clear(); }, "issuer_signing_key"},
    {"ANegativeSkew", [](auto& p) { p.clock_skew = Seconds(-1); }, "clock_skew"},
    {"AnUnknownAlgorithm", [](auto& p) { p.valid_algorithms = {"none"}; }, "'none'"},
    {"ReplayWithoutACache", [](auto& p) { p.validate_token_replay = true; }, "token_replay_cache"},
    {"UnsignedTokens", [](auto& p) { p.require_signed_tokens = false; }, "require_signed_tokens"},
    {"ReplayOfAnActorWithoutACache", with_actor([](auto& p) { p.validate_token_replay = true; }),
     "actor_validation_parameters: validate_token_replay needs"},
    {"AnUnsignedActor", with_actor([](auto& p) { p.require_signed_tokens = false; }),
     "actor_validation_parameters: require_signed_tokens"},
    {"AnActorOfAnotherProfile", with_actor([](auto& p) { p.profile = Profile::aspnet_core; }),
     "actor_validation_parameters has another profile"},
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

const OptionCase enough_cases[] = {
    {"NoIssuerWhereNoneIsChecked",
     [](auto& p) {
       p.valid_issuer = "";
       p.validate_issuer = false;
     },
     ""},
    {"NoIssuerBesideAValidator",
     [](auto& p) {
       p.valid_issuer = "";
       p.issuer_validator = [](auto) { return true; };
     },
     ""},
    {"AListOfIssuers",
     [](auto& p) {
       p.valid_issuer = "";
       p.valid_issuers = {"https://issuer.example"};
     },
     ""},
    {"NoAudienceWhereNoneIsChecked",
     [](auto& p) {
       p.valid_audience = "";
       p.validate_audience = false;
     },
     ""},
    {"NoAudienceBesideAValidator",
     [](auto& p) {
       p.valid_audience = "";
       p.audience_validator = [](const auto&) { return true; };
     },
     ""},
    {"NoKeyBesideAResolver",
     [](auto& p) {
       p.issuer_signing_keys.clear();
       p.issuer_signing_key_resolver = [](const auto&) { return std::vector<Key>(); };
     },
     ""},
    {"ReplayWithACache",
     [](auto& p) {
       p.validate_token_replay = true;
       p.token_replay_cache = std::make_shared<MemoryReplayCache>();
     },
     ""},
    {"AnActorWithParametersOfItsOwn", with_actor([](auto& p) { p.valid_audience = "api://x"; }), ""},
    {"NothingInTheCompatibilityProfile", [](auto& p) { p = TokenValidationParameters::aspnet_core(); }, ""},
};

class Enough : public testing::TestWithParam<OptionCase> {};

TEST_P(Enough, LetsItStart) {
  auto changed = parameters();
  GetParam().spoil(changed);
  const auto made = TokenValidator::make(changed);
  EXPECT_EQ(made ? "" : made.error().subject, "");
}

INSTANTIATE_TEST_SUITE_P(Validate, Enough, testing::ValuesIn(enough_cases),
                         [](const auto& test) { return test.param.name; });

TEST(Validate, KeepsItsTextOnlyWhenAskedTo) {
  auto with = parameters();
  const std::string token = sign(good_claims);
  EXPECT_EQ(validate(with, token)->text, "");
  with.save_signin_token = true;
  EXPECT_EQ(validate(with, token)->text, token);
}

TEST(Expectation, SaysWhatWouldHavePassed) {
  const auto validator = TokenValidator::make(parameters()).value();
  EXPECT_EQ(validator.expectation(Failure::issuer_invalid, now), "https://issuer.example");
  EXPECT_EQ(validator.expectation(Failure::expired, now), "exp no earlier than 2026-05-31T23:59:00Z");
  EXPECT_EQ(validator.expectation(Failure::alg_not_allowed, now), "HS256 or HS384 or HS512");
  EXPECT_EQ(validator.expectation(Failure::signature_invalid, now), "");
  auto listed = parameters();
  listed.valid_algorithms = {"HS256"};
  EXPECT_EQ(TokenValidator::make(listed)->expectation(Failure::alg_not_allowed, now), "HS256");
}

}  // namespace
}  // namespace gatehouse::tokens
