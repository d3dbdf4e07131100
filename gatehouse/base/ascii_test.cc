#include "gatehouse/base/ascii.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

namespace gatehouse {
namespace {

TEST(Ascii, ComparesLettersWithoutTheirCase) {
  EXPECT_TRUE(equals_ignoring_case("Content-Type", "content-TYPE"));
  EXPECT_FALSE(equals_ignoring_case("Content-Type", "Content-Typ"));
  EXPECT_FALSE(equals_ignoring_case("a[", "a{")) << "these differ by the bit that letters differ by";
  EXPECT_FALSE(equals_ignoring_case("@", "`"));
  EXPECT_FALSE(equals_ignoring_case("\xc3\x84", "\xc3\xa4")) << "not ASCII";
}

TEST(Ascii, LowersLettersOnly) { EXPECT_EQ(to_lower("AZ[@\xc3\x84 09az"), "az[@\xc3\x84 09az"); }

TEST(Ascii, TrimsBothEnds) {
  EXPECT_EQ(trim(" \ta b\t "), "a b");
  EXPECT_EQ(trim("a\n"), "a\n");
  EXPECT_EQ(trim("\na\n", "\n"), "a");
  for (const char* nothing : {"", " ", "\t \t"}) EXPECT_EQ(trim(nothing), "");
  EXPECT_TRUE(is_blank(" \r\n\t"));
  EXPECT_TRUE(is_blank(""));
  EXPECT_FALSE(is_blank(" a "));
}

TEST(Ascii, KnowsEachHexadecimalDigit) {
  int digits = 0;
  for (int c = 0; c < 256; ++c) {
    const int value = hex_value(static_cast<char>(c));
    if (value < 0) continue;
    ++digits;
    EXPECT_EQ(to_lower(static_cast<char>(c)), "0123456789abcdef"[value]);
  }
  EXPECT_EQ(digits, 22);
}

TEST(Ascii, KnowsTheCharactersOfATokenAndTheLettersAmongThem) {
  std::string tokens, alphanumeric, digits;
  for (int c = 0; c < 256; ++c) {
    if (is_token_character(static_cast<char>(c))) tokens += static_cast<char>(c);
    if (is_alphanumeric(static_cast<char>(c))) alphanumeric += static_cast<char>(c);
    if (is_digit(static_cast<char>(c))) digits += static_cast<char>(c);
  }
  EXPECT_EQ(tokens, "!#$%&'*+-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ^_`abcdefghijklmnopqrstuvwxyz|~");
  EXPECT_EQ(alphanumeric, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
  EXPECT_EQ(digits, "0123456789");
  EXPECT_TRUE(is_token("X-Name"));
  EXPECT_FALSE(is_token("X Name"));
  EXPECT_FALSE(is_token(""));
}

TEST(Ascii, ReadsANumberThatIsAllOfTheText) {
  EXPECT_EQ(parse_number<std::uint16_t>("65535"), 65535);
  EXPECT_EQ(parse_number<int>("-7"), -7);
  EXPECT_EQ(parse_number<int>("007"), 7);
  for (const char* bad : {"", "65536", "-1", "+1", " 1", "1 ", "1x", "0x1", "1.0"})
    EXPECT_EQ(parse_number<std::uint16_t>(bad), std::nullopt) << bad;
}

TEST(Ascii, TakesListsApart) {
  std::string_view list = "a , b,,c ";
  for (const char* item : {"a", "b", "", "c"}) EXPECT_EQ(take_item(list), item);
  EXPECT_EQ(list, "");
  EXPECT_EQ(take_item(list), "");
}

TEST(Ascii, DecodesEscapes) {
  std::string out = "x";
  EXPECT_TRUE(percent_decode("%41b%2f+%00%fF", out));
  EXPECT_EQ(out, std::string("xAb/+\0\xff", 7));
  out.clear();
  EXPECT_TRUE(percent_decode("a+b%2B", out, ' '));
  EXPECT_EQ(out, "a b+");
  for (const char* bad : {"%", "%4", "%4g", "%g4", "%%41", "a%"})
    EXPECT_FALSE(percent_decode(bad, out)) << bad;
}

TEST(PercentEncoding, LeavesTheUnreservedAndWhatItIsToldTo) {
  EXPECT_EQ(percent_encode("aZ9-._~"), "aZ9-._~");
  EXPECT_EQ(percent_encode("a b/\xC3\xA9%@"), "a%20b%2F%C3%A9%25%40");
  EXPECT_EQ(percent_encode("/a@b", "/@"), "/a@b");
  std::string decoded;
  ASSERT_TRUE(percent_decode(percent_encode("50% + a/b"), decoded));
  EXPECT_EQ(decoded, "50% + a/b");
}

}  // namespace
}  // namespace gatehouse
