#include "gatehouse/revocation/deny_list.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <vector>

namespace gatehouse::revocation {
namespace {

constexpr Instant now{Seconds(1'780'272'000)};
constexpr std::chrono::milliseconds tick{1};
const std::string issuer = "https://issuer.example";

DenyEntry entry(DenyKind kind, std::string value, Instant until = now + Seconds(600),
                Instant not_before = now + Seconds(1)) {
  DenyEntry made{.kind = kind, .issuer = issuer, .value = std::move(value), .until = until};
  if (kind == DenyKind::subject || kind == DenyKind::client) made.not_before = not_before;
  return made;
}

TokenMarks marks(DenyKind kind, std::string_view value, std::optional<Instant> issued = now,
                 std::string_view of = issuer) {
  TokenMarks made{.issuer = of, .issued = issued};
  made.values[static_cast<std::size_t>(kind)] = value;
  return made;
}

struct LookupCase {
  const char* name;  // reads as the end of "DenyList …"
  DenyEntry denied;
  TokenMarks token;
  Instant at;
  bool is_found;
};

const std::string long_value(300, 'x'), long_a = long_value + 'a', long_b = long_value + 'b';
const Instant before = now - Seconds(5), next = now + Seconds(1);

const LookupCase lookup_cases[] = {
    {"FindsAToken", entry(DenyKind::token, "a"), marks(DenyKind::token, "a"), now, true},
    {"FindsASession", entry(DenyKind::session, "a"), marks(DenyKind::session, "a"), now, true},
    {"FindsASubject", entry(DenyKind::subject, "a"), marks(DenyKind::subject, "a"), now, true},
    {"FindsAClient", entry(DenyKind::client, "a"), marks(DenyKind::client, "a"), now, true},
    {"FindsAKey", entry(DenyKind::key, "a"), marks(DenyKind::key, "a"), now, true},
    {"FindsALongValue", entry(DenyKind::token, long_value), marks(DenyKind::token, long_value), now, true},
    {"TellsLongValuesApart", entry(DenyKind::token, long_a), marks(DenyKind::token, long_b), now, false},
    {"ComparesOctetForOctet", entry(DenyKind::token, "a"), marks(DenyKind::token, "A"), now, false},
    {"TellsKindsApart", entry(DenyKind::token, "a"), marks(DenyKind::session, "a"), now, false},
    {"TellsIssuersApart", entry(DenyKind::token, "a"),
     marks(DenyKind::token, "a", now, "https://other.example"), now, false},
    {"TakesNoPartOfAnIssuerForTheValue", entry(DenyKind::token, "a"),
     marks(DenyKind::token, "ea", now, "https://issuer.exampl"), now, false},
    {"FindsUntilTheEnd", entry(DenyKind::token, "a", now), marks(DenyKind::token, "a"), now, true},
    {"RoundsTheEndUp", entry(DenyKind::token, "a", now + tick), marks(DenyKind::token, "a"), next, true},
    {"ForgetsAfterTheEnd", entry(DenyKind::token, "a", now), marks(DenyKind::token, "a"), now + tick, false},
    {"SparesWhatWasIssuedAtNotBefore", entry(DenyKind::subject, "a"), marks(DenyKind::subject, "a", next),
     next, false},
    {"RefusesWhatWasIssuedJustBefore", entry(DenyKind::subject, "a"),
     marks(DenyKind::subject, "a", next - tick), next, true},
    {"RoundsNotBeforeUp", entry(DenyKind::subject, "a", now + Seconds(9), now + tick),
     marks(DenyKind::subject, "a", now), next, true},
    {"RefusesAClientsOldTokens", entry(DenyKind::client, "a"), marks(DenyKind::client, "a", before), now,
     true},
    {"SparesAClientsNewTokens", entry(DenyKind::client, "a"), marks(DenyKind::client, "a", next), now, false},
    {"TakesATokenWithoutIatForOld", entry(DenyKind::subject, "a"), marks(DenyKind::subject, "a", {}), now,
     true},
    {"AsksNotForIatOfASession", entry(DenyKind::session, "a"), marks(DenyKind::session, "a", next), now,
     true},
};

class DenyLists : public testing::TestWithParam<LookupCase> {};

TEST_P(DenyLists, AreAsked) {
  const auto& test = GetParam();
  DenyList list;
  ASSERT_TRUE(list.add(test.denied, before));
  EXPECT_EQ(list.find(test.token, test.at), test.is_found ? std::optional(test.denied.kind) : std::nullopt);
}

INSTANTIATE_TEST_SUITE_P(Deny, DenyLists, testing::ValuesIn(lookup_cases),
                         [](const auto& test) { return test.param.name; });

TEST(DenyList, KnowsNothingAtFirst) {
  const DenyList list;
  EXPECT_EQ(list.find(marks(DenyKind::token, "a"), now), std::nullopt);
  EXPECT_EQ(list.size(), 0u);
}

TEST(DenyList, FindsAnyOfWhatATokenSays) {
  DenyList list;
  ASSERT_TRUE(list.add(entry(DenyKind::key, "k"), now));
  ASSERT_TRUE(list.add(entry(DenyKind::token, "other"), now));
  TokenMarks token = marks(DenyKind::token, "j");
  EXPECT_EQ(list.find(token, now), std::nullopt);
  token.values[static_cast<std::size_t>(DenyKind::key)] = "k";
  EXPECT_EQ(list.find(token, now), DenyKind::key);
}

TEST(DenyList, TheLaterWordCounts) {
  DenyList list;
  ASSERT_TRUE(list.add(entry(DenyKind::subject, "a", now + Seconds(100), now + Seconds(5)), now));
  ASSERT_TRUE(list.add(entry(DenyKind::subject, "a", now + Seconds(50), now + Seconds(9)), now));
  EXPECT_EQ(list.size(), 1u);
  EXPECT_TRUE(list.find(marks(DenyKind::subject, "a", now + Seconds(8)), now + Seconds(100)));
  ASSERT_TRUE(list.add(entry(DenyKind::subject, "a", now + Seconds(90), now + Seconds(2)), now));
  EXPECT_TRUE(list.find(marks(DenyKind::subject, "a", now + Seconds(8)), now + Seconds(100)));
}

TEST(DenyList, RefusesWhatItCouldNotMean) {
  DenyList list;
  EXPECT_EQ(list.add(entry(DenyKind::token, ""), now).error().kind, Failure::malformed);
  EXPECT_EQ(list.add(entry(DenyKind::subject, "a", now, Instant()), now).error().kind, Failure::malformed);
  EXPECT_TRUE(list.add(entry(DenyKind::token, "a", now - tick), now));
  EXPECT_EQ(list.size(), 0u) << "what is over is left out";
}

TEST(DenyList, GrowsAndForgetsNothing) {
  constexpr int count = 20'000;
  DenyList list;
  for (int i = 0; i < count; ++i)
    ASSERT_TRUE(list.add(entry(DenyKind::token, fmt::format("jti-{}", i)), now));
  EXPECT_EQ(list.size(), std::size_t{count});
  for (int i = 0; i < count; ++i) {
    const std::string added = fmt::format("jti-{}", i), other = fmt::format("no-{}", i);
    ASSERT_TRUE(list.find(marks(DenyKind::token, added), now)) << i;
    ASSERT_FALSE(list.find(marks(DenyKind::token, other), now)) << i;
  }
}

TEST(DenyList, GivesMemoryBackWhenEntriesAreOver) {
  DenyList list;
  const std::size_t empty = list.octets();
  for (int i = 0; i < 20'000; ++i)
    ASSERT_TRUE(list.add(entry(DenyKind::token, std::to_string(i), now + Seconds(60)), now));
  ASSERT_TRUE(list.add(entry(DenyKind::session, "stays", now + Seconds(600)), now));
  EXPECT_GT(list.octets(), 10 * empty);
  for (int i = 0; i < 80; ++i) list.tidy(now);
  EXPECT_EQ(list.size(), 20'001u) << "what counts stays";
  for (int i = 0; i < 80; ++i) list.tidy(now + Seconds(61));
  EXPECT_EQ(list.octets(), empty);
  EXPECT_EQ(list.size(), 1u);
  EXPECT_TRUE(list.find(marks(DenyKind::session, "stays"), now + Seconds(61)));
}

TEST(DenyList, ReusesTheRoomOfWhatIsOver) {
  DenyList list;
  for (int round = 0; round < 50; ++round)
    for (int i = 0; i < 1'000; ++i)
      ASSERT_TRUE(list.add(entry(DenyKind::token, fmt::format("{}-{}", round, i), now + Seconds(round)),
                           now + Seconds(round)));
  EXPECT_LT(list.octets(), std::size_t{4 * 2'000 * 16});
}

TEST(DenyList, RefusesBeyondItsCapAndDropsNothing) {
  DenyList list({.most_entries = 100});
  for (int i = 0; i < 100; ++i)
    ASSERT_TRUE(list.add(entry(DenyKind::token, std::to_string(i), now + Seconds(i < 50 ? 10 : 600)), now));
  EXPECT_EQ(list.add(entry(DenyKind::token, "more"), now).error().kind, Failure::overloaded);
  for (int i = 0; i < 100; ++i) {
    const std::string added = std::to_string(i);
    EXPECT_TRUE(list.find(marks(DenyKind::token, added), now));
    EXPECT_TRUE(list.add(entry(DenyKind::token, added, now + Seconds(1)), now))
        << "what is there may be said again";
  }
  EXPECT_TRUE(list.add(entry(DenyKind::token, "more"), now + Seconds(11))) << "half of them are over";
  EXPECT_EQ(list.size(), 51u);
  EXPECT_TRUE(list.find(marks(DenyKind::token, "99"), now + Seconds(11)));
}

TEST(DenyList, SaysWhenEachIssuerWasHeard) {
  DenyList list({.most_issuers = 2});
  EXPECT_EQ(list.heard(issuer), Instant::min());
  ASSERT_TRUE(list.heard(issuer, now));
  ASSERT_TRUE(list.heard("https://other.example", Instant::max()));
  EXPECT_EQ(list.heard(issuer), now);
  ASSERT_TRUE(list.heard(issuer, before));
  EXPECT_EQ(list.heard(issuer), now) << "it never goes back";
  EXPECT_EQ(list.heard("https://third.example", now).error().kind, Failure::overloaded);
  EXPECT_EQ(list.heard("https://third.example"), Instant::min());
  list.lose("https://other.example");
  EXPECT_EQ(list.heard("https://other.example"), Instant::min());
}

}  // namespace
}  // namespace gatehouse::revocation
