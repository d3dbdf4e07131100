// TokenValidator::validity says of a token what validating it at every instant would.
#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <string>

#include "gatehouse/base/base64url.h"
#include "gatehouse/jose/jws.h"
#include "gatehouse/tokens/memory_replay_cache.h"
#include "gatehouse/tokens/validate.h"
#include "tests/support/test_keys.h"

namespace gatehouse::tokens {
namespace {

using jose::Algorithm;
using jose::Key;
using Parameters = TokenValidationParameters;

constexpr Instant now{Seconds(1'780'272'000)};

// Within the dates of the certificate, and signed by its key.
Parameters parameters() {
  return {.valid_issuer = "https://issuer.example",
          .valid_audience = "api://orders",
          .issuer_signing_key = Key::from_pem(test_keys::p256_certificate, "k1").value()};
}

std::string token_with(const std::string& claims) {
  const std::string all = R"({"iss":"https://issuer.example","aud":"api://orders")" + claims + "}";
  return jose::sign_compact(all, Key::from_pem(test_keys::p256, "k1").value(), Algorithm::ES256).value();
}

struct ValidityCase {
  const char* name;
  std::string claims;
  std::function<void(Parameters&)> adjust;
};

const std::vector<ValidityCase> cases = {
    {"Expiry", R"(,"exp":1780272600)", [](Parameters&) {}},
    {"NoSkew", R"(,"exp":1780272600,"nbf":1780271000)", [](Parameters& p) { p.clock_skew = Seconds(0); }},
    {"Window", R"(,"exp":1780272600,"nbf":1780271000)", [](Parameters&) {}},
    {"IssuedLaterThanBegun", R"(,"exp":1780272600,"nbf":1780271000,"iat":1780271500)", [](Parameters&) {}},
    {"Fraction", R"(,"exp":1780272600.25)", [](Parameters&) {}},
    {"Age", R"(,"exp":1780272600,"iat":1780271800)", [](Parameters& p) { p.max_token_age = Seconds(300); }},
    {"NoLifetime", R"(,"iat":1780271800)",
     [](Parameters& p) {
       p.validate_lifetime = false;
       p.max_token_age = Seconds(300);
     }},
    {"AnyTime", "", [](Parameters& p) { p.validate_lifetime = false; }},
    {"AnyTimeThoughItEnds", R"(,"exp":1780272600,"nbf":1780271000)",
     [](Parameters& p) { p.validate_lifetime = false; }},
    {"NoExpiry", "", [](Parameters& p) { p.require_expiration_time = false; }},
    {"LastsForEver", R"(,"exp":253402300799)", [](Parameters&) {}},
    {"NoCertificateDates", R"(,"exp":9000000000)",
     [](Parameters& p) { p.validate_issuer_signing_key = false; }},
    {"Original", R"(,"exp":1780272600,"iat":1780272500)",
     [](Parameters& p) { p.profile = Profile::aspnet_core; }},
};

class EveryInstant : public testing::TestWithParam<ValidityCase> {};

TEST_P(EveryInstant, IsAcceptedAsTheValiditySays) {
  Parameters with = parameters();
  GetParam().adjust(with);
  const TokenValidator validator = TokenValidator::make(with).value();
  const std::string text = token_with(GetParam().claims);
  const auto token = validator.validate(text, now);
  ASSERT_TRUE(token) << describe(token.error());
  const auto validity = validator.validity(*token);
  ASSERT_TRUE(validity);

  // Around every instant that any rule speaks of, to the millisecond.
  const Key key = *with.issuer_signing_key;
  std::set<Instant> instants = {now, key.not_before(), key.not_after()};
  for (const long long second : {1780271000LL, 1780271500LL, 1780271800LL, 1780272100LL, 1780272500LL,
                                 1780272600LL, 9000000000LL, 253402300799LL})
    instants.insert(Instant(Seconds(second)));
  for (const Instant around : instants)
    for (const int seconds : {-301, -300, -61, -60, 0, 60, 61, 300, 301})
      for (const int milliseconds : {-1, 0, 1, 249, 250, 251}) {
        const Instant then = around + Seconds(seconds) + std::chrono::milliseconds(milliseconds);
        EXPECT_EQ(validity->holds(then), validator.validate(text, then).has_value()) << format_instant(then);
      }
}

INSTANTIATE_TEST_SUITE_P(Validity, EveryInstant, testing::ValuesIn(cases),
                         [](const auto& test) { return test.param.name; });

TEST(ValidityOfNoKey, IsThatOfTheClaims) {
  Parameters unsigned_too = Parameters::aspnet_core();
  unsigned_too.valid_issuer = "https://issuer.example";
  unsigned_too.valid_audience = "api://orders";
  unsigned_too.require_signed_tokens = false;
  unsigned_too.validate_issuer_signing_key = true;
  const TokenValidator validator = TokenValidator::make(unsigned_too).value();
  const std::string header = R"({"alg":"none"})",
                    claims = R"({"iss":"https://issuer.example","aud":"api://orders","exp":1780272600})";
  const auto token =
      validator.validate(base64url::encode(header) + '.' + base64url::encode(claims) + '.', now);
  ASSERT_TRUE(token) << describe(token.error());
  EXPECT_EQ(validator.validity(*token)->until, Instant(Seconds(1780272900)));
}

struct UnknownCase {
  const char* name;
  std::function<void(Parameters&)> adjust;
};

const std::vector<UnknownCase> unknown_cases = {
    {"Lifetime", [](Parameters& p) { p.lifetime_validator = [](auto, auto, auto) { return true; }; }},
    {"Audience", [](Parameters& p) { p.audience_validator = [](auto) { return true; }; }},
    {"Issuer", [](Parameters& p) { p.issuer_validator = [](auto) { return true; }; }},
    {"Type", [](Parameters& p) { p.type_validator = [](auto) { return true; }; }},
    {"Keys",
     [](Parameters& p) {
       p.issuer_signing_key_resolver = [key = *p.issuer_signing_key](auto&) { return std::vector{key}; };
     }},
    {"DecryptionKeys",
     [](Parameters& p) { p.token_decryption_key_resolver = [](auto&) { return std::vector<Key>(); }; }},
    {"Replay",
     [](Parameters& p) {
       p.validate_token_replay = true;
       p.token_replay_cache = std::make_shared<MemoryReplayCache>();
     }},
    {"Actor", [](Parameters& p) { p.validate_actor = true; }},
};

class UnknownValidity : public testing::TestWithParam<UnknownCase> {};

TEST_P(UnknownValidity, IsLeftToValidationItself) {
  Parameters with = parameters();
  GetParam().adjust(with);
  const TokenValidator validator = TokenValidator::make(with).value();
  const std::string inner = token_with(R"(,"exp":1780272600)");
  const auto token = validator.validate(token_with(R"(,"exp":1780272600,"actort":")" + inner + '"'), now);
  ASSERT_TRUE(token) << describe(token.error());
  EXPECT_EQ(validator.validity(*token), std::nullopt);
}

INSTANTIATE_TEST_SUITE_P(Validity, UnknownValidity, testing::ValuesIn(unknown_cases),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace gatehouse::tokens
