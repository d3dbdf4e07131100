#include "gatehouse/tokens/explain.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "gatehouse/base/base64url.h"
#include "gatehouse/jose/jws.h"
#include "gatehouse/tokens/memory_replay_cache.h"
#include "gatehouse/tokens/token_descriptor.h"
#include "tests/support/test_keys.h"

namespace gatehouse::tokens {
namespace {

using jose::Algorithm;
using jose::Key;

constexpr Instant now{Seconds(1'780'272'000)};

const Key k1 = Key::from_pem(test_keys::p256, "k1").value();
const Key k2 = Key::from_pem(test_keys::p256_public, "k2").value();
const Key rsa = Key::from_pem(test_keys::rsa, "r1").value();
const Key secret = Key::symmetric(Secret("a secret without a kid, 32 long."));

TokenValidationParameters parameters() {
  return {.valid_issuer = "https://issuer.example",
          .valid_audience = "api://orders",
          .issuer_signing_keys = {Key::from_pem(test_keys::p256_public, "k1").value()}};
}

TokenDescriptor good() {
  return {.issuer = "https://issuer.example",
          .audiences = {"api://orders"},
          .subject = "ada",
          .id = "1",
          .issued_at = now - Seconds(540),
          .not_before = now - Seconds(540),
          .expires = now + Seconds(60)};
}

std::string signed_by(const Key& key, Algorithm algorithm, const TokenDescriptor& descriptor = good()) {
  return write(descriptor, key, algorithm).value();
}

std::string token_of(const TokenDescriptor& descriptor) {
  return signed_by(k1, Algorithm::ES256, descriptor);
}

Explanation explained(std::string_view token, const TokenValidationParameters& with = parameters()) {
  return explain(token, TokenValidator::make(with).value(), now);
}

TEST(Explain, ShowsWhatAGoodTokenWasSeenToSay) {
  const Explanation explanation = explained(token_of(good()));
  EXPECT_TRUE(explanation.is_accepted());
  EXPECT_TRUE(explanation.fixes.empty());
  EXPECT_EQ(explanation.of(Check::key).seen, "kid k1");
  EXPECT_EQ(explanation.of(Check::lifetime).seen, "issued 9 min ago, 2 min left after skew");
  EXPECT_EQ(explanation.of(Check::audience).seen, "api://orders");
  EXPECT_EQ(explanation.of(Check::audience).expected, "api://orders");
  EXPECT_EQ(explanation.of(Check::issuer).verdict, CheckVerdict::passed);
  EXPECT_EQ(explanation.of(Check::replay).verdict, CheckVerdict::off);
  EXPECT_FALSE(explanation.of(Check::audience).is_unverified);
}

TEST(Explain, FindsEveryFailureAndReportsTheFirst) {
  auto descriptor = good();
  descriptor.audiences = {"orders"};
  descriptor.issuer = "https://other.example";
  descriptor.type = "logout+jwt";
  const Explanation explanation = explained(token_of(descriptor));
  EXPECT_EQ(explanation.failure()->kind, Failure::audience_invalid);
  EXPECT_EQ(explanation.of(Check::lifetime).verdict, CheckVerdict::passed);
  for (const Check check : {Check::audience, Check::issuer, Check::type})
    EXPECT_EQ(explanation.of(check).verdict, CheckVerdict::failed) << name(check);
}

TEST(Explain, JudgesAForgedTokenOnToItsEndAndSaysThatNobodySignedIt) {
  auto descriptor = good();
  descriptor.audiences = {"orders"};
  std::string token = token_of(descriptor);
  token[token.size() - 8] = token[token.size() - 8] == 'A' ? 'B' : 'A';
  const Explanation explanation = explained(token);
  EXPECT_EQ(explanation.failure()->kind, Failure::signature_invalid);
  EXPECT_EQ(explanation.of(Check::audience).verdict, CheckVerdict::failed);
  EXPECT_TRUE(explanation.of(Check::audience).is_unverified);
  EXPECT_FALSE(explanation.of(Check::key).is_unverified);
}

TEST(Explain, ReachesNothingInWhatIsNoToken) {
  const Explanation explanation = explained("secret-session-id");
  EXPECT_EQ(explanation.failure()->kind, Failure::malformed);
  EXPECT_EQ(explanation.of(Check::signature).verdict, CheckVerdict::not_reached);
  EXPECT_EQ(explanation.of(Check::audience).verdict, CheckVerdict::not_reached);
}

TEST(Explain, UsesNoTokenUp) {
  auto with = parameters();
  with.validate_token_replay = true;
  with.token_replay_cache = std::make_shared<MemoryReplayCache>();
  const auto validator = TokenValidator::make(with).value();
  const std::string token = token_of(good());
  EXPECT_TRUE(explain(token, validator, now).is_accepted());
  EXPECT_TRUE(explain(token, validator, now).is_accepted());
  EXPECT_TRUE(validator.validate(token, now));
  EXPECT_EQ(explain(token, validator, now).failure()->kind, Failure::replayed);
}

TEST(Explain, LooksIntoWhatIsEncrypted) {
  auto with = parameters();
  with.token_decryption_keys = {rsa};
  const EncryptingCredentials to_us{.key = rsa, .algorithm = jose::KeyManagement::RSA_OAEP_256};
  const std::string token = write(good(), k1, Algorithm::ES256, to_us).value();
  const Explanation opened = explained(token, with);
  EXPECT_TRUE(opened.is_accepted());
  EXPECT_EQ(opened.of(Check::decryption).seen, "JWT, ES256, kid k1");
  const Explanation closed = explained(token);
  EXPECT_EQ(closed.failure()->kind, Failure::decryption_failed);
  EXPECT_EQ(closed.of(Check::read).verdict, CheckVerdict::passed);
  EXPECT_EQ(closed.of(Check::decryption).verdict, CheckVerdict::failed);
}

TEST(Explain, ShortensWhatIsLong) {
  auto descriptor = good();
  descriptor.audiences = {std::string(3000, 'x')};
  EXPECT_LT(explained(token_of(descriptor)).of(Check::audience).seen.size(), 210u);
}

TEST(Explain, ReadsWhatNobodyVouchesFor) {
  auto with = parameters();
  with.issuer_signing_keys = {rsa};
  const auto validator = TokenValidator::make(with).value();
  const auto token = read_unverified(token_of(good()), validator);
  EXPECT_EQ(token->claims.subject(), "ada");
  EXPECT_FALSE(read_unverified("a.b", validator));
}

// --- Fixes

struct FixCase {
  const char* name;
  std::string token;
  TokenValidationParameters with;
  Fix first;  // its sentence is part of the one found
};

TokenDescriptor changed(void (*change)(TokenDescriptor&)) {
  TokenDescriptor descriptor = good();
  change(descriptor);
  return descriptor;
}

TokenValidationParameters adjusted(void (*adjust)(TokenValidationParameters&)) {
  TokenValidationParameters with = parameters();
  adjust(with);
  return with;
}

const std::vector<FixCase> fix_cases = {
    {"AnAudienceButForASlash",
     token_of(changed([](auto& d) { d.audiences = {"api://orders/"}; })),
     parameters(),
     {FixKind::setting, "differ only by a slash", "Jwt:Audiences", R"(["api://orders", "api://orders/"])"}},
    {"AnAudienceButForCase",
     token_of(changed([](auto& d) { d.audiences = {"x", "API://Orders"}; })),
     parameters(),
     {FixKind::setting, "by upper and lower case", "Jwt:Audiences", R"(["api://orders", "API://Orders"])"}},
    {"AnotherAudience",
     token_of(changed([](auto& d) { d.audiences = {"orders"}; })),
     parameters(),
     {FixKind::client, "asks for the right API", "", "resource=api://orders"}},
    {"NoAudience",
     token_of(changed([](auto& d) { d.audiences = {}; })),
     parameters(),
     {FixKind::issuer, "writes `aud`", "", R"("api://orders")"}},
    {"AnIssuerButForASlash",
     token_of(changed([](auto& d) { d.issuer = "https://issuer.example/"; })),
     parameters(),
     {FixKind::setting, "differ only by a slash", "Jwt:Issuers",
      R"(["https://issuer.example", "https://issuer.example/"])"}},
    {"ATokenThatHasJustExpired",
     token_of(changed([](auto& d) { d.expires = now - Seconds(90); })),
     parameters(),
     {FixKind::client, "fetches a new token", "", ""}},
    {"ATokenOfAnAheadClock",
     token_of(changed([](auto& d) {
       d.not_before = now + Seconds(90);
       d.expires = now + Seconds(600);
     })),
     parameters(),
     {FixKind::clock, "compare the clocks of issuer and API: 90 s", "", ""}},
    {"AKeyUnderAnotherName",
     signed_by(k1.with_kid("new"), Algorithm::ES256),
     parameters(),
     {FixKind::key, "give the key 'k1' the kid", "", R"("new")"}},
    {"AKeyNobodyHas",
     signed_by(rsa, Algorithm::RS256),
     parameters(),
     {FixKind::key, "gets the issuer's current keys", "", ""}},
    {"AnAlgorithmThatIsNotListed",
     token_of(good()),
     adjusted([](auto& p) { p.valid_algorithms = {"RS256"}; }),
     {FixKind::setting, "allow ES256 here", "Jwt:ValidAlgorithms", R"(["RS256", "ES256"])"}},
    {"ASecretWhereThereIsAPublicKey",
     signed_by(Key::symmetric(Secret("a secret without a kid, 32 long."), "k1"), Algorithm::HS256),
     parameters(),
     {FixKind::issuer, "signs with its private key", "", ""}},
    {"APublicKeyWhereThereIsASecret",
     token_of(good()),
     adjusted([](auto& p) { p.issuer_signing_keys = {secret.with_kid("k1")}; }),
     {FixKind::key, "gets the issuer's public key", "", ""}},
    {"AnotherType",
     token_of(changed([](auto& d) { d.type = "id+jwt"; })),
     parameters(),
     {FixKind::client, "another kind", "", ""}},
    {"AnOpaqueToken", "2YotnFZFEjr1zCsicMWpAA", parameters(), {FixKind::client, "asks for a JWT", "", ""}},
    {"AQuotedToken", "\"a.b.c\"", parameters(), {FixKind::client, "sends the token alone", "", ""}},
    {"ACutToken", "a.b", parameters(), {FixKind::client, "the whole token", "", ""}},
    {"WhatHasNothingNearIt",
     base64url::encode(R"({"alg":"none"})") + "." + base64url::encode("{}") + ".",
     parameters(),
     {FixKind::issuer, "Never switch this off", "", ""}},
};

class FirstFix : public testing::TestWithParam<FixCase> {};

TEST_P(FirstFix, IsTheLikeliest) {
  const auto& [name, token, with, expected] = GetParam();
  const Explanation explanation = explained(token, with);
  ASSERT_FALSE(explanation.fixes.empty());
  const Fix& first = explanation.fixes.front();
  EXPECT_EQ(gatehouse::tokens::name(first.kind), gatehouse::tokens::name(expected.kind));
  EXPECT_TRUE(first.sentence.contains(expected.sentence)) << first.sentence;
  EXPECT_EQ(first.setting, expected.setting);
  EXPECT_EQ(first.value, expected.value);
}

INSTANTIATE_TEST_SUITE_P(Explain, FirstFix, testing::ValuesIn(fix_cases),
                         [](const auto& test) { return test.param.name; });

const Fix* setting_of(const Explanation& explanation) {
  const auto found = std::ranges::find(explanation.fixes, FixKind::setting, &Fix::kind);
  return found == explanation.fixes.end() ? nullptr : &*found;
}

TEST(Fixes, TheSkewProposedIsTheLeastThatHelps) {
  const std::string token = token_of(changed([](auto& d) { d.expires = now - Seconds(90); }));
  const Explanation explanation = explained(token);
  ASSERT_NE(setting_of(explanation), nullptr);
  EXPECT_EQ(setting_of(explanation)->setting, "Jwt:ClockSkew");
  EXPECT_EQ(setting_of(explanation)->value, "\"90s\"");
  EXPECT_TRUE(explained(token, adjusted([](auto& p) { p.clock_skew = Seconds(90); })).is_accepted());
  EXPECT_FALSE(explained(token, adjusted([](auto& p) { p.clock_skew = Seconds(89); })).is_accepted());
}

TEST(Fixes, NoSkewHelpsATokenThatIsLongGone) {
  const auto explanation = explained(token_of(changed([](auto& d) { d.expires = now - Seconds(301); })));
  EXPECT_EQ(explanation.failure()->kind, Failure::expired);
  EXPECT_EQ(setting_of(explanation), nullptr);
}

// With a kid that nobody knows the claims are judged before any key: what they name is a stranger's wish.
TEST(Fixes, NoSettingWouldTrustWhatNobodySigned) {
  const Key stranger = rsa.with_kid("unknown");
  for (auto* change : {+[](TokenDescriptor& d) { d.audiences = {"orders"}; },
                       +[](TokenDescriptor& d) { d.issuer = "https://issuer.example/"; },
                       +[](TokenDescriptor& d) { d.expires = now - Seconds(90); }}) {
    const auto explanation = explained(signed_by(stranger, Algorithm::RS256, changed(change)));
    EXPECT_NE(explanation.failure()->kind, Failure::key_not_found);
    EXPECT_EQ(setting_of(explanation), nullptr) << code(explanation.failure()->kind);
    EXPECT_FALSE(explanation.fixes.empty());
  }
}

TEST(Check, EachHasANameOfItsOwn) {
  std::set<std::string_view> names;
  for (int check = 0; check <= static_cast<int>(Check::type); ++check)
    EXPECT_TRUE(names.insert(name(static_cast<Check>(check))).second);
  EXPECT_FALSE(names.contains(""));
}

TEST(Fixes, HoldNeitherKeyNorToken) {
  const std::string token =
      signed_by(Key::symmetric(Secret("some other secret of 32 octets !")), Algorithm::HS256);
  const auto explanation = explained(token, adjusted([](auto& p) { p.issuer_signing_keys = {secret}; }));
  std::string all;
  for (const ExplainedCheck& check : explanation.checks) all += check.seen + check.expected;
  for (const Fix& fix : explanation.fixes) all += fix.sentence + fix.value;
  EXPECT_FALSE(all.contains(token.substr(token.rfind('.'))));
  EXPECT_FALSE(all.contains("32 long"));
}

}  // namespace
}  // namespace gatehouse::tokens
