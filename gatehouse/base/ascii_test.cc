#include "gatehouse/base/ascii.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace gatehouse
