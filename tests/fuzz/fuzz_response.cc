// What a server answers is read in one way, however its octets were cut into pieces, and keeps the caps.

#include <string>

#include "gatehouse/hosting/read_buffer_test_support.h"
#include "gatehouse/hosting/response_parser.h"
#include "tests/fuzz/fuzz.h"

namespace gatehouse {
namespace {

using hosting::append;
using hosting::ReadBuffer;
using hosting::ResponseParser;
using Progress = ResponseParser::Progress;

constexpr std::size_t maximum_header = 1024;
constexpr std::size_t maximum_body = 512;

struct Exchange {
  ResponseParser::Method method;
  bool is_orderly;
  std::size_t piece;  // octets that come at once
};

// What a caller can act on. Of several faults it may hear of one or another, as they come.
std::string read(std::string_view octets, const Exchange& exchange) {
  ResponseParser parser(exchange.method, maximum_header, maximum_body);
  ReadBuffer buffer;
  Progress progress = Progress::more;
  while (!octets.empty() && progress == Progress::more) {
    const std::string_view piece = octets.substr(0, exchange.piece);
    append(buffer, piece);
    octets.remove_prefix(piece.size());
    progress = parser.advance(buffer);
  }
  if (progress == Progress::more) progress = parser.finish(buffer, exchange.is_orderly);
  promise(progress != Progress::more);
  if (progress == Progress::refused) return describe(parser.error());
  const bool keeps_alive = parser.keeps_alive();
  const hosting::HttpClientResponse response = parser.take(buffer);
  promise(response.status >= 200 && response.status <= 599 && response.body.size() <= maximum_body);
  std::string all = std::to_string(response.status) + (keeps_alive ? " keep " : " ") + response.body;
  for (const auto& [name, value] : response.headers) {
    promise(!name.empty() && value.find_first_of(std::string_view("\r\n\0", 3)) == value.npos);
    all.append("\n").append(name).append(":").append(value);
  }
  return all + "\n" + std::to_string(buffer.size() + octets.size());  // what follows it
}

void judge(std::string_view input) {
  if (input.empty()) return;
  // The first octet says what was asked, how it ended, and how it was cut.
  const auto how = static_cast<unsigned char>(input.front());
  Exchange exchange{.method = (how & 1) != 0 ? ResponseParser::Method::connect : ResponseParser::Method::get,
                    .is_orderly = (how & 2) == 0,
                    .piece = input.size()};
  const std::string_view octets = input.substr(1);
  const std::string whole = read(octets, exchange);
  for (const std::size_t piece : {std::size_t{1}, std::size_t{how} / 4 + 1}) {
    exchange.piece = piece;
    promise(read(octets, exchange) == whole);
  }
}

}  // namespace
}  // namespace gatehouse

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  gatehouse::judge(gatehouse::text_of(data, size));
  return 0;
}
