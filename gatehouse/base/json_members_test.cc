#include "gatehouse/base/json_members.h"

#include <gtest/gtest.h>

namespace gatehouse::json {
namespace {

class Members : public testing::Test {
 protected:
  MemberReader read(std::string_view text) { return MemberReader(parser_.parse(text).value()); }
  Parser parser_;
};

TEST_F(Members, AreReadAsWhatTheyAre) {
  MemberReader reader =
      read(R"({"text":"a","list":["b","c"],"flag":true,"seconds":60,"instant":"2026-01-15T09:00:00Z"})");
  EXPECT_EQ(reader.text("text"), "a");
  EXPECT_EQ(reader.list("list"), (std::vector<std::string>{"b", "c"}));
  EXPECT_TRUE(reader.flag("flag"));
  EXPECT_EQ(reader.seconds("seconds"), Seconds(60));
  EXPECT_EQ(reader.instant("instant"), parse_instant("2026-01-15T09:00:00Z"));
  EXPECT_FALSE(reader.fault());
}

TEST_F(Members, AreEmptyWhenTheyAreAbsent) {
  MemberReader reader = read("{}");
  EXPECT_EQ(reader.text("a"), "");
  EXPECT_TRUE(reader.list("a").empty());
  EXPECT_FALSE(reader.flag("a"));
  EXPECT_FALSE(reader.seconds("a"));
  EXPECT_FALSE(reader.instant("a"));
  EXPECT_FALSE(reader.fault());
}

TEST_F(Members, SayTheFirstFault) {
  const std::pair<void (*)(MemberReader&), const char*> cases[] = {
      {[](MemberReader& reader) { reader.text("a"); }, "'a' has to be a string"},
      {[](MemberReader& reader) { reader.list("a"); }, "'a' has to be a list of strings"},
      {[](MemberReader& reader) { reader.list("numbers"); }, "'numbers' has to be a list of strings"},
      {[](MemberReader& reader) { reader.flag("a"); }, "'a' has to be true or false"},
      {[](MemberReader& reader) { reader.seconds("zero"); }, "'zero' has to be a number of seconds"},
      {[](MemberReader& reader) { reader.instant("soon"); }, "'soon' has to be a date and time (RFC 3339)"},
  };
  for (const auto& [ask, fault] : cases) {
    MemberReader reader = read(R"({"a":7,"numbers":[1],"zero":0,"soon":"soon"})");
    ask(reader);
    reader.text("a");
    EXPECT_EQ(reader.fault(), fault);
  }
}

}  // namespace
}  // namespace gatehouse::json
