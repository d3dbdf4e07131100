#include "gatehouse/tokens/validated_token_cache.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

namespace gatehouse::tokens {
namespace {

const Instant now{Seconds(1'768'467'600)};
constexpr std::size_t one_mebibyte = 1 << 20;

std::shared_ptr<const ValidatedToken> validated_by(std::shared_ptr<const Trust> trust, Validity validity = {},
                                                   std::size_t octets = 0) {
  claims::ClaimsIdentity identity{.claims = {{.type = "sub", .value = std::string(octets, 'x')}},
                                  .authentication_type = "test"};
  return std::make_shared<const ValidatedToken>(
      ValidatedToken{.token = {},
                     .principal = std::make_shared<const claims::ClaimsPrincipal>(std::move(identity)),
                     .validity = validity,
                     .trust = std::move(trust)});
}

const std::string token = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl";

TEST(ValidatedTokenCache, HandsOutWhatWasKeptForThatText) {
  ValidatedTokenCache cache(one_mebibyte);
  const auto kept = validated_by(lasting_trust());
  EXPECT_EQ(cache.find(token, now), nullptr);
  cache.insert(token, kept);
  EXPECT_EQ(cache.find(token, now), kept);
  for (std::size_t i = 0; i < token.size(); ++i) {
    std::string bent = token;
    bent[i] = static_cast<char>(bent[i] ^ 1);
    EXPECT_EQ(cache.find(bent, now), nullptr) << i;
  }
  EXPECT_EQ(cache.find(token.substr(0, token.size() - 1), now), nullptr);
  EXPECT_EQ(cache.find(token + "x", now), nullptr);
  EXPECT_EQ(cache.find("", now), nullptr);
}

TEST(ValidatedTokenCache, ReplacesWhatItHadForAText) {
  ValidatedTokenCache cache(one_mebibyte);
  cache.insert(token, validated_by(lasting_trust()));
  const std::size_t octets = cache.octets();
  const auto newer = validated_by(lasting_trust());
  cache.insert(token, newer);
  EXPECT_EQ(cache.find(token, now), newer);
  EXPECT_EQ(cache.size(), 1u);
  EXPECT_EQ(cache.octets(), octets);
}

TEST(ValidatedTokenCache, AsksForTheTimeAgainOnEveryHit) {
  ValidatedTokenCache cache(one_mebibyte);
  const Validity validity{.from = now, .until = now + Seconds(60)};
  cache.insert(token, validated_by(lasting_trust(), validity));
  EXPECT_NE(cache.find(token, validity.from), nullptr);
  EXPECT_NE(cache.find(token, validity.until), nullptr);
  EXPECT_EQ(cache.find(token, validity.until + std::chrono::milliseconds(1)), nullptr);
  EXPECT_EQ(cache.size(), 0u);
  cache.insert(token, validated_by(lasting_trust(), validity));
  EXPECT_EQ(cache.find(token, validity.from - std::chrono::milliseconds(1)), nullptr);
  EXPECT_EQ(cache.octets(), 0u);
}

TEST(ValidatedTokenCache, BelievesNothingLongerThanItsKeys) {
  ValidatedTokenCache cache(one_mebibyte);
  const auto trust = std::make_shared<Trust>();
  const auto other = lasting_trust();
  trust->extend(now + Seconds(60));
  cache.insert(token, validated_by(trust));
  cache.insert("other", validated_by(other));
  EXPECT_NE(cache.find(token, now), nullptr);
  EXPECT_EQ(cache.find(token, now + Seconds(60)), nullptr);
  cache.insert(token, validated_by(trust));
  trust->end();
  EXPECT_EQ(cache.find(token, now), nullptr);
  EXPECT_NE(cache.find("other", now), nullptr);
}

TEST(ValidatedTokenCache, StaysWithinItsOctets) {
  ValidatedTokenCache cache(one_mebibyte);
  const auto trust = lasting_trust();
  for (int i = 0; i < 10'000; ++i) {
    cache.insert(fmt::format("token-{}", i), validated_by(trust, {}, static_cast<std::size_t>(i % 977)));
    ASSERT_LE(cache.octets(), one_mebibyte);
  }
  EXPECT_GT(cache.octets(), one_mebibyte - 4096);
  EXPECT_GT(cache.size(), 300u);
  cache.insert("too large", validated_by(trust, {}, one_mebibyte / 10));
  EXPECT_EQ(cache.find("too large", now), nullptr);
}

TEST(ValidatedTokenCache, LetsNoFloodThrowOutWhatIsUsed) {
  ValidatedTokenCache cache(one_mebibyte);
  const auto trust = lasting_trust();
  const auto hot = [](int i) { return fmt::format("hot-{}", i); };
  for (int i = 0; i < 100; ++i) cache.insert(hot(i), validated_by(trust));
  for (int i = 0; i < 100; ++i) ASSERT_NE(cache.find(hot(i), now), nullptr);
  // Each comes once, and so many that all of them would fill the cache again and again; the hot ones come now
  // and then.
  int lost = 0;
  for (int i = 0; i < 50'000; ++i) {
    cache.insert(fmt::format("once-{}", i), validated_by(trust));
    if (i % 10 == 0 && !cache.find(hot(i / 10 % 100), now)) ++lost;
  }
  EXPECT_EQ(lost, 0);
}

TEST(ValidatedTokenCache, ForgetsWhatWasUsedOnce) {
  ValidatedTokenCache cache(one_mebibyte);
  const auto trust = lasting_trust();
  cache.insert("old", validated_by(trust));
  EXPECT_NE(cache.find("old", now), nullptr);
  // The next generation of hot tokens takes its place, but not that of one that is still asked for.
  for (int i = 0; i < 20'000; ++i) {
    const std::string text = fmt::format("new-{}", i);
    cache.insert(text, validated_by(trust));
    ASSERT_NE(cache.find(text, now), nullptr) << i;
    if (i == 5'000) cache.insert("steady", validated_by(trust));
    if (i >= 5'000 && i % 50 == 0) ASSERT_NE(cache.find("steady", now), nullptr) << i;
  }
  EXPECT_EQ(cache.find("old", now), nullptr);
}

// What ends on its own gives its room back to the new ones, and to nobody else.
TEST(ValidatedTokenCache, CountsWhatHasEnded) {
  ValidatedTokenCache cache(one_mebibyte);
  const auto trust = lasting_trust();
  for (int i = 0; i < 2'000; ++i) {
    const std::string text = fmt::format("short-{}", i);
    cache.insert(text, validated_by(trust, {.until = now}, 1'000));
    ASSERT_EQ(cache.find(text, now + Seconds(1)), nullptr);
  }
  EXPECT_EQ(cache.octets(), 0u);
  for (int i = 0; i < 20'000; ++i) {
    const std::string text = fmt::format("new-{}", i);
    cache.insert(text, validated_by(trust));
    ASSERT_NE(cache.find(text, now), nullptr) << i;
  }
}

}  // namespace
}  // namespace gatehouse::tokens
