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
