#include "gatehouse/revocation/deny_entry.h"

#include <gtest/gtest.h>

#include "gatehouse/jose/key.h"
#include "gatehouse/tokens/token_descriptor.h"

namespace gatehouse::revocation {
namespace {

constexpr Instant now{Seconds(1'780'272'000)};

tokens::Token token_with(std::string_view payload, std::string kid = "k1") {
  return {.header = std::make_shared<const jose::Header>(),
          .claims = tokens::ClaimSet::parse(payload, {}).value(),
          .signing_key = jose::Key::symmetric(Secret("a secret of thirty-two octets !!"), std::move(kid))};
}

TEST(TokenMarks, AreTheTokensOwnWords) {
  const auto token = token_with(
      R"({"iss":"https://a","jti":"j","sid":"s","sub":"u","client_id":"c","azp":"other","iat":1780272000})");
  const TokenMarks marks = marks_of(token);
  EXPECT_EQ(marks.issuer, "https://a");
  EXPECT_EQ(marks[DenyKind::token], "j");
  EXPECT_EQ(marks[DenyKind::session], "s");
  EXPECT_EQ(marks[DenyKind::subject], "u");
  EXPECT_EQ(marks[DenyKind::client], "c");
  EXPECT_EQ(marks[DenyKind::key], "k1");
  EXPECT_EQ(marks.issued, now);
}

TEST(TokenMarks, TakeTheClientFromAzpWhereThereIsNoClientId) {
  EXPECT_EQ(marks_of(token_with(R"({"azp":"c"})"))[DenyKind::client], "c");
}

TEST(TokenMarks, AreEmptyWhereTheTokenSaysNothing) {
  const auto token = token_with(R"({"jti":"","sid":7})", "");
  const TokenMarks marks = marks_of(token);
  for (const std::string_view value : marks.values) EXPECT_EQ(value, "");
  EXPECT_FALSE(marks.issued);
}

struct EntryCase {
  const char* name;
  DenyKind kind;
  Instant at;
  Instant until;
  Instant not_before;
};

const EntryCase entry_cases[] = {
    {"OfATokenLivesAsLongAsTokens", DenyKind::token, now, now + Seconds(660), {}},
    {"OfASessionLivesAsLongAsTokens", DenyKind::session, now, now + Seconds(660), {}},
    {"OfASubjectBeginsAtTheNextSecond", DenyKind::subject, now + std::chrono::milliseconds(1),
     now + std::chrono::milliseconds(660'001), now + Seconds(1)},
    {"OfAClientOnAFullSecondBeginsAtTheNext", DenyKind::client, now, now + Seconds(660), now + Seconds(1)},
    {"OfAKeyLivesLonger", DenyKind::key, now, now + std::chrono::hours(48), {}},
};

class Entry : public testing::TestWithParam<EntryCase> {};

TEST_P(Entry, HasItsTimes) {
  const auto& test = GetParam();
  const DenyEntry entry = make_deny_entry(test.kind, "https://a", "v", test.at);
  EXPECT_EQ(entry, (DenyEntry{.kind = test.kind,
                              .issuer = "https://a",
                              .value = "v",
                              .until = test.until,
                              .not_before = test.not_before}));
}

INSTANTIATE_TEST_SUITE_P(Deny, Entry, testing::ValuesIn(entry_cases),
                         [](const auto& test) { return test.param.name; });

TEST(DenyKinds, HaveNames) {
  for (const DenyKind kind :
       {DenyKind::token, DenyKind::session, DenyKind::subject, DenyKind::client, DenyKind::key})
    EXPECT_EQ(find_deny_kind(name(kind)), kind);
  EXPECT_EQ(find_deny_kind("realm"), std::nullopt);
  EXPECT_EQ(find_deny_kind(""), std::nullopt);
}

}  // namespace
}  // namespace gatehouse::revocation
