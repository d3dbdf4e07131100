#include "gatehouse/base/json.h"

#include <gtest/gtest.h>

#include <limits>

namespace gatehouse::json {
namespace {

struct RefusedCase {
  const char* name;
  std::string text;
  Failure expected;
};

std::string nested(int depth) {
  return std::string(static_cast<std::size_t>(depth), '[') +
         std::string(static_cast<std::size_t>(depth), ']');
}

std::string nested_objects(int depth) {
  std::string text;
  for (int i = 1; i < depth; ++i) text += R"({"a":)";
  return text + "{}" + std::string(static_cast<std::size_t>(depth - 1), '}');
}

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
    {"ADuplicateOfTheSixteenth", members(16).insert(1, "\"m15\":0,"), Failure::duplicate_member},
    {"ADuplicateOfTheSeventeenth", members(17).insert(1, "\"m16\":0,"), Failure::duplicate_member},
    {"ADuplicateOfTheEmptyName", R"({"":1,"a":2,"":3})", Failure::duplicate_member},
    {"ADuplicateInAnArrayOfArrays", R"([[1,[{"a":1,"b":[{"c":1,"c":2}]}]]])", Failure::duplicate_member},
    {"ASingleQuote", "{'a':1}", Failure::malformed},
    {"AControlCharacterInAString", "[\"a\nb\"]", Failure::malformed},
    {"AnUnknownEscape", R"(["\x41"])", Failure::malformed},
    {"AnUnfinishedDocument", R"({"a":)", Failure::malformed},
    {"AnUnfinishedString", R"(["a)", Failure::malformed},
    {"ANumberWithoutDigits", "[-]", Failure::malformed},
    {"ANumberWithAPlus", "[+1]", Failure::malformed},
    {"NotANumber", "[NaN]", Failure::malformed},
    {"ANegativeIntegerBeyond64Bits", "[-9223372036854775809]", Failure::malformed},
    {"AZeroOctetAfterTheRoot", std::string("{}\0", 3), Failure::malformed},
    {"Blanks", "  \n", Failure::malformed},
    {"Utf16", std::string("{\0}\0", 4), Failure::malformed},
    {"MembersBeyondTheCapDeepInside", "[[" + members(257) + "]]", Failure::too_large},
    {"ObjectsBeyondTheDepth", nested_objects(65), Failure::too_deep},
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
  EXPECT_TRUE(parser.parse(nested_objects(64)));
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

TEST(Parser, TakesNamesThatOnlyLookAlike) {
  Parser parser;
  EXPECT_TRUE(parser.parse(R"({"ab":1,"ac":2,"ad":3,"Ab":4,"":5,"a":6,"b":7,"a\u0000":8})"));
  EXPECT_TRUE(parser.parse(R"({"a":{"a":{"a":[{"a":1},{"a":2}]}}})"));
  for (int count = 14; count < 20; ++count) EXPECT_TRUE(parser.parse(members(count))) << count;
}

TEST(Parser, IsAsGoodAsNewAfterAFailureOrALargerDocument) {
  Parser parser;
  EXPECT_FALSE(parser.parse(R"({"a":1,"a":2})"));
  EXPECT_FALSE(parser.parse(nested(70)));
  const std::string large = "[\"" + std::string(100'000, 'x') + "\"]";
  ASSERT_TRUE(parser.parse(large));
  EXPECT_EQ((*parser.parse(large)->begin()).as_string().size(), 100'000u);
  EXPECT_FALSE(parser.parse(nested(3), {.depth = 2}));
  EXPECT_EQ(parser.parse(R"({"a":"b"})")->find_string("a"), "b");
}

TEST(Parser, MovesWithItsDocument) {
  Parser first;
  const Value root = *first.parse(R"({"a":1})");
  const Parser second = std::move(first);
  EXPECT_EQ(root.find("a")->as_integer(), 1);
}

TEST(Value, KeepsKindsAndOrder) {
  Parser parser;
  const auto root =
      parser.parse(R"({"s":"a\n","i":-7,"u":18446744073709551615,"d":1.5,"b":true,"n":null,"o":{},"a":[1]})");
  ASSERT_TRUE(root);
  std::string names;
  std::vector<Kind> kinds;
  for (auto member = root->begin(); member != root->end(); ++member) {
    names += member.name();
    kinds.push_back((*member).kind());
  }
  EXPECT_EQ(names, "siudbnoa");
  EXPECT_EQ(kinds, (std::vector{Kind::string, Kind::integer, Kind::unsigned_integer, Kind::number,
                                Kind::boolean, Kind::null, Kind::object, Kind::array}));
  EXPECT_EQ(root->find_string("s"), "a\n");
  EXPECT_EQ(root->find("i")->as_integer(), -7);
  EXPECT_EQ(root->find("u")->as_unsigned(), 18446744073709551615u);
  EXPECT_EQ(root->find("d")->as_double(), 1.5);
  EXPECT_TRUE(root->find("b")->as_bool());
  EXPECT_FALSE(root->find("missing"));
  EXPECT_EQ(root->find("o")->size(), 0u);
  EXPECT_EQ(root->find("a")->size(), 1u);
}

TEST(Value, IsIteratedWhateverItIs) {
  Parser parser;
  const Value numbers = *parser.parse("[1,-2,3.5,18446744073709551615]");
  double sum = 0;
  for (const Value number : numbers) {
    EXPECT_TRUE(number.is_number());
    sum += number.as_double();
  }
  EXPECT_EQ(sum, 1 - 2 + 3.5 + 18446744073709551615.0);
  const Value text = *parser.parse("\"a\"");
  EXPECT_TRUE(text.begin() == text.end());
  EXPECT_EQ(text.size(), 0u);
  EXPECT_FALSE(text.find("a"));
}

TEST(Value, DumpsOneSpelling) {
  Parser parser;
  EXPECT_EQ(parser.parse(R"( {"a" : [ 1.50, 1e2 , true,null ], "\u0062":"\u0041\/\u0001\"" } )")->dump(),
            R"({"a":[1.5,100.0,true,null],"b":"A/\u0001\""})");
}

using Texts = std::vector<std::string>;

// Each item as name=kind:source; the kind by its number.
Texts items_of(std::string_view text) {
  Parser parser;
  Texts found;
  EXPECT_TRUE(parser.parse(text)) << text;
  for (const Item& item : parser.items()) {
    EXPECT_EQ(item.kind, item.value.kind());
    found.push_back(std::string(item.name) + '=' + std::string(item.text));
  }
  return found;
}

TEST(Items, HaveTheTextThatStoodThere) {
  EXPECT_EQ(items_of(R"( { "a" : { "x" : "}" } , "b\u0062":[ 1,[2] ],"c":"\"," ,)"
                     "\r\n\t\"d\":1e2\t\r\n} "),
            (Texts{R"(a={ "x" : "}" })", "bb=[ 1,[2] ]", "c=\",", "d=1e2"}));
  EXPECT_EQ(items_of(R"(["a",{"b":[{}]}, null ,-1])"), (Texts{"=a", R"(={"b":[{}]})", "=null", "=-1"}));
  for (const char* nothing : {"{}", "[ ]", "7", "\"[1]\"", "null"}) EXPECT_TRUE(items_of(nothing).empty());
}

TEST(Items, AreThoseOfTheLastText) {
  Parser parser;
  ASSERT_TRUE(parser.parse(R"({"a":1,"b":2})"));
  EXPECT_EQ(parser.items().size(), 2u);
  ASSERT_TRUE(parser.parse(R"({"c":"d\n"})"));
  ASSERT_EQ(parser.items().size(), 1u);
  EXPECT_EQ(parser.items().front().text, "d\n");
}

TEST(Items, EndAtAnyBlank) { EXPECT_EQ(items_of("[1\t,2\r,3\n,4 ]"), (Texts{"=1", "=2", "=3", "=4"})); }

TEST(Value, OfAnArrayHasNoName) {
  Parser parser;
  const Value list = *parser.parse("[1]");
  EXPECT_TRUE(list.begin().name().empty());
}

struct SequenceCase {
  const char* octets;
  bool is_utf8;
};

// The edges of RFC 3629 section 4, each from both sides.
constexpr SequenceCase sequences[] = {{"\xC1\xBF", false},         {"\xC2\x80", true},
                                      {"\xC2\x7F", false},         {"\xC2", false},
                                      {"\xDF\xBF", true},          {"\xE0\x9F\xBF", false},
                                      {"\xE0\xA0\x80", true},      {"\xE1\x80\x80", true},
                                      {"\xE1\x80", false},         {"\xE1\x80\xC0", false},
                                      {"\xED\x9F\xBF", true},      {"\xED\xA0\x80", false},
                                      {"\xEF\xBF\xBF", true},      {"\xF0\x8F\xBF\xBF", false},
                                      {"\xF0\x90\x80\x80", true},  {"\xF1\x80\x80\x80", true},
                                      {"\xF1\x80\x80", false},     {"\xF1\x80", false},
                                      {"\xF1\x80\x80\x7F", false}, {"\xF1\x80\x7F\x80", false},
                                      {"\xF4\x8F\xBF\xBF", true},  {"\xF4\x90\x80\x80", false},
                                      {"\xF5\x80\x80\x80", false}, {"\x80", false}};

TEST(Writer, KeepsUtf8AndNothingElse) {
  Parser parser;
  for (const auto& [octets, is_utf8] : sequences) {
    const std::string text = quote(octets);
    EXPECT_EQ(text == '"' + std::string(octets) + '"', is_utf8) << text;
    EXPECT_EQ(text.contains("\uFFFD"), !is_utf8) << text;
    EXPECT_TRUE(parser.parse(text)) << text;
  }
}

TEST(Writer, PutsCommasWhereTheyBelong) {
  Writer writer;
  writer.begin_object().member("a", 1).name("b").begin_array().value("x").value(true).null().end_array();
  writer.name("c").begin_object().end_object().member("d", 0.5).end_object();
  EXPECT_EQ(writer.text(), R"({"a":1,"b":["x",true,null],"c":{},"d":0.5})");
}

TEST(Writer, WritesNumbersThatReadBackTheSame) {
  Parser parser;
  for (const double number :
       {0.0, -0.0, 0.1, 1.0 / 3, 1e300, 5e-324, -1.5, 123456789.0, 1e21, 1780000000.25}) {
    const std::string text = std::move(Writer().begin_array().value(number).end_array()).take();
    ASSERT_TRUE(parser.parse(text)) << text;
    EXPECT_EQ((*parser.parse(text)->begin()).as_double(), number) << text;
  }
  Writer extremes;
  extremes.begin_array()
      .value(std::numeric_limits<std::int64_t>::min())
      .value(std::numeric_limits<std::uint64_t>::max());
  extremes.value(std::numeric_limits<double>::infinity())
      .value(std::numeric_limits<double>::quiet_NaN())
      .end_array();
  EXPECT_EQ(extremes.text(), "[-9223372036854775808,18446744073709551615,null,null]");
}

TEST(Writer, WritesJsonWhateverComesIn) {
  std::string all;
  for (int c = 0; c < 256; ++c) all += static_cast<char>(c);
  Parser parser;
  EXPECT_TRUE(parser.parse(quote(all)));
  EXPECT_EQ(quote("a\"\\\n\x01z"), R"("a\"\\\n\u0001z")");
  EXPECT_EQ(quote("\x1f\x7f"), R"("\u001f\u007f")");
  EXPECT_EQ(quote("\xC3\xA9\xFF"), "\"\xC3\xA9\xEF\xBF\xBD\"");
}

TEST(Object, WritesEachKindOfValue) {
  const std::string text = "a\"b";
  EXPECT_EQ(object({{"literal", "x"},
                    {"text", text},
                    {"maybe", std::optional<std::string_view>("y")},
                    {"nothing", std::optional<std::string_view>()},
                    {"flag", false},
                    {"count", 7u},
                    {"below", -7},
                    {"most", std::numeric_limits<std::uint64_t>::max()},
                    {"half", 0.5}}),
            R"({"literal":"x","text":"a\"b","maybe":"y","nothing":null,"flag":false,"count":7,"below":-7,)"
            R"("most":18446744073709551615,"half":0.5})");
  EXPECT_EQ(object({}), "{}");
}

}  // namespace
}  // namespace gatehouse::json
