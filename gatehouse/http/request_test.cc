#include "gatehouse/http/request.h"

#include <gtest/gtest.h>

namespace gatehouse::http {
namespace {

struct PathCase {
  const char* name;  // reads as the end of "DecodePath …"
  std::string_view raw;
  std::optional<std::string> expected;
};

const PathCase path_cases[] = {
    {"KeepsThePlainOne", "/api/orders/17", "/api/orders/17"},
    {"KeepsTheRoot", "/", "/"},
    {"KeepsOneTrailingSlash", "/api/", "/api/"},
    {"DecodesALetterOnce", "/api/adm%69n", "/api/admin"},
    {"DecodesOnlyOnce", "/api%252Fadmin", "/api%2Fadmin"},
    {"DecodesUtf8", "/caf%C3%A9", "/caf\xC3\xA9"},
    {"KeepsParametersAsText", "/api;x=1/admin", "/api;x=1/admin"},
    {"KeepsDotsInsideANameAsText", "/a..b/.hidden/c.", "/a..b/.hidden/c."},
    {"KeepsThePlusSign", "/a+b", "/a+b"},
    {"RefusesNothing", "", {}},
    {"RefusesTheAbsoluteForm", "http://x/api", {}},
    {"RefusesTheAsterisk", "*", {}},
    {"RefusesAnEmptySegment", "/api//admin", {}},
    {"RefusesAnEmptyFirstSegment", "//api", {}},
    {"RefusesTwoTrailingSlashes", "/api//", {}},
    {"RefusesADotSegment", "/api/./admin", {}},
    {"RefusesALastDotSegment", "/api/.", {}},
    {"RefusesTwoDots", "/public/../api", {}},
    {"RefusesTwoLastDots", "/api/..", {}},
    {"RefusesEncodedDots", "/public/%2e%2E/api", {}},
    {"RefusesHalfEncodedDots", "/public/.%2e/api", {}},
    {"RefusesDotsWithAParameter", "/public/..;/api", {}},
    {"RefusesADotWithAParameter", "/api/.;x=1/admin", {}},
    {"RefusesAnEncodedSlash", "/api%2Fadmin", {}},
    {"RefusesAnEncodedLowerCaseSlash", "/api%2fadmin", {}},
    {"RefusesAnEncodedBackslash", "/api%5Cadmin", {}},
    {"RefusesABackslash", "/api\\admin", {}},
    {"RefusesAnEncodedNul", "/api/admin%00", {}},
    {"RefusesEncodedLineEnds", "/api/admin%0d%0aX:1", {}},
    {"RefusesAnEncodedTab", "/api/admin%09", {}},
    {"RefusesAnEncodedDelete", "/api/admin%7F", {}},
    {"RefusesAnEncodedC1Control", "/api/%C2%85", {}},
    {"RefusesABlank", "/api/ admin", {}},
    {"RefusesAFragment", "/api/admin#", {}},
    {"RefusesAQuestionMark", "/api/admin?", {}},
    {"RefusesRawOctetsBeyondAscii", "/caf\xC3\xA9", {}},
    {"RefusesAnEscapeCutShort", "/api/admin%", {}},
    {"RefusesAnEscapeOfOneDigit", "/api/admin%6", {}},
    {"RefusesAnEscapeThatIsNoHex", "/%zz", {}},
    {"RefusesTheEscapeOfMicrosoft", "/admin%u002f", {}},
    {"RefusesAnOverlongSlash", "/api/%C0%AFadmin", {}},
    {"RefusesAnOverlongSlashOfThree", "/api/%E0%80%AFadmin", {}},
    {"RefusesAnOverlongOfFour", "/%F0%80%80%AF", {}},
    {"RefusesASurrogate", "/%ED%A0%80", {}},
    {"RefusesBeyondUnicode", "/%F4%90%80%80", {}},
    {"RefusesALoneContinuation", "/api/ad%ADmin", {}},
    {"RefusesASequenceCutShort", "/%E2%82", {}},
    {"AcceptsTheLastCharacterOfUnicode", "/%F4%8F%BF%BF", "/\xF4\x8F\xBF\xBF"},
};

class DecodePath : public testing::TestWithParam<PathCase> {};

TEST_P(DecodePath, IsJudgedByTheTable) { EXPECT_EQ(decode_path(GetParam().raw), GetParam().expected); }

INSTANTIATE_TEST_SUITE_P(Rfc3986, DecodePath, testing::ValuesIn(path_cases),
                         [](const auto& test) { return test.param.name; });

TEST(DecodePathInto, GivesThePlainPathWithoutACopy) {
  const std::string_view raw = "/api/orders/1234567890";
  std::string storage;
  EXPECT_EQ(decode_path(raw, storage)->data(), raw.data());
  EXPECT_EQ(*decode_path("/%61", storage), "/a");
  EXPECT_EQ(*decode_path("/%62", storage), "/b") << "what was stored before is gone";
}

struct QueryCase {
  const char* name;
  std::string_view query;
  std::string_view key;
  std::optional<std::string> expected;
};

const QueryCase query_cases[] = {
    {"FindsAValue", "a=1&b=2", "b", "2"},
    {"FindsTheFirstOfTwo", "a=1&a=2", "a", "1"},
    {"DecodesTheValue", "q=a%26b+c", "q", "a&b c"},
    {"DecodesTheName", "%61=1", "a", "1"},
    {"KeepsEqualsSignsInTheValue", "a=b==", "a", "b=="},
    {"FindsAnEmptyValue", "a=&b=1", "a", ""},
    {"FindsANameAlone", "a&b=1", "a", ""},
    {"FindsNothingInNothing", "", "a", {}},
    {"DoesNotFindAPrefix", "ab=1", "a", {}},
    {"GivesNothingForABadEscape", "a=%zz", "a", {}},
    {"SkipsEmptyPairs", "&&a=1", "a", "1"},
};

class QueryValue : public testing::TestWithParam<QueryCase> {};

TEST_P(QueryValue, IsJudgedByTheTable) {
  const Request request{.query = GetParam().query};
  EXPECT_EQ(request.query_value(GetParam().key), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(Request, QueryValue, testing::ValuesIn(query_cases),
                         [](const auto& test) { return test.param.name; });

struct CookieCase {
  const char* name;
  std::vector<std::string_view> headers;
  std::string_view key;
  std::optional<std::string> expected;
};

const CookieCase cookie_cases[] = {
    {"FindsOne", {"a=1; b=2"}, "b", "2"},
    {"TakesTheFirst", {"a=1; a=2"}, "a", "1"},
    {"LooksIntoEveryField", {"a=1", "b=2"}, "b", "2"},
    {"TakesQuotesOff", {"a=\"x y\""}, "a", "x y"},
    {"KeepsALoneQuote", {"a=\""}, "a", "\""},
    {"IsCaseSensitive", {"A=1"}, "a", {}},
    {"KeepsEqualsSigns", {"t=abc=="}, "t", "abc=="},
    {"ToleratesMissingBlanks", {"a=1;b=2"}, "b", "2"},
    {"FindsNothing", {}, "a", {}},
};

class Cookie : public testing::TestWithParam<CookieCase> {};

TEST_P(Cookie, IsJudgedByTheTable) {
  Request request;
  for (const std::string_view value : GetParam().headers) request.headers.add("cookie", value);
  EXPECT_EQ(request.cookie(GetParam().key), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(Rfc6265, Cookie, testing::ValuesIn(cookie_cases),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace gatehouse::http
