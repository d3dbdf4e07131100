#include "gatehouse/issuer/password_text.h"

#include <gtest/gtest.h>

namespace gatehouse::issuer {
namespace {

using std::string_view_literals::operator""sv;

struct TextCase {
  const char* name;
  std::string_view text;
  std::string_view expected;
};

const TextCase password_cases[] = {
    {"AsciiStays", "Correct horse", "Correct horse"},    {"ComposedStays", "caf\u00e9", "caf\u00e9"},
    {"DecomposedIsComposed", "cafe\u0301", "caf\u00e9"}, {"HangulIsComposed", "\u1112\u1161\u11ab", "\ud55c"},
    {"LigaturesStay", "\ufb01sh", "\ufb01sh"},           {"CaseBlanksAndNulStay", " A\0b "sv, " A\0b "sv},
};

class PasswordText : public testing::TestWithParam<TextCase> {};

TEST_P(PasswordText, IsInNormalizationFormC) {
  const auto normal = normalize_password(GetParam().text);
  ASSERT_TRUE(normal);
  EXPECT_EQ(normal->reveal(), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(Rfc8265, PasswordText, testing::ValuesIn(password_cases),
                         [](const auto& test) { return test.param.name; });

TEST(PasswordText, HasToBeUtf8) { EXPECT_EQ(normalize_password("\xff").error().kind, Failure::malformed); }

// The spellings of attacks/login/throttle-bypass-case.
const TextCase name_cases[] = {
    {"AsItIs", "alice", "alice"},
    {"UpperCase", "ALICE", "alice"},
    {"BlanksAround", " \t alice ", "alice"},
    {"NulBehind", "alice\0"sv, "alice"},
    {"FullWidth", "\uff41\uff4c\uff49\uff43\uff45", "alice"},
    {"ZeroWidthSpace", "ali\u200bce\u200b", "alice"},
    {"SoftHyphen", "al\u00adice", "alice"},
    {"DotlessIIsAnotherLetter", "al\u0131ce", "al\u0131ce"},
    {"NothingButBlanks", "  ", ""},
    {"NoUtf8", "\xff", "\xff"},
};

class LoginName : public testing::TestWithParam<TextCase> {};

TEST_P(LoginName, HasOneKeyForAllItsSpellings) {
  EXPECT_EQ(login_name_key(GetParam().text), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(Spellings, LoginName, testing::ValuesIn(name_cases),
                         [](const auto& test) { return test.param.name; });

TEST(CodePoints, AreCountedNotOctets) {
  EXPECT_EQ(count_code_points(""), 0U);
  EXPECT_EQ(count_code_points("caf\u00e9"), 4U);
  EXPECT_EQ(count_code_points("\U0001f511\u20ac"), 2U);
}

}  // namespace
}  // namespace gatehouse::issuer
