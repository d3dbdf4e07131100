#include "gatehouse/hosting/http_parser.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstring>
#include <vector>

namespace gatehouse::hosting {
namespace {

using Progress = RequestParser::Progress;

// Everything a parser makes of octets that come in pieces: requests up to the first refusal, one line each.
class Reading {
 public:
  explicit Reading(const Limits& limits) : parser_(limits) {}

  void receive(std::string_view piece) {
    while (!piece.empty() && !refused_) {
      const std::span<char> space = buffer_.space();
      const std::size_t count = std::min(space.size(), piece.size());
      std::memcpy(space.data(), piece.data(), count);
      buffer_.commit(count);
      piece.remove_prefix(count);
      look();
    }
  }

  std::string result() const { return buffer_.empty() || refused_ ? text_ : text_ + "…"; }

 private:
  void look() {
    while (!buffer_.empty() && !refused_) {
      const Progress progress = parser_.advance(buffer_);
      if (progress == Progress::more) return;
      if (progress == Progress::refused) {
        text_ += fmt::format("{} {}", parser_.refusal().status, parser_.refusal().code);
        refused_ = true;
        return;
      }
      note(parser_.request());
      buffer_.consume(parser_.octets());
      parser_.reset();
    }
  }

  void note(const http::Request& request) {
    text_ += fmt::format("{} {}", request.method, request.path);
    if (!request.query.empty()) text_ += fmt::format("?{}", request.query);
    text_ += fmt::format(" @{}", request.host);
    for (const http::RequestHeaders::Field& field : request.headers)
      if (field.name.starts_with("X")) text_ += fmt::format(" {}={}", field.name, field.value);
    if (!request.body.empty()) text_ += fmt::format(" [{}]", request.body.substr(0, 40));
    text_ += parser_.keeps_alive() ? ";" : ".";
  }

  RequestParser parser_;
  ReadBuffer buffer_;
  std::string text_;
  bool refused_ = false;
};

std::string read_in_two(const Limits& limits, std::string_view raw, std::size_t cut) {
  Reading reading(limits);
  reading.receive(raw.substr(0, cut));
  reading.receive(raw.substr(cut));
  return reading.result();
}

std::string read_in_octets(const Limits& limits, std::string_view raw) {
  Reading reading(limits);
  for (std::size_t i = 0; i < raw.size(); ++i) reading.receive(raw.substr(i, 1));
  return reading.result();
}

struct ParserCase {
  const char* name;  // reads as the end of "Parser …"
  std::string raw;
  std::string
      expected;  // "GET /path?query @host X-Header=value [body];" and "." when the connection is to close
};

std::string get(std::string_view fields, std::string_view line = "GET / HTTP/1.1") {
  return fmt::format("{}\r\nHost: a\r\n{}\r\n", line, fields);
}

std::string post(std::string_view fields, std::string_view body) {
  return fmt::format("POST /p HTTP/1.1\r\nHost: a\r\n{}\r\n{}", fields, body);
}

std::string chunked(std::string_view body) { return post("Transfer-Encoding: chunked\r\n", body); }

std::string line(std::string_view target) { return get("", fmt::format("GET {} HTTP/1.1", target)); }

std::string host(std::string_view value) { return fmt::format("GET / HTTP/1.1\r\nHost: {}\r\n\r\n", value); }

std::string repeat(std::string_view text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

using namespace std::string_literals;

const ParserCase parser_cases[] = {
    // What is served.
    {"ReadsARequest", get("X-A: 1\r\n"), "GET / @a X-A=1;"},
    {"TrimsBlanksAroundAValue", get("X-A: \t 1 2\t \r\n"), "GET / @a X-A=1 2;"},
    {"KeepsAnEmptyValue", get("X-A:\r\n"), "GET / @a X-A=;"},
    {"ReadsOctetsBeyondAsciiInAValue", get("X-A: caf\xC3\xA9\r\n"), "GET / @a X-A=caf\xC3\xA9;"},
    {"SplitsTheQuery", line("/a/b?c=%20d?e"), "GET /a/b?c=%20d?e @a;"},
    {"DecodesThePathOnce", line("/%61%2562?%61"), "GET /a%62?%61 @a;"},
    {"ReadsABody", post("Content-Length: 5\r\n", "hello"), "POST /p @a [hello];"},
    {"ReadsAnEmptyBody", post("Content-Length: 0\r\n", ""), "POST /p @a;"},
    {"ReadsRequestsInARow", get("") + post("Content-Length: 2\r\n", "hi") + get("X-A: 1\r\n"),
     "GET / @a;POST /p @a [hi];GET / @a X-A=1;"},
    {"DoesNotTakeABodyForARequest", post("Content-Length: 18\r\n", "GET / HTTP/1.1\r\n\r\n") + get(""),
     "POST /p @a [GET / HTTP/1.1\r\n\r\n];GET / @a;"},
    {"WaitsForTheRestOfABody", post("Content-Length: 5\r\n", "hell"), "…"},
    {"WaitsForTheEndOfTheHeader", "GET / HTTP/1.1\r\nHost: a\r\n", "…"},
    {"LetsOneEmptyLineInFrontPass", "\r\n" + get(""), "GET / @a;"},
    {"LetsAnUnknownMethodPass", get("", "BREW /pot HTTP/1.1"), "BREW /pot @a;"},
    {"KeepsTheCaseOfAMethod", get("", "get / HTTP/1.1"), "get / @a;"},
    {"ReadsTheAsteriskOfOptions", get("", "OPTIONS * HTTP/1.1"), "OPTIONS * @a;"},
    {"ReadsAVeryLongPath", line("/" + repeat("a", 8000)), "GET /" + repeat("a", 8000) + " @a;"},
    {"IgnoresAnUpgrade", get("Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"), "GET / @a;"},
    // How long the connection lives.
    {"ClosesWhenAsked", get("Connection: close\r\n"), "GET / @a."},
    {"ClosesWhenAskedAmongOtherWords", get("Connection: x, Close\r\n"), "GET / @a."},
    {"ClosesAfterVersion10", "GET / HTTP/1.0\r\n\r\n", "GET / @."},
    {"KeepsVersion10WhenAsked", "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "GET / @;"},
    {"ReadsTheHostOfVersion10", "GET / HTTP/1.0\r\nHost: a\r\n\r\n", "GET / @a."},
    // Chunks.
    {"JoinsChunks", chunked("3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n") + get(""), "POST /p @a [abcde];GET / @a;"},
    {"ReadsNoChunks", chunked("0\r\n\r\n") + get(""), "POST /p @a;GET / @a;"},
    {"ReadsChunkSizesInHex", chunked("0a\r\n0123456789\r\nB\r\n0123456789a\r\n0\r\n\r\n"),
     "POST /p @a [01234567890123456789a];"},
    {"ReadsOverExtensions", chunked("3;a=b;c=\"d e\"\r\nabc\r\n0;x\r\n\r\n"), "POST /p @a [abc];"},
    {"ReadsOverTrailers", chunked("1\r\na\r\n0\r\nX-Trailer: 1\r\nAuthorization: Bearer x\r\n\r\n") + get(""),
     "POST /p @a [a];GET / @a;"},
    {"AcceptsChunkedInAnyCase", post("Transfer-Encoding: CHUNKED\r\n", "1\r\na\r\n0\r\n\r\n"),
     "POST /p @a [a];"},
    {"TakesLineEndsInsideChunksForData", chunked("6\r\n0\r\n\r\nG\r\n0\r\n\r\n"), "POST /p @a [0\r\n\r\nG];"},
    {"WaitsForTheLastChunk", chunked("1\r\na\r\n"), "…"},
    {"WaitsForTheEndOfTheTrailers", chunked("1\r\na\r\n0\r\nX: y\r\n"), "…"},
    // Two ways to say how long a body is.
    {"RefusesLengthAndChunks",
     post("Content-Length: 6\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\nGET / HTTP/1.1\r\n"),
     "400 body_length_ambiguous"},
    {"RefusesChunksAndLength", post("Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", "5c\r\n"),
     "400 body_length_ambiguous"},
    {"RefusesTwoLengths", post("Content-Length: 0\r\nContent-Length: 44\r\n", ""),
     "400 body_length_ambiguous"},
    {"RefusesTwoEqualLengths", post("Content-Length: 5\r\nContent-Length: 5\r\n", "hello"),
     "400 body_length_ambiguous"},
    {"RefusesAListOfLengths", post("Content-Length: 5, 5\r\n", "hello"), "400 body_length_ambiguous"},
    {"RefusesATrailingComma", post("Content-Length: 5,\r\n", "hello"), "400 body_length_ambiguous"},
    {"RefusesASignedLength", post("Content-Length: +5\r\n", "hello"), "400 body_length_ambiguous"},
    {"RefusesANegativeLength", post("Content-Length: -1\r\n", ""), "400 body_length_ambiguous"},
    {"RefusesALengthInHex", post("Content-Length: 0x5\r\n", "hello"), "400 body_length_ambiguous"},
    {"RefusesALengthWithABlank", post("Content-Length: 5 5\r\n", "hello"), "400 body_length_ambiguous"},
    {"RefusesAFraction", post("Content-Length: 5.0\r\n", "hello"), "400 body_length_ambiguous"},
    {"RefusesAnEmptyLength", post("Content-Length: \r\n", ""), "400 body_length_ambiguous"},
    {"RefusesADigitThatIsNotAscii", post("Content-Length: 5\xB2\r\n", "hello"), "400 body_length_ambiguous"},
    {"RefusesALengthBeyond64Bits", post("Content-Length: 18446744073709551621\r\n", "aaaaa"),
     "400 body_length_ambiguous"},
    {"RefusesAnUnknownCoding", post("Transfer-Encoding: xchunked\r\n", ""),
     "501 transfer_encoding_unsupported"},
    {"RefusesIdentity", post("Transfer-Encoding: identity\r\n", ""), "501 transfer_encoding_unsupported"},
    {"RefusesACodingBeforeChunked", post("Transfer-Encoding: gzip, chunked\r\n", ""),
     "501 transfer_encoding_unsupported"},
    {"RefusesChunkedTwice", post("Transfer-Encoding: chunked, chunked\r\n", ""),
     "501 transfer_encoding_unsupported"},
    {"RefusesACodingAfterChunked", post("Transfer-Encoding: chunked, identity\r\n", ""),
     "501 transfer_encoding_unsupported"},
    {"RefusesAQuotedCoding", post("Transfer-Encoding: \"chunked\"\r\n", ""), "400 body_length_ambiguous"},
    {"RefusesTwoCodings", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: cow\r\n", ""),
     "400 body_length_ambiguous"},
    {"RefusesChunksInVersion10", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
     "400 body_length_ambiguous"},
    // Lines that others would read in another way.
    {"RefusesAVerticalTab",
     post("Transfer-Encoding: \x0b"
          "chunked\r\n",
          ""),
     "400 control_character"},
    {"RefusesANulInAValue", get("X-A: a\0b\r\n"s), "400 control_character"},
    {"RefusesANulInAName", get("X\0A: b\r\n"s), "400 control_character"},
    {"RefusesANulInTheRequestLine", "GET /\0 HTTP/1.1\r\n"s, "400 control_character"},
    {"RefusesADelete", get("X-A: a\x7f\r\n"), "400 control_character"},
    {"RefusesABareReturnInAValue", get("X-A: a\rX-B: b\r\n"), "400 control_character"},
    {"RefusesReturnsForLineEnds", "GET / HTTP/1.1\rHost: a\r\r", "400 control_character"},
    {"RefusesTwoReturns", "GET / HTTP/1.1\r\r\nHost: a\r\n\r\n", "400 control_character"},
    {"RefusesABareLineFeed", "GET / HTTP/1.1\nHost: a\n\n", "400 bare_line_feed"},
    {"RefusesABareLineFeedAfterAField", get("X-A: a\nX-B: b\r\n"), "400 bare_line_feed"},
    {"RefusesABareLineFeedAtTheEnd", "GET / HTTP/1.1\r\nHost: a\r\n\n", "400 bare_line_feed"},
    {"RefusesAFold", get("X-A: a\r\n b\r\n"), "400 folded_header"},
    {"RefusesAFoldWithATab", get("X-A: a\r\n\tb\r\n"), "400 folded_header"},
    {"RefusesAFoldOfTheRequestLine", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", "400 folded_header"},
    {"RefusesABlankBeforeTheColon", post("Content-Length : 5\r\n", "hello"), "400 header_invalid"},
    {"RefusesATabBeforeTheColon", post("Content-Length\t: 5\r\n", "hello"), "400 header_invalid"},
    {"RefusesABlankInAName", get("X A: b\r\n"), "400 header_invalid"},
    {"RefusesANameThatIsNoToken", get("X(a): b\r\n"), "400 header_invalid"},
    {"RefusesANameBeyondAscii", get("X\xE9: b\r\n"), "400 header_invalid"},
    {"RefusesAnEmptyName", get(": b\r\n"), "400 header_invalid"},
    {"RefusesALineWithoutAColon", get("abc\r\n"), "400 header_invalid"},
    {"RefusesManyEmptyLinesInFront", repeat("\r\n", 100) + get(""), "400 request_line_invalid"},
    {"RefusesAHandshakeOfTls", "\x16\x03\x01\x02"s, "400 control_character"},
    // The request line.
    {"RefusesTabsBetweenParts", get("", "GET\t/\tHTTP/1.1"), "400 request_line_invalid"},
    {"RefusesTwoBlanks", get("", "GET  / HTTP/1.1"), "400 request_line_invalid"},
    {"RefusesABlankInTheTarget", get("", "GET /a b HTTP/1.1"), "400 request_line_invalid"},
    {"RefusesABlankInFront", get("", " GET / HTTP/1.1"), "400 request_line_invalid"},
    {"RefusesWordsBehindTheVersion", get("", "GET / HTTP/1.1 x"), "400 request_line_invalid"},
    {"RefusesAMethodThatIsNoToken", get("", "GE(T / HTTP/1.1"), "400 request_line_invalid"},
    {"RefusesAnEmptyMethod", get("", " / HTTP/1.1"), "400 request_line_invalid"},
    {"RefusesVersion09", get("", "GET /"), "400 request_line_invalid"},
    {"RefusesAVersionInLowerCase", get("", "GET / http/1.1"), "400 request_line_invalid"},
    {"RefusesVersion20", get("", "GET / HTTP/2.0"), "505 version_unsupported"},
    {"RefusesVersion19", get("", "GET / HTTP/1.9"), "505 version_unsupported"},
    {"RefusesThePrefaceOfHttp2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "400 request_line_invalid"},
    // Targets.
    {"RefusesDotSegments", line("/a/../b"), "400 target_invalid"},
    {"RefusesAnEncodedSlash", line("/a%2fb"), "400 target_invalid"},
    {"RefusesABadEscape", line("/%zz"), "400 target_invalid"},
    {"RefusesAFragment", line("/a#b"), "400 target_invalid"},
    {"RefusesAFragmentInTheQuery", line("/a?b#c"), "400 target_invalid"},
    {"RefusesOctetsBeyondAsciiInAPath", line("/caf\xC3\xA9"), "400 target_invalid"},
    {"RefusesOctetsBeyondAsciiInAQuery", line("/?caf\xC3\xA9"), "400 target_invalid"},
    {"RefusesTheAuthorityForm", line("a:80"), "400 target_invalid"},
    {"RefusesConnect", get("", "CONNECT a:22 HTTP/1.1"), "400 target_invalid"},
    {"RefusesTheAsteriskOfOthers", line("*"), "400 target_invalid"},
    {"ReadsTheAbsoluteForm", line("http://A/b?c"), "GET /b?c @A;"},
    {"ReadsTheAbsoluteFormWithoutAPath", line("HTTPS://a?c"), "GET /?c @a;"},
    {"RefusesTheAbsoluteFormOfAnotherHost", line("http://b/"), "400 host_invalid"},
    {"RefusesTheAbsoluteFormOfAnotherPort", line("http://a:80/"), "400 host_invalid"},
    {"RefusesTheAbsoluteFormOfNobody", line("http:///b"), "400 target_invalid"},
    {"RefusesAUserInTheAbsoluteForm", "GET http://u@a/ HTTP/1.0\r\n\r\n", "400 target_invalid"},
    {"RefusesAnotherScheme", line("ftp://a/"), "400 target_invalid"},
    // Host.
    {"RefusesNoHost", "GET / HTTP/1.1\r\n\r\n", "400 host_invalid"},
    {"RefusesTwoHosts", get("Host: b\r\n"), "400 host_invalid"},
    {"RefusesTwoEqualHosts", get("Host: a\r\n"), "400 host_invalid"},
    {"RefusesTwoHostsInVersion10", "GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n", "400 host_invalid"},
    {"RefusesAnEmptyHost", host(""), "400 host_invalid"},
    {"RefusesAUser", host("u@a"), "400 host_invalid"},
    {"RefusesABlankInTheHost", host("a b"), "400 host_invalid"},
    {"RefusesAListOfHosts", host("a, b"), "400 host_invalid"},
    {"RefusesAPathInTheHost", host("a/b"), "400 host_invalid"},
    {"RefusesAnEscapeInTheHost", host("a%2eb"), "400 host_invalid"},
    {"RefusesAPortThatIsNone", host("a:b"), "400 host_invalid"},
    {"RefusesAnEmptyPort", host("a:"), "400 host_invalid"},
    {"RefusesAPortBeyondAll", host("a:65536"), "400 host_invalid"},
    {"RefusesAnOpenBracket", host("[::1"), "400 host_invalid"},
    {"RefusesANameInBrackets", host("[a.b]"), "400 host_invalid"},
    {"RefusesAnAddressWithoutBrackets", host("::1"), "400 host_invalid"},
    {"ReadsAHostWithAPort", host("api.example:8443"), "GET / @api.example:8443;"},
    {"ReadsAnAddress", host("127.0.0.1:80"), "GET / @127.0.0.1:80;"},
    {"ReadsALongAddress", host("[::1]:65535"), "GET / @[::1]:65535;"},
    // Expectations.
    {"RefusesAnUnknownExpectation", post("Expect: 200-ok\r\nContent-Length: 1\r\n", "a"),
     "417 expectation_unknown"},
    {"ReadsTheKnownExpectation", post("Expect: 100-Continue\r\nContent-Length: 1\r\n", "a"),
     "POST /p @a [a];"},
    // Chunks that are none.
    {"RefusesAChunkSizeWithAPrefix", chunked("0x1\r\na\r\n0\r\n\r\n"), "400 chunk_invalid"},
    {"RefusesASignedChunkSize", chunked("+1\r\na\r\n0\r\n\r\n"), "400 chunk_invalid"},
    {"RefusesANegativeChunkSize", chunked("-1\r\na\r\n0\r\n\r\n"), "400 chunk_invalid"},
    {"RefusesAHugeChunk", chunked("8000000000000000\r\na\r\n"), "400 chunk_invalid"},
    {"RefusesAChunkBeyond64Bits", chunked("10000000000000001\r\na\r\n"), "400 chunk_invalid"},
    {"RefusesAnEmptyChunkLine", chunked("\r\na\r\n0\r\n\r\n"), "400 chunk_invalid"},
    {"RefusesABareLineFeedAfterTheSize", chunked("1\na\r\n0\r\n\r\n"), "400 chunk_invalid"},
    {"RefusesABareLineFeedInAnExtension", chunked("1;a\nb\r\na\r\n0\r\n\r\n"), "400 chunk_invalid"},
    {"RefusesABareReturnInAnExtension", chunked("1;a\rb\r\na\r\n0\r\n\r\n"), "400 chunk_invalid"},
    {"RefusesABlankInAChunkSize", chunked("1 1\r\na\r\n0\r\n\r\n"), "400 chunk_invalid"},
    {"RefusesADataThatIsLonger", chunked("1\r\nab\r\n0\r\n\r\n"), "400 chunk_invalid"},
    {"RefusesDataWithoutALineEnd", chunked("1\r\na0\r\n\r\n"), "400 chunk_invalid"},
    {"RefusesALongExtension", chunked("1;" + repeat("a", 300) + "\r\na\r\n0\r\n\r\n"), "400 chunk_invalid"},
    {"RefusesAnExtensionWithoutAnEnd", chunked("1;" + repeat("a", 300)), "400 chunk_invalid"},
    {"RefusesManyZerosInFront", chunked(repeat("0", 200) + "1\r\na\r\n0\r\n\r\n"), "400 chunk_invalid"},
    {"RefusesTrailersThatAreNone", chunked("0\r\nno colon\r\n\r\n"), "400 chunk_invalid"},
    {"RefusesAFoldInTheTrailers", chunked("0\r\nX: y\r\n z\r\n\r\n"), "400 chunk_invalid"},
    {"RefusesABareLineFeedInTheTrailers", chunked("0\r\nX: y\n\r\n"), "400 chunk_invalid"},
    {"RefusesABlankBehindAChunkSize", chunked("1 \r\na\r\n0\r\n\r\n"), "400 chunk_invalid"},
    {"TakesALengthInTheTrailersForNothing", chunked("0\r\nContent-Length: 5\r\n\r\n") + get(""),
     "POST /p @a;GET / @a;"},
};

class Parser : public testing::TestWithParam<ParserCase> {};

TEST_P(Parser, ReadsTheSameHoweverItIsCut) {
  const Limits limits;
  const std::string& raw = GetParam().raw;
  ASSERT_EQ(read_in_two(limits, raw, raw.size()), GetParam().expected);
  ASSERT_EQ(read_in_octets(limits, raw), GetParam().expected);
  for (std::size_t cut = 1; cut < raw.size(); cut += raw.size() > 1000 ? 97 : 1)
    ASSERT_EQ(read_in_two(limits, raw, cut), GetParam().expected) << "cut at " << cut;
}

INSTANTIATE_TEST_SUITE_P(Rfc9112, Parser, testing::ValuesIn(parser_cases),
                         [](const auto& test) { return test.param.name; });

// Small limits, so that each boundary is a row: just within, and one octet more.
struct LimitCase {
  const char* name;
  std::string raw;
  std::string expected;
};

constexpr Limits small{.request_line = 20,
                       .header_block = 40,
                       .header_fields = 3,
                       .body = 10,
                       .chunk_line = 8,
                       .chunk_overhead = 30,
                       .trailers = 12};

const LimitCase limit_cases[] = {
    {"TakesTheLongestRequestLine", get("", "GET /aaaaaa HTTP/1.1"), "GET /aaaaaa @a;"},
    {"RefusesALongerRequestLine", get("", "GET /aaaaaaa HTTP/1.1"), "414 request_line_too_long"},
    {"RefusesARequestLineWithoutAnEnd", repeat("A", 22), "414 request_line_too_long"},
    {"PrefersTheControlCharacterInFront", "GET /\x01" + repeat("a", 50), "400 control_character"},
    {"PrefersTheLimitInFront", "GET /" + repeat("a", 50) + "\x01", "414 request_line_too_long"},
    {"RefusesAReturnAtTheLimit", repeat("A", 21) + "\rA", "414 request_line_too_long"},
    {"TakesTheLargestHeader", get("X-A: " + repeat("a", 22) + "\r\n"),
     "GET / @a X-A=" + repeat("a", 22) + ";"},
    {"RefusesALargerHeader", get("X-A: " + repeat("a", 23) + "\r\n"), "431 header_too_large"},
    {"RefusesAHeaderWithoutAnEnd", "GET / HTTP/1.1\r\n" + repeat("a", 50), "431 header_too_large"},
    {"RefusesALineEndBehindTheLimit", "GET / HTTP/1.1\r\n" + repeat("a", 39) + "\r\n",
     "431 header_too_large"},
    {"TakesTheMostFields", get("A: 1\r\nB: 1\r\n"), "GET / @a;"},
    {"RefusesOneFieldMore", get("A: 1\r\nB: 1\r\nC: 1\r\n"), "431 too_many_header_fields"},
    {"TakesTheLargestBody", post("Content-Length: 10\r\n", "0123456789"), "POST /p @a [0123456789];"},
    {"RefusesALargerBody", post("Content-Length: 11\r\n", ""), "413 body_too_large"},
    {"TakesTheLargestBodyInChunks", chunked("4\r\n0123\r\n6\r\n456789\r\n0\r\n\r\n"),
     "POST /p @a [0123456789];"},
    {"RefusesALargerBodyInChunks", chunked("4\r\n0123\r\n7\r\n"), "413 body_too_large"},
    {"RefusesALargerChunk", chunked("b\r\n"), "413 body_too_large"},
    {"TakesTheLongestChunkLine", chunked("1;aaaaaa\r\na\r\n0\r\n\r\n"), "POST /p @a [a];"},
    {"RefusesALongerChunkLine", chunked("1;aaaaaaa\r\na\r\n0\r\n\r\n"), "400 chunk_invalid"},
    {"RefusesALongerLaterChunkLine", chunked("1\r\na\r\n1;aaaaaaa"), "400 chunk_invalid"},
    {"TakesTheLongestTrailers", chunked("0\r\nAB: 123\r\n\r\n"), "POST /p @a;"},
    {"RefusesLongerTrailers", chunked("0\r\nAB: 12345\r\n\r\n"), "400 chunk_invalid"},
    {"TakesTheLongestTrailersAfterAChunk", chunked("1\r\na\r\n0\r\nAB: 123\r\n\r\n"), "POST /p @a [a];"},
    {"RefusesLongerTrailersAfterAChunk", chunked("1\r\na\r\n0\r\nAB: 12345\r\n\r\n"), "400 chunk_invalid"},
    {"RefusesTrailersWithoutAnEnd", chunked("0\r\nABCDEFGHIJKLM"), "400 chunk_invalid"},
};

class ParserLimit : public testing::TestWithParam<LimitCase> {};

TEST_P(ParserLimit, IsTheSameHoweverItIsCut) {
  // The helpers' fields are longer than these limits, but for the header.
  Limits limits = small;
  if (GetParam().raw.starts_with("POST")) limits.header_block = 100;
  const std::string& raw = GetParam().raw;
  ASSERT_EQ(read_in_two(limits, raw, raw.size()), GetParam().expected);
  ASSERT_EQ(read_in_octets(limits, raw), GetParam().expected);
  for (std::size_t cut = 1; cut < raw.size(); ++cut)
    ASSERT_EQ(read_in_two(limits, raw, cut), GetParam().expected) << "cut at " << cut;
}

INSTANTIATE_TEST_SUITE_P(Design, ParserLimit, testing::ValuesIn(limit_cases),
                         [](const auto& test) { return test.param.name; });

TEST(ParserFraming, RefusesABodyOfMostlyFraming) {
  const Limits limits;
  const std::string chunks = repeat("1;" + repeat("a", 200) + "\r\na\r\n", 200);
  EXPECT_EQ(read_in_two(limits, chunked(chunks), 1000), "400 chunk_invalid");
  EXPECT_EQ(read_in_octets(limits, chunked(chunks)), "400 chunk_invalid");
}

TEST(ParserFraming, TakesManySmallChunks) {
  const Limits limits;
  const std::string raw = chunked(repeat("1\r\na\r\n", 5000) + "0\r\n\r\n") + get("");
  const std::string expected = "POST /p @a [" + repeat("a", 40) + "];GET / @a;";
  EXPECT_EQ(read_in_octets(limits, raw), expected);
  EXPECT_EQ(read_in_two(limits, raw, raw.size()), expected);
}

// The body makes the buffer grow, so that everything the request refers to moves.
TEST(ParserViews, FollowTheBufferWhenItGrows) {
  const std::string body = repeat("0123456789", 5000);
  for (const auto& [target, path] :
       {std::pair{"/", "/"}, {"/plain", "/plain"}, {"/%61", "/a"}, {"http://a", "/"}}) {
    const std::string raw =
        fmt::format("POST {} HTTP/1.1\r\nHost: a\r\nX-A: {}\r\nContent-Length: 50000\r\n\r\n{}", target,
                    repeat("v", 100), body);
    const std::string expected =
        fmt::format("POST {} @a X-A={} [{}];", path, repeat("v", 100), body.substr(0, 40));
    EXPECT_EQ(read_in_two(Limits{}, raw, 150), expected);
    EXPECT_EQ(read_in_octets(Limits{}, raw), expected);
  }
}

struct ContinueCase {
  const char* name;
  std::string raw;
  bool expected;
};

const ContinueCase continue_cases[] = {
    {"IsWanted", post("Expect: 100-continue\r\nContent-Length: 5\r\n", ""), true},
    {"IsWantedForChunks", post("Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n", ""), true},
    {"IsNotWantedWithoutBeingAskedFor", post("Content-Length: 5\r\n", ""), false},
    {"IsNotWantedBeforeTheHeaderEnds", "POST / HTTP/1.1\r\nExpect: 100-continue\r\n", false},
    {"IsNotWantedOnceTheBodyComes", post("Expect: 100-continue\r\nContent-Length: 5\r\n", "h"), false},
    {"IsNotWantedInVersion10", "POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n", false},
};

class Continue : public testing::TestWithParam<ContinueCase> {};

TEST_P(Continue, IsJudgedByTheTable) {
  const Limits limits;
  RequestParser parser(limits);
  ReadBuffer buffer;
  std::memcpy(buffer.space().data(), GetParam().raw.data(), GetParam().raw.size());
  buffer.commit(GetParam().raw.size());
  ASSERT_EQ(parser.advance(buffer), Progress::more);
  EXPECT_EQ(parser.wants_continue(), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(Rfc9110, Continue, testing::ValuesIn(continue_cases),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace gatehouse::hosting
