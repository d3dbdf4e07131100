#include "gatehouse/revocation/feed_page.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace gatehouse::revocation {
namespace {

const std::string issuer = "https://issuer.example";
constexpr Instant until{Seconds(1'780'000'660)};

TEST(FeedPage, IsRead) {
  const auto page = parse_feed_page(
      R"({"epoch":"e1","head":9,"after":2,"through":5,"expired":1,"entries":[
          {"seq":3,"entry":{"kind":"sid","value":"s-1","until":1780000660}},
          {"seq":5,"entry":{"kind":"sub","value":"ada","until":1780000660,"not_before":1780000001}}]})",
      issuer);
  ASSERT_TRUE(page);
  EXPECT_EQ(page->epoch, "e1");
  EXPECT_EQ(page->head, 9u);
  EXPECT_EQ(page->after, 2u);
  EXPECT_EQ(page->through, 5u);
  EXPECT_EQ(page->expired, 1u);
  ASSERT_EQ(page->entries.size(), 2u);
  EXPECT_EQ(
      page->entries[0],
      (FeedEntry{.seq = 3,
                 .entry = {.kind = DenyKind::session, .issuer = issuer, .value = "s-1", .until = until}}));
  EXPECT_EQ(page->entries[1].entry.not_before, Instant(Seconds(1'780'000'001)));
  EXPECT_TRUE(page->is_complete());
}

std::string page_with(std::string_view entry) {
  return fmt::format(R"({{"epoch":"e1","head":1,"after":0,"through":1,"expired":0,"entries":[{}]}})", entry);
}

const std::string refused_pages[] = {
    "",
    "[]",
    "<html>",
    R"({"head":0,"after":0,"through":0,"expired":0,"entries":[]})",
    R"({"epoch":"","head":0,"after":0,"through":0,"expired":0,"entries":[]})",
    R"({"epoch":7,"head":0,"after":0,"through":0,"expired":0,"entries":[]})",
    fmt::format(R"({{"epoch":"{}","head":0,"after":0,"through":0,"expired":0,"entries":[]}})",
                std::string(65, 'e')),
    R"({"epoch":"e1","after":0,"through":0,"expired":0,"entries":[]})",
    R"({"epoch":"e1","head":-1,"after":0,"through":0,"expired":0,"entries":[]})",
    R"({"epoch":"e1","head":0.5,"after":0,"through":0,"expired":0,"entries":[]})",
    R"({"epoch":"e1","head":0,"through":0,"expired":0,"entries":[]})",
    R"({"epoch":"e1","head":0,"after":0,"expired":0,"entries":[]})",
    R"({"epoch":"e1","head":0,"after":0,"through":0,"entries":[]})",
    R"({"epoch":"e1","head":0,"after":0,"through":0,"expired":0})",
    R"({"epoch":"e1","head":0,"after":0,"through":0,"expired":0,"entries":{}})",
    R"({"epoch":"e1","head":0,"head":1,"after":0,"through":0,"expired":0,"entries":[]})",
    page_with(R"({"entry":{"kind":"sid","value":"s","until":1780000660}})"),
    page_with(R"({"seq":1})"),
    page_with(R"({"seq":1,"entry":{"kind":"realm","value":"s","until":1780000660}})"),
    page_with(R"({"seq":1,"entry":{"value":"s","until":1780000660}})"),
    page_with(R"({"seq":1,"entry":{"kind":"sid","until":1780000660}})"),
    page_with(R"({"seq":1,"entry":{"kind":"sid","value":"","until":1780000660}})"),
    page_with(R"({"seq":1,"entry":{"kind":"sid","value":"s"}})"),
    page_with(R"({"seq":1,"entry":{"kind":"sid","value":"s","until":4294967296}})"),
    page_with(R"({"seq":1,"entry":{"kind":"sub","value":"s","until":1780000660}})"),
    page_with(R"({"seq":1,"entry":{"kind":"client","value":"s","until":1780000660,"not_before":0}})"),
    page_with(fmt::format(R"({{"seq":1,"entry":{{"kind":"sid","value":"{}","until":1780000660}}}})",
                          std::string(1'025, 'v'))),
};

TEST(FeedPage, IsRefusedWhereItIsNotUnderstood) {
  for (const std::string& text : refused_pages)
    EXPECT_FALSE(parse_feed_page(text, issuer)) << text.substr(0, 120);
  EXPECT_TRUE(parse_feed_page(page_with(R"({"seq":1,"entry":{"kind":"sid","value":"s","until":4294967295}})"),
                              issuer));
}

TEST(FeedPage, HasACap) {
  std::string entries;
  for (int i = 1; i <= 2'000; ++i)
    entries += fmt::format(R"({}{{"seq":{},"entry":{{"kind":"jti","value":"{}","until":1780000660}}}})",
                           i == 1 ? "" : ",", i, i);
  EXPECT_TRUE(parse_feed_page(page_with(entries), issuer));
  entries += R"(,{"seq":2001,"entry":{"kind":"jti","value":"x","until":1780000660}})";
  EXPECT_FALSE(parse_feed_page(page_with(entries), issuer));
  EXPECT_EQ(parse_feed_page(page_with(std::string(largest_page, ' ')), issuer).error().kind,
            Failure::too_large);
}

TEST(DenyEntryText, IsReadAsItWasWritten) {
  for (const DenyKind kind :
       {DenyKind::token, DenyKind::session, DenyKind::subject, DenyKind::client, DenyKind::key}) {
    const DenyEntry entry =
        make_deny_entry(kind, issuer, "a \"quoted\" \u00e9", Instant(Seconds(1'780'000'000)));
    EXPECT_EQ(parse_deny_entry(write_deny_entry(entry).value(), issuer), entry);
  }
}

TEST(DenyEntryText, RoundsTimesUp) {
  DenyEntry entry = make_deny_entry(DenyKind::token, issuer, "a", Instant(Seconds(1'780'000'000)));
  entry.until += std::chrono::milliseconds(1);
  EXPECT_EQ(parse_deny_entry(write_deny_entry(entry).value(), issuer)->until,
            Instant(Seconds(1'780'000'661)));
}

TEST(DenyEntryText, IsNotWrittenForWhatNobodyTakes) {
  DenyEntry entry{.kind = DenyKind::token, .issuer = issuer, .value = "", .until = until};
  EXPECT_EQ(write_deny_entry(entry).error().kind, Failure::malformed);
  entry.value = std::string(1'025, 'v');
  EXPECT_EQ(write_deny_entry(entry).error().kind, Failure::too_large);
  entry.value = std::string(1'024, 'v');
  EXPECT_TRUE(write_deny_entry(entry));
}

}  // namespace
}  // namespace gatehouse::revocation
