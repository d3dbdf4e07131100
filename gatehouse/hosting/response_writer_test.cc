#include "gatehouse/hosting/response_writer.h"

#include <gtest/gtest.h>

namespace gatehouse::hosting {
namespace {

constexpr std::string_view date = "Thu, 28 May 2026 20:26:40 GMT";

http::Response response(int status, std::vector<std::pair<std::string, std::string>> headers,
                        std::string body = {}) {
  http::Response made{.status = status, .body = std::move(body)};
  for (auto& [name, value] : headers) made.headers.append(name, value);
  return made;
}

struct WriterCase {
  const char* name;
  http::Response response;
  Framing framing;
  std::string expected;  // behind the Date line
};

const WriterCase writer_cases[] = {
    {"WritesABodyWithItsLength",
     response(200, {{"Content-Type", "text/plain"}}, "hello"),
     {},
     "Content-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello"},
    {"TellsTheLengthOfNothing", response(200, {}), {}, "Content-Length: 0\r\n\r\n"},
    {"TellsTheLengthToHeadWithoutTheBody",
     response(200, {}, "hello"),
     {.is_head = true},
     "Content-Length: 5\r\n\r\n"},
    {"SendsNoLengthWith204", response(204, {}, "hello"), {}, "\r\n"},
    {"SendsNoLengthWith304", response(304, {{"ETag", "\"1\""}}, "hello"), {}, "ETag: \"1\"\r\n\r\n"},
    {"SaysThatItCloses",
     response(200, {}),
     {.keeps_alive = false},
     "Content-Length: 0\r\nConnection: close\r\n\r\n"},
    {"TellsVersion10ThatItStays",
     response(200, {}),
     {.is_version_1_0 = true},
     "Content-Length: 0\r\nConnection: keep-alive\r\n\r\n"},
    {"TellsTheTrace",
     response(200, {}),
     {.traceparent = "00-1-2-00"},
     "Content-Length: 0\r\ntraceparent: 00-1-2-00\r\n\r\n"},
    {"KeepsSeveralFieldsOfOneName",
     response(200, {{"Set-Cookie", "a=1"}, {"Set-Cookie", "b=2"}}),
     {},
     "Set-Cookie: a=1\r\nSet-Cookie: b=2\r\nContent-Length: 0\r\n\r\n"},
    {"LeavesOutWhatIsTheConnections",
     response(200, {{"content-length", "99"},
                    {"Transfer-Encoding", "chunked"},
                    {"connection", "close"},
                    {"Date", "x"},
                    {"Traceparent", "y"},
                    {"X-Kept", "1"}}),
     {},
     "X-Kept: 1\r\nContent-Length: 0\r\n\r\n"},
};

class Writer : public testing::TestWithParam<WriterCase> {};

TEST_P(Writer, WritesWhatTheTableSays) {
  Framing framing = GetParam().framing;
  framing.date = date;
  std::string out = "before";
  append_response(out, GetParam().response, framing);
  const std::string line = "before" + std::string("HTTP/1.1 ") + std::to_string(GetParam().response.status) +
                           " " + std::string(http::reason_phrase(GetParam().response.status)) +
                           "\r\nDate: " + std::string(date) + "\r\n";
  EXPECT_EQ(out, line + GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(Rfc9112, Writer, testing::ValuesIn(writer_cases),
                         [](const auto& test) { return test.param.name; });

struct SendableCase {
  const char* name;
  http::Response response;
  bool expected;
};

const SendableCase sendable_cases[] = {
    {"AnOrdinaryOne", response(200, {{"X-A", "a\tb caf\xC3\xA9"}}), true},
    {"ALineEndInAValue", response(200, {{"Location", "/a\r\nSet-Cookie: x=1"}}), false},
    {"ALineFeedInAValue", response(200, {{"Location", "/a\nX: 1"}}), false},
    {"AReturnInAValue", response(200, {{"Location", "/a\rX: 1"}}), false},
    {"ANulInAValue", response(200, {{"X-A", std::string("a\0b", 3)}}), false},
    {"AnEscapeInAValue", response(200, {{"X-A", "\x1b[2J"}}), false},
    {"ALineEndInAName", response(200, {{"X-A\r\nX-B", "1"}}), false},
    {"AColonInAName", response(200, {{"X:A", "1"}}), false},
    {"AnEmptyName", response(200, {{"", "1"}}), false},
    {"AnInformationalStatus", response(101, {}), false},
    {"AStatusBeyondAll", response(600, {}), false},
    {"NoStatus", response(0, {}), false},
};

class Sendable : public testing::TestWithParam<SendableCase> {};

TEST_P(Sendable, IsJudgedByTheTable) { EXPECT_EQ(is_sendable(GetParam().response), GetParam().expected); }

INSTANTIATE_TEST_SUITE_P(Cwe113, Sendable, testing::ValuesIn(sendable_cases),
                         [](const auto& test) { return test.param.name; });

TEST(Response, MayAskForTheEndOfTheConnection) {
  EXPECT_TRUE(wants_close(response(200, {{"connection", "Close"}})));
  EXPECT_FALSE(wants_close(response(200, {{"Connection", "keep-alive"}})));
}

}  // namespace
}  // namespace gatehouse::hosting
