#include "gatehouse/issuer/password_policy.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/support/temporary_folder.h"

namespace gatehouse::issuer {
namespace {

// A list of our own: a few words, and 3,000 that nobody types.
class Policy : public testing::Test {
 protected:
  std::string write_list(int count, const std::string& more = "") {
    const std::string path = folder_.path("list.txt");
    std::ofstream file(path);
    file << more;
    for (int i = 0; i < count; ++i) file << fmt::format("made-up-{}-word\n", i);
    return path;
  }

  PasswordPolicy policy(PasswordPolicyOptions options = {}) {
    options.blocklist =
        write_list(3000, "password\r\nLetMeIn\ndragon\n  \ncorrect horse staple\n4 violins, 9 drums 2\n");
    return PasswordPolicy::make(options).value();
  }

  test_support::TemporaryFolder folder_;
};

struct CheckCase {
  const char* name;
  std::string password;
  std::optional<Failure> expected;
  bool has_second_factor = false;
};

std::string times(int count, std::string_view text) {
  std::string all;
  for (int i = 0; i < count; ++i) all += text;
  return all;
}

const CheckCase check_cases[] = {
    {"FourteenCharacters", "vR4kzq wTn81mX", Failure::password_refused},
    {"FifteenCharacters", "vR4kzq wTn81mXp", {}},
    {"FifteenCharactersOfTwoOctets",
     "\u00e4\u00fc\u00f6\u00e9\u00e8\u00ea\u00e0\u00e1\u00e2\u00f1\u00e7\u00ef\u00eb\u00fb\u00f4",
     {}},
    {"FifteenCodePointsThatComposeToFourteen", "vR4kzq wTn81me\u0301", Failure::password_refused},
    {"SevenCharactersWithASecondFactor", "vR4kzqw", Failure::password_refused, true},
    {"EightCharactersWithASecondFactor", "vR4kzqwT", {}, true},
    {"APhraseOfWords", "a violin under seven umbrellas", {}},
    {"BlanksAndEmoji", "tea \U0001f375 at 4 with Mr. Fox", {}},
    {"TheLongest", times(8, "vR4kzq wTn81mXp!aP;3xW_uJ9.fLe\u00e9"), {}},
    {"BeyondTheLongest", times(8, "vR4kzq wTn81mXp!aP;3xW_uJ9.fLe\u00e9") + "x", Failure::too_large},
    {"BeyondTheLongestWhenItIsNormalized", times(85, "\u0958"), Failure::too_large},
    {"NoUtf8", "vR4kzq wTn81mXp\xff", Failure::malformed},
    {"OneOfTheList", "Correct Horse Staple", Failure::password_refused},
    {"OneOfTheListThatBeginsWithADigit", "4 Violins, 9 drums 2", Failure::password_refused},
    {"OneOfTheListInFullWidth", "\uff43orrect horse staple", Failure::password_refused},
    {"OneOfTheListWithNumbersBehind", "Password123456789", Failure::password_refused},
    {"OneOfTheListWithSignsAround", "!!dragon!!2026!!", Failure::password_refused},
    {"OneOfTheListWithMuchMore", "dragon of the vR4kzqwTn", {}},
    {"OneLetter", "aaaaaaaaaaaaaaaaaaaa", Failure::password_refused},
    {"AWordAgainAndAgain", "letmeinletmeinletmein", Failure::password_refused},
    {"Counting", "abcdefghijklmnopqrs", Failure::password_refused},
    {"CountingDown", "9876543210zyxwvut", Failure::password_refused},
    {"TheEmail", "ada@example.com", Failure::password_refused},
    {"TheEmailAndAYear", "Ada@Example.com2026", Failure::password_refused},
    {"TheNameAndTheService", "Lovelace-Gatehouse1", Failure::password_refused},
    {"TheNameAndMuchMore", "Lovelace vR4kzqwTn81", {}},
};

class Choice : public Policy, public testing::WithParamInterface<CheckCase> {};

TEST_P(Choice, IsJudged) {
  const auto judged = policy({.context_words = {"Gatehouse"}})
                          .check(GetParam().password, {.email = "ada@example.com",
                                                       .name = "Ada Lovelace",
                                                       .has_second_factor = GetParam().has_second_factor});
  EXPECT_EQ(judged ? std::nullopt : std::optional(judged.error().kind), GetParam().expected)
      << (judged ? "" : describe(judged.error()));
}

INSTANTIATE_TEST_SUITE_P(Passwords, Choice, testing::ValuesIn(check_cases),
                         [](const auto& test) { return test.param.name; });

TEST_F(Policy, SaysWhyInWordsForTheUser) {
  EXPECT_EQ(describe(policy().check("short", {}).error()),
            "choose another password: it has fewer than 15 characters");
}

TEST_F(Policy, NeedsAListOfThreeThousand) {
  const auto few = PasswordPolicy::make({.blocklist = write_list(2999)});
  ASSERT_FALSE(few);
  EXPECT_EQ(few.error().kind, Failure::configuration_invalid);
  EXPECT_TRUE(few.error().subject.contains("has 2999 entries")) << few.error().subject;
  EXPECT_TRUE(PasswordPolicy::make({.blocklist = write_list(3000)}));
}

TEST_F(Policy, NeedsAListThatCanBeRead) {
  const auto none = PasswordPolicy::make({.blocklist = folder_.path("nothing")});
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().kind, Failure::configuration_invalid);
  EXPECT_TRUE(none.error().subject.contains("cracklib-runtime")) << none.error().subject;
}

TEST(PasswordPolicy, WithoutAListHasTheOtherRules) {
  const auto policy = PasswordPolicy::make({.blocklist = {}}).value();
  EXPECT_TRUE(policy.check("a violin under seven umbrellas", {}));
  EXPECT_FALSE(policy.check("short", {}));
  EXPECT_FALSE(policy.check("aaaaaaaaaaaaaaaaaaaa", {}));
}

TEST(PasswordPolicy, TakesTheListOfDebiansPackage) {
  if (!std::filesystem::exists(PasswordPolicyOptions{}.blocklist))
    GTEST_SKIP() << "cracklib-runtime is not here";
  const auto policy = PasswordPolicy::make();
  ASSERT_TRUE(policy);
  EXPECT_GE(policy->blocked(), 3000U);
  EXPECT_FALSE(policy->check("Trustworthiness1", {}));
}

}  // namespace
}  // namespace gatehouse::issuer
