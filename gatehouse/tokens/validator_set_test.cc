#include "gatehouse/tokens/validator_set.h"

#include <gtest/gtest.h>

#include "gatehouse/base/base64url.h"
#include "gatehouse/jose/jws.h"
#include "gatehouse/tokens/claim_mapping.h"

namespace gatehouse::tokens {
namespace {

using jose::Algorithm;
using jose::Key;

constexpr Instant now{Seconds(1'780'272'000)};
const Key ours = Key::symmetric(Secret("the first secret, of forty-eight octets or more !!"), "k");
const Key theirs = Key::symmetric(Secret("the other secret, of forty-eight octets or more !!"), "k");

TokenValidationParameters trusting(std::string issuer, std::string audience, const Key& key) {
  return {
      .valid_issuer = std::move(issuer), .valid_audience = std::move(audience), .issuer_signing_key = key};
}

TokenValidatorSet two_issuers() {
  auto strict = trusting("https://theirs.example", "api://theirs", theirs);
  strict.clock_skew = Seconds(0);
  strict.valid_algorithms = {"HS384"};
  return TokenValidatorSet::make({trusting("https://ours.example", "api://ours", ours), strict}).value();
}

std::string token(std::string_view issuer, std::string_view audience, const Key& key,
                  Algorithm algorithm = Algorithm::HS256, int exp = 600) {
  const std::string payload = "{\"iss\":\"" + std::string(issuer) + "\",\"aud\":\"" + std::string(audience) +
                              "\",\"sub\":\"ada\",\"exp\":" + std::to_string(to_unix_seconds(now) + exp) +
                              "}";
  return jose::sign_compact(payload, key, algorithm).value();
}

// Signed by them, of that many characters or few more.
std::string padded(std::size_t size, std::string_view issuer) {
  std::string audience = "api://theirs\",\"x\":\"" + std::string(size * 3 / 4 - 300, 'x');
  for (;; audience += 'x') {
    std::string made = token(issuer, audience, theirs, Algorithm::HS384);
    if (made.size() >= size) return made;
  }
}

struct IssuerCase {
  const char* name;
  std::string token;
  std::optional<Failure> expected;
};

const IssuerCase issuer_cases[] = {
    {"OurToken", token("https://ours.example", "api://ours", ours), {}},
    {"TheirToken", token("https://theirs.example", "api://theirs", theirs, Algorithm::HS384), {}},
    {"OurKeyForTheirIssuer", token("https://theirs.example", "api://theirs", ours, Algorithm::HS384),
     Failure::signature_invalid},
    {"TheirKeyForOurIssuer", token("https://ours.example", "api://ours", theirs), Failure::signature_invalid},
    {"TheirAudienceFromUs", token("https://ours.example", "api://theirs", ours), Failure::audience_invalid},
    {"OurAlgorithmFromThem", token("https://theirs.example", "api://theirs", theirs),
     Failure::alg_not_allowed},
    {"WithinOurSkew", token("https://ours.example", "api://ours", ours, Algorithm::HS256, -30), {}},
    {"BeyondTheirSkew", token("https://theirs.example", "api://theirs", theirs, Algorithm::HS384, -30),
     Failure::expired},
    {"AStranger", token("https://else.example", "api://ours", ours), Failure::issuer_invalid},
    {"AStrangerWithAnotherKey", token("https://else.example", "api://ours", theirs), Failure::issuer_invalid},
    {"NoIssuer", token("", "api://ours", ours), Failure::issuer_invalid},
    {"NoToken", "no token", Failure::malformed},
    {"APayloadAlone", base64url::encode(R"({"iss":"https://else.example"})"), Failure::malformed},
    {"OnePointAlone", "no.token", Failure::malformed},
    {"APayloadThatIsNoBase64", "e30.!.AA", Failure::malformed},
    {"APayloadThatIsNoJson", "e30.AAAA.AA", Failure::malformed},
    {"TheirTokenOfTheLargestSize", padded(16'384, "https://theirs.example"), {}},
    {"AStrangersTokenBeyondTheCap", padded(16'388, "https://else.example"), Failure::too_large},
};

class Issuers : public testing::TestWithParam<IssuerCase> {};

TEST_P(Issuers, EachJudgesItsOwnTokens) {
  const auto validator = two_issuers().choose(GetParam().token);
  const auto judged = validator ? (*validator)->validate(GetParam().token, now)
                                : Result<Token>(std::unexpected(validator.error()));
  EXPECT_EQ(judged ? std::nullopt : std::optional(judged.error().kind), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(TokenValidatorSet, Issuers, testing::ValuesIn(issuer_cases),
                         [](const auto& test) { return test.param.name; });

struct TemplateCase {
  const char* pattern;
  const char* issuer;
  bool matches;
};

TEST(IssuerTemplate, StandsForOneTenantInOnePlace) {
  constexpr const char* pattern = "https://login.example/{tenantid}/v2.0";
  const TemplateCase cases[] = {
      {pattern, "https://login.example/a1-B2/v2.0", true},
      {pattern, "https://login.example//v2.0", false},
      {pattern, "https://login.example/a/b/v2.0", false},
      {pattern, "https://login.example/a?b/v2.0", false},
      {pattern, "https://other.example/a/v2.0", false},
      {pattern, "https://login.example/a/v1.0", false},
      {pattern, "xhttps://login.example/a/v2.0", false},
      {pattern, "https://login.example/a/v2.0x", false},
      {pattern, "", false},
      {"https://login.example/{tenantid}", "https://login.example/a", true},
      {"{tenantid}", "a", true},
      {"https://login.example/v2.0", "https://login.example/v2.0", false},
  };
  for (const auto& [of, issuer, matches] : cases)
    EXPECT_EQ(matches_issuer_template(of, issuer), matches) << of << " " << issuer;
}

TEST(TokenValidatorSet, RefusesIssuersThatOverlapOrHaveNoName) {
  const auto one = trusting("https://ours.example", "api://ours", ours);
  EXPECT_FALSE(TokenValidatorSet::make({one, one}));
  EXPECT_FALSE(TokenValidatorSet::make({}));
  auto nameless = one;
  nameless.valid_issuer.clear();
  nameless.validate_issuer = false;
  EXPECT_FALSE(TokenValidatorSet::make({nameless}));
  nameless.validate_issuer = true;
  nameless.issuer_validator = [](auto) { return true; };
  EXPECT_FALSE(TokenValidatorSet::make({nameless}));
  auto unchecked = one;
  unchecked.validate_issuer = false;
  EXPECT_FALSE(TokenValidatorSet::make({unchecked}));
}

TEST(TokenValidatorSet, KnowsEveryIssuerOfAListAndTheFirstOfAll) {
  auto several = trusting("", "api://ours", ours);
  several.valid_issuers = {"https://a.example", "https://b.example"};
  const auto set =
      TokenValidatorSet::make({several, trusting("https://c.example", "api://c", theirs)}).value();
  const auto chosen = [&](const char* issuer) { return *set.choose(token(issuer, "x", ours)); };
  EXPECT_EQ(chosen("https://a.example"), chosen("https://b.example"));
  EXPECT_NE(chosen("https://a.example"), chosen("https://c.example"));
  EXPECT_EQ(set.first(), chosen("https://a.example"));
}

// --- what else parameters can ask for ---------------------------------------------------------------------

Result<Token> validated(const TokenValidationParameters& with, std::string_view payload,
                        std::string_view typ) {
  const std::string text = jose::sign_compact(payload, ours, Algorithm::HS256, typ).value();
  return TokenValidator::make(with).value().validate(text, now);
}

TEST(Rfc9068, IsOneSwitch) {
  auto with = trusting("https://ours.example", "api://ours", ours);
  with.rfc9068 = true;
  const std::string whole =
      R"({"iss":"https://ours.example","aud":"api://ours","sub":"ada","client_id":"web","iat":1780272000,)"
      R"("jti":"1","exp":1780272600})";
  EXPECT_TRUE(validated(with, whole, "at+jwt"));
  EXPECT_TRUE(validated(with, whole, "application/at+jwt"));
  EXPECT_EQ(validated(with, whole, "JWT").error().kind, Failure::type_invalid);
  for (const char* name : {"sub", "client_id", "iat", "jti"}) {
    std::string without = whole;
    without.replace(without.find('"' + std::string(name) + '"') + 1, 1, "X");
    EXPECT_EQ(validated(with, without, "at+jwt").error(), (Error{Failure::claim_missing, name}));
  }
}

TEST(CustomValidators, StandInThePlaceOfTheChecks) {
  const std::string payload =
      R"({"iss":"https://tenant-7.example","aud":["a","b"],"sub":"ada","exp":1780272600})";
  TokenValidationParameters with{.issuer_signing_key_resolver = [](const jose::Header& header) {
    return header.kid == "k" ? std::vector{ours} : std::vector<Key>();
  }};
  with.issuer_validator = [](std::string_view issuer) { return issuer.starts_with("https://tenant-"); };
  with.audience_validator = [](const auto& audiences) { return audiences.size() == 2; };
  EXPECT_TRUE(validated(with, payload, "JWT"));

  const auto failure = [&](auto change) {
    TokenValidationParameters changed = with;
    change(changed);
    return validated(changed, payload, "JWT").error().kind;
  };
  EXPECT_EQ(failure([](auto& p) { p.issuer_validator = [](auto) { return false; }; }),
            Failure::issuer_invalid);
  EXPECT_EQ(failure([](auto& p) { p.audience_validator = [](const auto&) { return false; }; }),
            Failure::audience_invalid);
  EXPECT_EQ(failure([](auto& p) { p.lifetime_validator = [](auto, auto, auto) { return false; }; }),
            Failure::lifetime_invalid);
  EXPECT_EQ(failure([](auto& p) { p.type_validator = [](auto) { return false; }; }), Failure::type_invalid);
  EXPECT_EQ(failure([](auto& p) {
              p.issuer_signing_key_resolver = [](const auto&) { return std::vector<Key>(); };
            }),
            Failure::key_not_found);
}

TEST(ClaimPaths, ReachIntoObjects) {
  auto with = trusting("https://ours.example", "api://ours", ours);
  with.role_claim_types = {"realm_access.roles", "resource_access.my.api.roles", "https://ours.example/roles",
                           "realm_access..roles"};
  with.name_claim_types = {"profile.name", "sub"};
  const auto identity = [&](const std::string& members) {
    const auto token = validated(
        with,
        R"({"iss":"https://ours.example","aud":"api://ours","sub":"ada","exp":1780272600,)" + members + "}",
        "JWT");
    return to_identity(token.value(), with);
  };
  const auto keycloak =
      identity(R"("realm_access":{"roles":["Admin","Clerk",7,["Nested"],{"a":"Object"}]},)"
               R"("resource_access":{"my.api":{"roles":"Reader"}},"profile":{"name":"Ada L."})");
  for (const char* role : {"Admin", "Clerk", "Reader"}) EXPECT_TRUE(keycloak.is_in_role(role)) << role;
  for (const char* none : {"7", "Nested", R"(["Nested"])", R"({"a":"Object"})", R"({"roles":"Reader"})"})
    EXPECT_FALSE(keycloak.is_in_role(none)) << none;
  EXPECT_FALSE(keycloak.has_claim("realm_access.roles", "")) << "what is no text is left out";
  EXPECT_EQ(*keycloak.name(), "Ada L.");
  EXPECT_EQ(keycloak.find_first("realm_access.roles")->issuer, "https://ours.example");

  EXPECT_TRUE(identity(R"("https://ours.example/roles":["Admin"])").is_in_role("Admin"))
      << "no path but a name";
  EXPECT_FALSE(identity(R"("realm_access":["Admin"])").is_in_role("Admin"));
  EXPECT_FALSE(identity(R"("realm_access":"{\"roles\":[\"Admin\"]}")").is_in_role("Admin"))
      << "text that looks like an object is none";
  EXPECT_FALSE(identity(R"("realm_access":{"":{"roles":["Admin"]}})").is_in_role("Admin"));
  EXPECT_FALSE(identity(R"("realm_access":{"other":{"roles":["Admin"]}})").is_in_role("Admin"));
  EXPECT_FALSE(
      identity(R"("realm_access.roles":"Own","realm_access":{"roles":["Admin"]})").is_in_role("Admin"));
}

}  // namespace
}  // namespace gatehouse::tokens
