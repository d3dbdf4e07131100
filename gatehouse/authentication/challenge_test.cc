#include "gatehouse/authentication/challenge.h"

#include <gtest/gtest.h>

namespace gatehouse::authentication {
namespace {

struct ChallengeCase {
  const char* name;
  ChallengeParameters parameters;
  const char* expected;
};

const ChallengeCase challenge_cases[] = {
    {"IsBareWithoutParameters", {}, "Bearer"},
    {"CarriesTheError", {.error = "invalid_token"}, "Bearer error=\"invalid_token\""},
    {"JoinsParametersByCommas",
     {.realm = "orders",
      .error = "invalid_token",
      .error_description = "d",
      .error_uri = "https://e.example/x"},
     "Bearer realm=\"orders\", error=\"invalid_token\", error_description=\"d\", "
     "error_uri=\"https://e.example/x\""},
    {"ContinuesAChallengeThatHasParameters",
     {.challenge = "Bearer realm=\"a\"", .error = "invalid_token"},
     "Bearer realm=\"a\", error=\"invalid_token\""},
    {"LeavesOutWhatIsEmpty", {.error_description = "only words"}, "Bearer error_description=\"only words\""},
    {"CannotBeEndedByAQuote", {.error = "a\", evil=\"b"}, "Bearer error=\"a', evil='b\""},
    {"CannotBeSplitByALineBreak", {.error = "a\r\nSet-Cookie: x"}, "Bearer error=\"a??Set-Cookie: x\""},
};

class Challenge : public testing::TestWithParam<ChallengeCase> {};

TEST_P(Challenge, IsOneWellFormedHeader) {
  EXPECT_EQ(make_challenge(GetParam().parameters), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(Rfc6750, Challenge, testing::ValuesIn(challenge_cases),
                         [](const auto& test) { return test.param.name; });

TEST(ChallengeValue, HoldsOnlyCharactersThatRfc6750Allows) {
  std::string all;
  for (int c = 0; c < 256; ++c) all += static_cast<char>(c);
  for (const char c : encode_challenge_value(all.substr(0, 128)) + encode_challenge_value(all.substr(128))) {
    EXPECT_TRUE(c >= ' ' && c <= '~' && c != '"' && c != '\\') << static_cast<int>(c);
  }
}

TEST(ChallengeValue, KeepsWhatIsAllowedAndReplacesTheRest) {
  EXPECT_EQ(encode_challenge_value(" ~aZ09"), " ~aZ09");
  EXPECT_EQ(encode_challenge_value("\"\\\x1F\x7F"), "'/??");
}

TEST(ChallengeValue, IsCutAtItsCap) {
  EXPECT_EQ(encode_challenge_value(std::string(256, 'a')), std::string(256, 'a'));
  EXPECT_EQ(encode_challenge_value(std::string(257, 'a')), std::string(253, 'a') + "...");
}

struct SentenceCase {
  const char* name;
  Error failure;
  const char* expected;
};

const SentenceCase sentence_cases[] = {
    {"Expired", {Failure::expired, "2026-06-01T00:00:00Z"}, "The token expired at '06/01/2026 00:00:00'"},
    {"NotYetValid",
     {Failure::not_yet_valid, "2026-06-01T00:00:00Z"},
     "The token is not valid before '06/01/2026 00:00:00'"},
    {"LifetimeInvalid",
     {Failure::lifetime_invalid, "2026-06-01T00:00:01Z/2026-06-01T00:00:00Z"},
     "The token lifetime is invalid; NotBefore: '06/01/2026 00:00:01', Expires: '06/01/2026 00:00:00'"},
    {"LifetimeInvalidWithoutDates",
     {Failure::lifetime_invalid, ""},
     "The token lifetime is invalid; NotBefore: '', Expires: ''"},
    {"ExpiredInWords", {Failure::expired, "long ago"}, "The token expired at 'long ago'"},
    {"NoSignature", {Failure::no_signature}, "The signature is invalid"},
    {"Issuer", {Failure::issuer_invalid, "https://a.example"}, "The issuer 'https://a.example' is invalid"},
    {"NoExpiration", {Failure::no_expiration}, "The token has no expiration"},
    {"KeyNotFound", {Failure::key_not_found, "k1"}, "The signature key was not found"},
    {"Signature", {Failure::signature_invalid}, "The signature is invalid"},
    {"MalformedSaysNothing", {Failure::malformed, "secret stuff"}, ""},
};

class Sentence : public testing::TestWithParam<SentenceCase> {};

TEST_P(Sentence, IsTheOriginals) {
  EXPECT_EQ(describe_for_client(GetParam().failure, tokens::TokenValidationParameters::aspnet_core()),
            GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(AspNetCore, Sentence, testing::ValuesIn(sentence_cases),
                         [](const auto& test) { return test.param.name; });

struct AudienceCase {
  const char* name;
  const char* seen;
  void (*set)(tokens::TokenValidationParameters&);
  const char* expected;
};

const AudienceCase audience_cases[] = {
    {"NamesItWhereNoneIsConfigured", "api://x", [](auto&) {}, "api://x"},
    {"NamesItWhereOnlyABlankOneIs", "api://x", [](auto& p) { p.valid_audience = " "; }, "api://x"},
    {"HidesItBesideAnother", "api://x", [](auto& p) { p.valid_audience = "api://a"; }, "(null)"},
    {"HidesItBesideAList", "api://x", [](auto& p) { p.valid_audiences = {"api://a"}; }, "(null)"},
    {"SaysThatThereIsNone", "(none)", [](auto& p) { p.valid_audience = "api://a"; }, "empty"},
    {"NamesItInOurProfile", "api://x",
     [](auto& p) {
       p.valid_audience = "api://a";
       p.profile = tokens::Profile::gatehouse;
     },
     "api://x"},
};

class AudienceSentence : public testing::TestWithParam<AudienceCase> {};

TEST_P(AudienceSentence, IsTheOriginals) {
  auto parameters = tokens::TokenValidationParameters::aspnet_core();
  GetParam().set(parameters);
  EXPECT_EQ(describe_for_client({Failure::audience_invalid, GetParam().seen}, parameters),
            std::string("The audience '") + GetParam().expected + "' is invalid");
}

INSTANTIATE_TEST_SUITE_P(AspNetCore, AudienceSentence, testing::ValuesIn(audience_cases),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace gatehouse::authentication
