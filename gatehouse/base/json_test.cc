#include "gatehouse/base/json.h"

#include <gtest/gtest.h>

namespace gatehouse::json {
namespace {

struct RefusedCase {
  const char* name;
  std::string text;
  Failure expected;
};

std::string nested(int depth) { return std::string(static_cast<std::size_t>(depth), '[') + std::string(static_cast<std::size_t>(depth), ']'); }

std::string members(int count) {
  Writer writer;
  writer.begin_object();
  for (int i = 0; i < count; ++i) writer.member("m" + std::to_string(i), i);
  return std::move(writer.end_object()).take();
}

const RefusedCase refused_cases[] = {
    {"Nothing", "", Failure::malformed},
    {"BytesAfterTheRoot", "{} {}", Failure::malformed},
    {"AByteOrderMark", "\xEF\xBB\xBF{}", Failure::malformed},
    {"InvalidUtf8", "{\"a\":\"\xC0\xAF\"}", Failure::malformed},
    {"ALoneSurrogate", R"({"a":"\ud800"})", Failure::malformed},
    {"ATrailingComma", "[1,]", Failure::malformed},
    {"AComment", "{}/**/", Failure::malformed},
    {"AnIntegerBeyond64Bits", "[18446744073709551616]", Failure::malformed},
    {"ANumberBeyondADouble", "[1e999]", Failure::malformed},
    {"ALeadingZero", "[01]", Failure::malformed},
    {"ADuplicateMember", R"({"a":1,"b":2,"a":3})", Failure::duplicate_member},
    {"ADuplicateInAnotherSpelling", R"({"a":1,"\u0061":3})", Failure::duplicate_member},
    {"ADuplicateDeepInside", R"({"x":[{"y":{"a":1,"a":1}}]})", Failure::duplicate_member},
    {"ADuplicateAmongMany", members(40).insert(1, "\"m39\":0,"), Failure::duplicate_member},
    {"NestingBeyondTheCap", nested(65), Failure::too_deep},
    {"MembersBeyondTheCap", members(257), Failure::too_large},
};

class Refused : public testing::TestWithParam<RefusedCase> {};

TEST_P(Refused, IsNotRead) {
  Parser parser;
  const auto value = parser.parse(GetParam().text);
  ASSERT_FALSE(value);
  EXPECT_EQ(value.error().kind, GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(Json, Refused, testing::ValuesIn(refused_cases),
                         [](const auto& test) { return test.param.name; });

TEST(Parser, ReadsUpToItsCaps) {
  Parser parser;
  EXPECT_TRUE(parser.parse(nested(64)));
  EXPECT_TRUE(parser.parse(members(256)));
  EXPECT_TRUE(parser.parse("[18446744073709551615,-9223372036854775808]"));
}

TEST(Parser, NamesTheDuplicate) {
  Parser parser;
  EXPECT_EQ(parser.parse(R"({"aud":1,"aud":2})").error(), (Error{Failure::duplicate_member, "aud"}));
}

TEST(Parser, RefusesMoreOctetsThanAllowed) {
  Parser parser;
  EXPECT_EQ(parser.parse("[1,2,3]", {.octets = 6}).error().kind, Failure::too_large);
  EXPECT_TRUE(parser.parse("[1,2,3]", {.octets = 7}));
}

TEST(Value, KeepsKindsAndOrder) {
  Parser parser;
  const auto root = parser.parse(R"({"s":"a\n","i":-7,"u":18446744073709551615,"d":1.5,"b":true,"n":null,"o":{},"a":[1]})");
  ASSERT_TRUE(root);
  std::string names;
  std::vector<Kind> kinds;
  for (auto member = root->begin(); member != root->end(); ++member) {
    names += member.name();
    kinds.push_back((*member).kind());
  }
  EXPECT_EQ(names, "siudbnoa");
  EXPECT_EQ(kinds, (std::vector{Kind::string, Kind::integer, Kind::unsigned_integer, Kind::number, Kind::boolean,
                                Kind::null, Kind::object, Kind::array}));
  EXPECT_EQ(root->find_string("s"), "a\n");
  EXPECT_EQ(root->find("i")->as_integer(), -7);
  EXPECT_EQ(root->find("u")->as_unsigned(), 18446744073709551615u);
  EXPECT_EQ(root->find("d")->as_double(), 1.5);
  EXPECT_TRUE(root->find("b")->as_bool());
  EXPECT_FALSE(root->find("missing"));
  EXPECT_EQ(root->find("o")->size(), 0u);
  EXPECT_EQ(root->find("a")->size(), 1u);
}

TEST(SourceTexts, AreWhatStoodThere) {
  EXPECT_EQ(source_texts(R"( { "a" : { "x" : "}" } , "b":[ 1,2 ],"c":"\"," , "d":1e2} )"),
            (std::vector<std::string_view>{R"({ "x" : "}" })", "[ 1,2 ]", R"("\",")", "1e2"}));
  EXPECT_EQ(source_texts(R"(["a",{"b":[]}, null ])"), (std::vector<std::string_view>{"\"a\"", R"({"b":[]})", "null"}));
  EXPECT_TRUE(source_texts("{}").empty());
}

TEST(Writer, PutsCommasWhereTheyBelong) {
  Writer writer;
  writer.begin_object().member("a", 1).name("b").begin_array().value("x").value(true).null().end_array();
  writer.name("c").begin_object().end_object().member("d", 0.5).end_object();
  EXPECT_EQ(writer.text(), R"({"a":1,"b":["x",true,null],"c":{},"d":0.5})");
}

TEST(Writer, WritesJsonWhateverComesIn) {
  std::string all;
  for (int c = 0; c < 256; ++c) all += static_cast<char>(c);
  Parser parser;
  EXPECT_TRUE(parser.parse(quote(all)));
  EXPECT_EQ(quote("a\"\\\n\x01z"), R"("a\"\\\n\u0001z")");
  EXPECT_EQ(quote("\xC3\xA9\xFF"), "\"\xC3\xA9\xEF\xBF\xBD\"");
}

}  // namespace
}  // namespace gatehouse::json
