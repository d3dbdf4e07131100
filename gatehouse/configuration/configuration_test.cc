#include "gatehouse/configuration/configuration.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/support/temporary_folder.h"

namespace gatehouse::configuration {
namespace {

std::vector<std::string> lines(const Faults& faults) {
  std::vector<std::string> all;
  for (const auto& [where, message] : faults.all())
    all.push_back(where.empty() ? message : where + ": " + message);
  return all;
}

Configuration from(std::string_view text, Faults& faults) {
  return ConfigurationBuilder(faults).add_json_text("appsettings.json", text).build();
}

TEST(Configuration, LaterLayersWinAndKeysCompareWithoutCase) {
  Faults faults;
  const Configuration read =
      ConfigurationBuilder(faults)
          .add_json_text("appsettings.json", R"({"Jwt":{"Issuer":"file","Audience":"file"}})")
          .add_json_text("appsettings.Development.json", R"({"jwt":{"issuer":"dev","Audience":null}})")
          .add_environment({{"Jwt__Issuer", "environment"}, {"PATH", "/bin"}, {"__X", "1"}})
          .add_arguments({"--JWT:Issuer=argument", "--Other", "two words"})
          .build();
  EXPECT_TRUE(faults.empty());
  EXPECT_EQ(read["Jwt:Issuer"], "argument");
  EXPECT_EQ(read["Jwt:Audience"], "file");
  EXPECT_EQ(read["Other"], "two words");
  EXPECT_EQ(read["PATH"], "");
  EXPECT_EQ(read.find("jwt:issuer")->origin.text, "argument --JWT:Issuer");
}

TEST(Configuration, ASettingKnowsItsLineAndColumn) {
  Faults faults;
  const Configuration read = from(
      "{\n  // the issuer\n  \"Jwt\": {\n    \"Issuer\": \"x\"\n  },\n  \"Urls\": [\"a\", \"b\"]\n}", faults);
  EXPECT_EQ(read.find("Jwt:Issuer")->origin.text, "appsettings.json:4:5");
  EXPECT_EQ(read.list("Urls"), (std::vector<std::string>{"a", "b"}));
}

struct FaultCase {
  const char* name;
  const char* text;
  std::vector<std::string> expected;
};

const FaultCase fault_cases[] = {
    {"ASyntaxError",
     "{\n  \"a\": 1\n  \"b\": 2\n}",
     {"appsettings.json:3:5: is no JSON from here on; look for a missing comma, quote or bracket"}},
    {"ANameSaidTwice", R"({"a":1,"A":2})", {"appsettings.json:1:8: 'A' is said twice; keep one"}},
    {"NoObject", "[1]", {"appsettings.json:1:1: a settings file is a JSON object: { … }"}},
    {"ATypoWithTheNearestName",
     R"({"Jwt":{"Audiance":"x"}})",
     {"appsettings.json:1:9: unknown setting 'Jwt:Audiance'; did you mean 'Jwt:Audience'?"}},
    {"AnUnknownNameWithAllTheKnown",
     R"({"Jwt":{"Zebra":"x"}})",
     {"appsettings.json:1:9: unknown setting 'Jwt:Zebra'; known are: Issuer, Audience"}},
    {"SeveralFaultsAtOnce",
     R"({"Jwt":{"Isuer":"x","Audiance":"y"}})",
     {"appsettings.json:1:9: unknown setting 'Jwt:Isuer'; did you mean 'Jwt:Issuer'?",
      "appsettings.json:1:21: unknown setting 'Jwt:Audiance'; did you mean 'Jwt:Audience'?"}},
};

class FaultTest : public testing::TestWithParam<FaultCase> {};

TEST_P(FaultTest, IsReportedWithPlaceAndFix) {
  Faults faults;
  const Configuration read = from(GetParam().text, faults);
  check_known(read, "Jwt", {"Issuer", "Audience"}, faults);
  EXPECT_EQ(lines(faults), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(Settings, FaultTest, testing::ValuesIn(fault_cases),
                         [](const auto& test) { return test.param.name; });

TEST(Arguments, ThatAreNoSettingsAreFaults) {
  Faults faults;
  ConfigurationBuilder(faults).add_arguments({"serve", "--Jwt:Issuer"});
  EXPECT_EQ(lines(faults),
            (std::vector<std::string>{"argument serve: is no setting; write --Section:Name value",
                                      "argument --Jwt:Issuer: has no value; write --Jwt:Issuer value"}));
}

TEST(SecretsFile, IsRefusedWhenOthersCanReadIt) {
  const test_support::TemporaryFolder folder;
  const std::string path = folder.path("secrets.json");
  test_support::write_file(path, R"({"Jwt":{"SigningKey":"s"}})", 0644);
  Faults faults;
  EXPECT_EQ(
      ConfigurationBuilder(faults).add_json_file(path, false, Source::secrets_file).build()["Jwt:SigningKey"],
      "");
  EXPECT_EQ(lines(faults),
            std::vector<std::string>{path + ": others than its owner can read it; run: chmod 600 " + path});
  ::chmod(path.c_str(), 0600);
  EXPECT_EQ(
      ConfigurationBuilder(faults).add_json_file(path, false, Source::secrets_file).build()["Jwt:SigningKey"],
      "s");
}

TEST(TypedReading, TakesWhatFitsAndNamesWhatDoesNot) {
  Faults faults;
  const Configuration read =
      from(R"({"a":true,"b":"no","c":"10m","d":"00:01:30","e":"soon","f":7,"g":70,"h":" "})", faults);
  using std::chrono::seconds;
  EXPECT_TRUE(read_bool(read, "a", false, faults));
  EXPECT_EQ(read_duration(read, "c", seconds(1), faults), seconds(600));
  EXPECT_EQ(read_duration(read, "d", seconds(1), faults), seconds(90));
  EXPECT_EQ(read_integer(read, "f", 1, 0, 9, faults), 7);
  EXPECT_EQ(read_duration(read, "missing", seconds(5), faults), seconds(5));
  EXPECT_TRUE(faults.empty());

  EXPECT_TRUE(read_bool(read, "b", true, faults));
  EXPECT_EQ(read_duration(read, "e", seconds(1), faults), seconds(1));
  EXPECT_EQ(read_integer(read, "g", 1, 0, 9, faults), 1);
  read_required(read, "h", faults);
  read_required(read, "Jwt:Issuer", faults);
  EXPECT_EQ(
      lines(faults),
      (std::vector<std::string>{
          "appsettings.json:1:11: 'b' is 'no'; write true or false",
          "appsettings.json:1:45: 'e' is 'soon'; write a duration such as 600s, 10m or 00:10:00",
          "appsettings.json:1:62: 'g' is '70'; write a whole number from 0 to 9",
          ("appsettings.json:1:69: 'h' is missing; set it in appsettings.json, as environment h, or as "
           "argument --h"),
          ("'Jwt:Issuer' is missing; set it in appsettings.json, as environment Jwt__Issuer, or as argument "
           "--Jwt:Issuer")}));
}

TEST(ConfigurationError, IsOneLineAFault) {
  Faults faults;
  EXPECT_NO_THROW(faults.throw_if_any());
  faults.add("a", "first");
  faults.add("", "second");
  faults.add("a", "first");
  try {
    faults.throw_if_any();
    FAIL();
  } catch (const ConfigurationError& error) {
    EXPECT_STREQ(error.what(), "a: first\nsecond");
  }
}

TEST(Duration, HasAUnitOrIsATimeSpan) {
  const std::pair<const char*, std::int64_t> good[] = {{"90", 90},   {"90s", 90},        {"10m", 600},
                                                       {"2h", 7200}, {"30d", 2'592'000}, {"00:01:30", 90}};
  for (const auto& [text, seconds] : good)
    EXPECT_EQ(parse_duration(text), std::chrono::seconds(seconds)) << text;
  for (const char* text : {"", "d", "1.5h", "-1", "10 m", "1w", "9999999999", "1:2"})
    EXPECT_FALSE(parse_duration(text)) << text;
}

}  // namespace
}  // namespace gatehouse::configuration
