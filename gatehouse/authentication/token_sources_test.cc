#include "gatehouse/authentication/token_sources.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace gatehouse::authentication {
namespace {

struct SourceCase {
  const char* name;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string query, body;
  std::string found;       // with every source on; "!" when there are several
  std::string by_default;  // with the header alone
};

constexpr const char* form = "application/x-www-form-urlencoded";
const TokenSources everywhere{.query = true, .form = true, .cookie = "session"};

const SourceCase source_cases[] = {
    {"Nowhere", {}, "", "", "", ""},
    {"InTheHeader", {{"Authorization", "Bearer a"}}, "", "", "a", "a"},
    {"OfAnyCaseAndWithBlanksAround", {{"authorization", "bEARER   a \t"}}, "", "", "a", "a"},
    {"OtherCredentials", {{"Authorization", "Basic a"}}, "", "", "", ""},
    {"OtherCredentialsAndAQuery", {{"Authorization", "Basic a"}}, "access_token=b", "", "b", ""},
    {"AnEmptyHeader", {{"Authorization", "Bearer "}}, "", "", "", ""},
    {"TwoHeaders", {{"Authorization", "Bearer a"}, {"Authorization", "Bearer b"}}, "", "", "!", "!"},
    {"TheSameHeaderTwice", {{"Authorization", "Bearer a"}, {"Authorization", "Bearer a"}}, "", "", "!", "!"},
    {"BearerAndBasic", {{"Authorization", "Basic a"}, {"Authorization", "Bearer b"}}, "", "", "!", "!"},
    {"BasicAndBearer", {{"Authorization", "Bearer b"}, {"Authorization", "Basic a"}}, "", "", "!", "!"},
    {"TwoOtherCredentials", {{"Authorization", "Basic a"}, {"Authorization", "Basic b"}}, "", "", "", ""},
    {"InTheQuery", {}, "x=1&access_token=a%2Bb&y=2", "", "a+b", ""},
    {"TwiceInTheQuery", {}, "access_token=a&access_token=b", "", "!", ""},
    {"UnderAnEscapedName", {}, "%61ccess_token=a", "", "a", ""},
    {"InTheQueryAndUndecodable", {}, "access_token=%zz", "", "undecodable", ""},
    {"UnderALongerName", {}, "xaccess_token=a&access_tokens=b", "", "", ""},
    {"WithoutAValue", {}, "access_token", "", "", ""},
    {"InTheHeaderAndTheQuery", {{"Authorization", "Bearer a"}}, "access_token=a", "", "!", "a"},
    {"InTheForm", {{"Content-Type", form}}, "", "access_token=a&x=1", "a", ""},
    {"InTheFormWithACharset",
     {{"Content-Type", "Application/X-WWW-Form-Urlencoded ; charset=utf-8"}},
     "",
     "access_token=a",
     "a"},
    {"InABodyThatIsNoForm", {{"Content-Type", "application/json"}}, "", "access_token=a", "", ""},
    {"InTheCookie", {{"Cookie", "x=1; session=a; y=2"}}, "", "", "a"},
    {"InTheCookieAndTheHeader", {{"Cookie", "session=a"}, {"Authorization", "Bearer b"}}, "", "", "!", "b"},
};

class Sources : public testing::TestWithParam<SourceCase> {
 protected:
  std::string find(const TokenSources& sources) const {
    http::Request request{.method = "POST", .query = GetParam().query, .body = GetParam().body};
    for (const auto& [name, value] : GetParam().headers) request.headers.add(name, value);
    std::string storage;
    const auto token = find_token(request, sources, storage);
    if (token) return std::string(*token);
    return token.error().kind == Failure::several_tokens ? "!" : "?";
  }
};

TEST_P(Sources, HoldAtMostOneToken) { EXPECT_EQ(find(everywhere), GetParam().found); }

TEST_P(Sources, AreTheHeaderAloneByDefault) { EXPECT_EQ(find({}), GetParam().by_default); }

INSTANTIATE_TEST_SUITE_P(Rfc6750, Sources, testing::ValuesIn(source_cases),
                         [](const auto& test) { return test.param.name; });

struct AloneCase {
  const char* name;
  TokenSources sources;
  const char* method;
  const char* found;
};

const AloneCase alone_cases[] = {
    {"TheQuery", {.query = true}, "POST", "q"},         {"TheForm", {.form = true}, "POST", "f"},
    {"TheFormOfAPut", {.form = true}, "PUT", "f"},      {"TheFormOfAPatch", {.form = true}, "PATCH", "f"},
    {"TheFormOfAGet", {.form = true}, "GET", ""},       {"TheCookie", {.cookie = "session"}, "POST", "c"},
    {"AnotherCookie", {.cookie = "other"}, "POST", ""},
};

class Alone : public testing::TestWithParam<AloneCase> {};

TEST_P(Alone, CountsWhereItIsSwitchedOn) {
  http::Request request{.method = GetParam().method, .query = "access_token=q", .body = "access_token=f"};
  request.headers.add("Content-Type", form);
  request.headers.add("Cookie", "session=c; =x");
  std::string storage;
  EXPECT_EQ(find_token(request, GetParam().sources, storage), GetParam().found);
}

INSTANTIATE_TEST_SUITE_P(Rfc6750, Alone, testing::ValuesIn(alone_cases),
                         [](const auto& test) { return test.param.name; });

TEST(OriginalToken, IsCutOutOfAllHeadersTogether) {
  http::Request request;
  std::string storage;
  EXPECT_EQ(original_token(request, storage), "");
  request.headers.add("X-Authorization", "Bearer x");
  request.headers.add("Authorization", "");
  request.headers.add("Authorization", "Bearer a");
  EXPECT_EQ(original_token(request, storage), "a");
  request.headers.add("authorization", "Bearer b");
  EXPECT_EQ(original_token(request, storage), "a,Bearer b");
  request.headers.add("authorization", "Bearer c");
  EXPECT_EQ(original_token(request, storage), "a,Bearer b,Bearer c");
}

}  // namespace
}  // namespace gatehouse::authentication
