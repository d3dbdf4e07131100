#include "gatehouse/hosting/response_parser.h"

#include <gtest/gtest.h>

#include "gatehouse/hosting/read_buffer_test_support.h"

namespace gatehouse::hosting {
namespace {

constexpr std::size_t maximum_header = 512;
constexpr std::size_t maximum_body = 64;

// What comes of `octets` in pieces that end at `cut` and at the end: "200 body keep +3" (3 octets are left),
// or the failure.
std::string parse(std::string_view octets, std::size_t cut, ResponseParser::Method method, bool is_orderly) {
  using Progress = ResponseParser::Progress;
  ResponseParser parser(method, maximum_header, maximum_body);
  ReadBuffer buffer;
  Progress progress = Progress::more;
  for (const std::string_view piece : {octets.substr(0, cut), octets.substr(cut)}) {
    append(buffer, piece);
    if (progress == Progress::more && !piece.empty()) progress = parser.advance(buffer);
  }
  if (progress == Progress::more) progress = parser.finish(buffer, is_orderly);
  if (progress == Progress::refused)
    return std::string(code(parser.error().kind)) + " " + parser.error().subject;
  const bool keeps_alive = parser.keeps_alive();
  const HttpClientResponse response = parser.take(buffer);
  std::string text = std::to_string(response.status) + " " + response.body;
  if (keeps_alive) text += " keep";
  if (!buffer.empty()) text += " +" + std::to_string(buffer.size());
  return text;
}

struct ResponseCase {
  const char* name;
  std::string octets;
  std::string expected;
  bool is_orderly = true;
  ResponseParser::Method method = ResponseParser::Method::get;
};

const std::string ok = "HTTP/1.1 200 OK\r\n";
const std::string ambiguous = "malformed no HTTP response (body_length_ambiguous)";
const std::string bad_line = "malformed no HTTP response (status_line_invalid)";
const std::string bad_field = "malformed no HTTP response (field_invalid)";
const std::string bad_chunk = "malformed no HTTP response (chunk_invalid)";
const std::string control = "malformed no HTTP response (control_character)";
const std::string early = "unavailable the body ended early";
const std::string large_body = "too_large the response's body";
constexpr auto connect = ResponseParser::Method::connect;

std::string repeat(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

const ResponseCase response_cases[] = {
    // How a body ends
    {"TakesALength", ok + "Content-Length: 5\r\n\r\nhello", "200 hello keep"},
    {"TakesALengthOfZero", ok + "Content-Length: 0\r\n\r\n", "200  keep"},
    {"LeavesWhatFollows", ok + "Content-Length: 5\r\n\r\nhelloHTT", "200 hello keep +3"},
    {"TakesChunks", ok + "Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3;a=b\r\nllo\r\n0\r\nX: y\r\n\r\n",
     "200 hello keep"},
    {"TakesChunksOfAnyCase", ok + "transfer-encoding: CHUNKED\r\n\r\n0\r\n\r\n", "200  keep"},
    {"TakesABodyUntilTheEnd", ok + "\r\nhello", "200 hello"},
    {"TakesABodyUntilTheEndOfVersion10", "HTTP/1.0 200 OK\r\n\r\nhello", "200 hello"},
    {"TakesAnEmptyBodyUntilTheEnd", ok + "\r\n", "200 "},
    {"HasNoBodyAfter204", "HTTP/1.1 204 No Content\r\n\r\n", "204  keep"},
    {"HasNoBodyAfter304", "HTTP/1.1 304 Not Modified\r\nContent-Length: 900\r\n\r\n", "304  keep"},
    {"DoesNotTrust204WithALength", "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", "204 "},
    {"DoesNotTrust204WithChunks", "HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n", "204 "},
    {"RefusesALengthCutShort", ok + "Content-Length: 6\r\n\r\nhello", early},
    {"RefusesChunksCutShort", ok + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n", early},
    {"RefusesAnEndThatNobodySaid", ok + "\r\nhello", early, false},
    {"RefusesALengthCutShortByNobody", ok + "Content-Length: 6\r\n\r\nhello", early, false},
    {"RefusesAHeaderCutShort", ok + "Content-Length: 5\r\n\r", "unavailable the header ended early"},
    {"RefusesNothing", "", "unavailable no answer before the connection was closed"},
    // Whose length it is
    {"RefusesLengthAndChunks", ok + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
     ambiguous},
    {"RefusesChunksAndLength", ok + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
     ambiguous},
    {"RefusesTwoLengths", ok + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello", ambiguous},
    {"RefusesALengthTwice", ok + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello", ambiguous},
    {"RefusesAListOfLengths", ok + "Content-Length: 5, 5\r\n\r\nhello", ambiguous},
    {"RefusesASignedLength", ok + "Content-Length: +5\r\n\r\nhello", ambiguous},
    {"RefusesANegativeLength", ok + "Content-Length: -5\r\n\r\nhello", ambiguous},
    {"RefusesAHexadecimalLength", ok + "Content-Length: 0x5\r\n\r\nhello", ambiguous},
    {"RefusesAnEmptyLength", ok + "Content-Length:\r\n\r\n", ambiguous},
    {"RefusesOtherEncodings", ok + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", ambiguous},
    {"RefusesChunksTwice", ok + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
     ambiguous},
    {"RefusesChunksOfVersion10", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", ambiguous},
    {"RefusesABrokenChunk", ok + "Transfer-Encoding: chunked\r\n\r\nzz\r\n", bad_chunk},
    {"RefusesAChunkLongerThanItSays", ok + "Transfer-Encoding: chunked\r\n\r\n2\r\nhello\r\n0\r\n\r\n",
     bad_chunk},
    {"RefusesBareLineFeedsInChunks", ok + "Transfer-Encoding: chunked\r\n\r\n2\nhe\n0\n\n", bad_chunk},
    // Caps
    {"TakesALengthAtTheCap", ok + "Content-Length: 64\r\n\r\n" + std::string(64, 'x'),
     "200 " + std::string(64, 'x') + " keep"},
    {"RefusesALengthBeyondTheCap", ok + "Content-Length: 65\r\n\r\n", large_body},
    {"RefusesALengthBeyondNumbers", ok + "Content-Length: 99999999999999999999999\r\n\r\n", large_body},
    {"TakesABodyAtTheCap", ok + "\r\n" + std::string(64, 'x'), "200 " + std::string(64, 'x')},
    {"RefusesABodyBeyondTheCap", ok + "\r\n" + std::string(65, 'x'), large_body},
    {"TakesChunksAtTheCap",
     ok + "Transfer-Encoding: chunked\r\n\r\n40\r\n" + std::string(64, 'x') + "\r\n0\r\n\r\n",
     "200 " + std::string(64, 'x') + " keep"},
    {"RefusesChunksBeyondTheCap", ok + "Transfer-Encoding: chunked\r\n\r\n41\r\n", large_body},
    {"RefusesALongHeader", ok + "X: " + std::string(600, 'x') + "\r\n\r\n",
     "too_large the response's header"},
    {"RefusesAHeaderWithoutEnd", ok + repeat("X: y\r\n", 90), "too_large the response's header"},
    {"RefusesALongStatusLine", "HTTP/1.1 200 " + std::string(9000, 'x'),
     "malformed no HTTP response (request_line_too_long)"},
    // Lines
    {"NeedsNoReason", "HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", "200  keep"},
    {"TakesAnEmptyReason", "HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n", "200  keep"},
    {"TakesAReasonOfAnyOctets", "HTTP/1.1 200 tr\xc3\xa8s bien\r\nContent-Length: 0\r\n\r\n", "200  keep"},
    {"TakesAnEmptyField", ok + "X:\r\nContent-Length: 0\r\n\r\n", "200  keep"},
    {"RefusesAnotherProtocol", "SSH-2.0-OpenSSH_9.2\r\n", bad_line},
    {"RefusesTls", "\x15\x03\x01", bad_line},
    {"RefusesAnEmptyLineInFront", "\r\n" + ok + "\r\n", bad_line},
    {"RefusesVersion2", "HTTP/2 200\r\n\r\n", bad_line},
    {"RefusesVersion12", "HTTP/1.2 200 OK\r\n\r\n", bad_line},
    {"RefusesVersion09", "<html>", bad_line},
    {"RefusesAShortStatus", "HTTP/1.1 20 OK\r\n\r\n", bad_line},
    {"RefusesALongStatus", "HTTP/1.1 2000 OK\r\n\r\n", bad_line},
    {"RefusesAStatusOfLetters", "HTTP/1.1 2xx OK\r\n\r\n", bad_line},
    {"RefusesStatus600", "HTTP/1.1 600 OK\r\n\r\n", bad_line},
    {"RefusesStatus099", "HTTP/1.1 099 OK\r\n\r\n", bad_line},
    {"RefusesTwoBlanksBeforeTheStatus", "HTTP/1.1  200 OK\r\n\r\n", bad_line},
    {"RefusesAFold", ok + "X: y\r\n z\r\n\r\n", "malformed no HTTP response (folded_header)"},
    {"NamesTheFirstThingThatIsWrong", "HTTP/1.0 200 OK\r C\n\r\n",
     "malformed no HTTP response (control_character)"},
    {"RefusesABareLineFeed", ok + "X: y\n\r\n", "malformed no HTTP response (bare_line_feed)"},
    {"RefusesABareReturn", ok + "X: y\rz\r\n\r\n", control},
    {"RefusesNul", ok + std::string("X: y\0z\r\n\r\n", 10), control},
    {"RefusesDelete", ok + "X: y\x7f\r\n\r\n", control},
    {"RefusesABlankBeforeTheColon", ok + "X : y\r\n\r\n", bad_field},
    {"RefusesANameThatIsNone", ok + "X(: y\r\n\r\n", bad_field},
    {"RefusesAFieldWithoutAName", ok + ": y\r\n\r\n", bad_field},
    {"RefusesALineWithoutAColon", ok + "X\r\n\r\n", bad_field},
    // Interim responses
    {"SkipsInterimResponses",
     "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\nContent-Length: 3\r\n\r\n" + ok +
         "Content-Length: 5\r\n\r\nhello",
     "200 hello keep"},
    {"SkipsEightOfThem", repeat("HTTP/1.1 103 X\r\n\r\n", 8) + ok + "Content-Length: 0\r\n\r\n", "200  keep"},
    {"RefusesNineOfThem", repeat("HTTP/1.1 103 X\r\n\r\n", 9) + ok + "Content-Length: 0\r\n\r\n",
     "malformed no end of interim responses"},
    {"RefusesSwitchingProtocols", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
     "malformed no end of interim responses"},
    // Compression
    {"TakesIdentity", ok + "Content-Encoding: identity\r\nContent-Length: 0\r\n\r\n", "200  keep"},
    {"RefusesGzip", ok + "Content-Encoding: gzip\r\nContent-Length: 0\r\n\r\n",
     "malformed a compressed response, which was not asked for"},
    {"RefusesIdentityAndGzip", ok + "Content-Encoding: gzip, identity\r\n\r\n",
     "malformed a compressed response, which was not asked for"},
    // What becomes of the connection
    {"ClosesWhenTold", ok + "Connection: close\r\nContent-Length: 0\r\n\r\n", "200 "},
    {"ClosesWhenToldInAList", ok + "Connection: foo , CLOSE\r\nContent-Length: 0\r\n\r\n", "200 "},
    {"ClosesAfterVersion10", "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", "200 "},
    {"KeepsVersion10WhenTold", "HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 0\r\n\r\n",
     "200  keep"},
    // The answer to CONNECT
    {"HasNoBodyAfterConnect", "HTTP/1.1 200 Connection established\r\nContent-Length: 5\r\n\r\n", "200 ",
     true, connect},
    {"TakesARefusalOfConnect", "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 5\r\n\r\n",
     "407 ", true, connect},
};

class Responses : public testing::TestWithParam<ResponseCase> {};

TEST_P(Responses, AreReadInOneWayHoweverTheyAreCut) {
  const ResponseCase& test = GetParam();
  for (std::size_t cut = 0; cut <= test.octets.size(); ++cut)
    ASSERT_EQ(parse(test.octets, cut, test.method, test.is_orderly), test.expected) << "cut at " << cut;
}

INSTANTIATE_TEST_SUITE_P(Rfc9112, Responses, testing::ValuesIn(response_cases),
                         [](const auto& test) { return test.param.name; });

TEST(ResponseParser, GivesTheFieldsAsTheyCame) {
  ResponseParser parser(ResponseParser::Method::get, maximum_header, maximum_body);
  ReadBuffer buffer;
  append(buffer, ok + "ETag: \"a\" \r\nX:\t1\r\nx: 2\r\nContent-Length: 0\r\n\r\n");
  ASSERT_EQ(parser.advance(buffer), ResponseParser::Progress::complete);
  const HttpClientResponse response = parser.take(buffer);
  EXPECT_EQ(response.headers.find("etag"), "\"a\"");
  EXPECT_EQ(response.headers.find_all("X"), (std::vector<std::string_view>{"1", "2"}));
}

}  // namespace
}  // namespace gatehouse::hosting
