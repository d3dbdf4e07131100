#include "gatehouse/hosting/response_parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "gatehouse/base/ascii.h"
#include "gatehouse/hosting/field_text.h"

namespace gatehouse::hosting {
namespace {

constexpr int most_interim_responses = 8;
constexpr std::size_t longest_status_line = 8 * 1024;

using Progress = ResponseParser::Progress;

bool lists(std::string_view value, std::string_view word) noexcept {
  while (!value.empty())
    if (equals_ignoring_case(take_item(value), word)) return true;
  return false;
}

}  // namespace

ResponseParser::ResponseParser(Method method, std::size_t maximum_header, std::size_t maximum_body)
    : method_(method),
      limits_{.request_line = longest_status_line, .header_block = maximum_header, .body = maximum_body},
      scanner_(limits_),
      chunks_(limits_) {}

Progress ResponseParser::refuse(Failure kind, std::string_view what) {
  error_ = {.kind = kind, .subject = std::string(what)};
  return Progress::refused;
}

// The words are those of the server's own log, where they stand for an answer's status too.
Progress ResponseParser::refuse_by(const Refusal& refusal) {
  if (refusal.status == 431) return refuse(Failure::too_large, "the response's header");
  if (refusal.status == 413) return refuse(Failure::too_large, "the response's body");
  return refuse(Failure::malformed, fmt::format("no HTTP response ({})", refusal.code));
}

Progress ResponseParser::advance(ReadBuffer& buffer) {
  while (!has_header_) {
    // Somebody who speaks another protocol first may then wait for ever.
    constexpr std::string_view start = "HTTP/1.";
    if (!start.starts_with(buffer.view().substr(0, start.size())))
      return refuse(Failure::malformed, "no HTTP response (status_line_invalid)");
    switch (scanner_.advance(buffer.view())) {
      case HeaderScanner::Verdict::more:
        return Progress::more;
      case HeaderScanner::Verdict::refused:
        return refuse_by(scanner_.refusal());
      case HeaderScanner::Verdict::complete:
        break;
    }
    const std::size_t end = scanner_.end();
    if (!read_header(buffer.view().substr(0, end))) return Progress::refused;
    if (response_.status >= 200) {
      has_header_ = true;
      body_begin_ = body_end_ = end;
      break;
    }
    // 101 would be the answer to a question that is never asked (RFC 9110 §15.2.2).
    if (response_.status == 101 || ++interim_responses_ > most_interim_responses)
      return refuse(Failure::malformed, "no end of interim responses");
    buffer.consume(end);
    scanner_.reset();
    if (buffer.empty()) return Progress::more;
  }
  return read_body(buffer);
}

bool ResponseParser::read_header(std::string_view block) {
  response_ = {};
  has_length_ = has_encoding_ = says_close_ = says_keep_alive_ = is_encoded_ = false;
  const std::size_t end = block.find("\r\n");
  return read_status_line(block.substr(0, end)) && read_fields(block.substr(end + 2)) &&
         (response_.status < 200 || decide_framing());
}

// "HTTP/1.1 200 OK"; the reason is nobody's business, and some leave out the blank before it (RFC 9112 §4).
bool ResponseParser::read_status_line(std::string_view line) {
  const bool is_known = line.starts_with("HTTP/1.1 ") || line.starts_with("HTTP/1.0 ");
  is_version_1_0_ = is_known && line[7] == '0';
  const std::string_view status = line.substr(std::min<std::size_t>(line.size(), 9), 3);
  const bool is_status = status.size() == 3 && std::ranges::all_of(status, is_digit) && status[0] >= '1' &&
                         status[0] <= '5' && (line.size() == 12 || line[12] == ' ');
  if (!is_known || !is_status) {
    refuse(Failure::malformed, "no HTTP response (status_line_invalid)");
    return false;
  }
  std::from_chars(status.data(), status.data() + status.size(), response_.status);
  return true;
}

bool ResponseParser::read_fields(std::string_view lines) {
  while (!lines.starts_with("\r\n")) {
    const std::size_t end = lines.find("\r\n");
    if (!read_field(lines.substr(0, end))) return false;
    lines.remove_prefix(end + 2);
  }
  return true;
}

// A blank between name and colon makes two readers see two names (RFC 9112 §5.1).
bool ResponseParser::read_field(std::string_view line) {
  const std::size_t colon = line.find(':');
  const std::string_view name = line.substr(0, colon);
  if (colon == line.npos || !is_token(name)) {
    refuse(Failure::malformed, "no HTTP response (field_invalid)");
    return false;
  }
  const std::string_view value = trim(line.substr(colon + 1));
  response_.headers.append(std::string(name), std::string(value));
  return take_field(name, value);
}

bool ResponseParser::take_field(std::string_view name, std::string_view value) {
  const auto is = [name](std::string_view other) { return equals_ignoring_case(name, other); };
  if (is("Content-Length")) return take_length(value);
  if (is("Transfer-Encoding")) {
    if (has_encoding_ || !equals_ignoring_case(value, "chunked")) {
      refuse(Failure::malformed, "no HTTP response (body_length_ambiguous)");
      return false;
    }
    has_encoding_ = true;
  } else if (is("Connection")) {
    says_close_ = says_close_ || lists(value, "close");
    says_keep_alive_ = says_keep_alive_ || lists(value, "keep-alive");
  } else if (is("Content-Encoding")) {
    is_encoded_ = is_encoded_ || !equals_ignoring_case(value, "identity");
  }
  return true;
}

// Also the same length twice is refused: who sends it has been through hands that do not agree.
bool ResponseParser::take_length(std::string_view value) {
  const bool is_number = !value.empty() && std::ranges::all_of(value, is_digit);
  if (has_length_ || !is_number) {
    refuse(Failure::malformed, "no HTTP response (body_length_ambiguous)");
    return false;
  }
  has_length_ = true;
  const auto [end, failure] = std::from_chars(value.data(), value.data() + value.size(), length_);
  if (failure != std::errc()) length_ = SIZE_MAX;
  return true;
}

// RFC 9112 §6.3, in its order.
bool ResponseParser::decide_framing() {
  const bool is_ambiguous = has_encoding_ && (has_length_ || is_version_1_0_);
  if (is_ambiguous) {
    refuse(Failure::malformed, "no HTTP response (body_length_ambiguous)");
    return false;
  }
  const int status = response_.status;
  if (method_ == Method::connect || status == 204 || status == 304) {
    framing_ = Framing::none;
    return true;
  }
  if (is_encoded_) {
    refuse(Failure::malformed, "a compressed response, which was not asked for");
    return false;
  }
  framing_ = has_encoding_ ? Framing::chunked : has_length_ ? Framing::sized : Framing::until_end;
  if (framing_ == Framing::sized && length_ > limits_.body) {
    refuse(Failure::too_large, "the response's body");
    return false;
  }
  return true;
}

Progress ResponseParser::read_body(ReadBuffer& buffer) {
  switch (framing_) {
    case Framing::none:
      return Progress::complete;
    case Framing::sized:
      body_end_ = std::min(buffer.size(), body_begin_ + length_);
      return body_end_ - body_begin_ == length_ ? Progress::complete : Progress::more;
    case Framing::until_end:
      body_end_ = buffer.size();
      if (body_end_ - body_begin_ > limits_.body) return refuse(Failure::too_large, "the response's body");
      return Progress::more;
    case Framing::chunked:
      break;
  }
  switch (chunks_.advance(buffer, body_end_)) {
    case ChunkDecoder::Verdict::more:
      return Progress::more;
    case ChunkDecoder::Verdict::refused:
      return refuse_by(chunks_.refusal());
    case ChunkDecoder::Verdict::complete:
      break;
  }
  return Progress::complete;
}

Progress ResponseParser::finish(ReadBuffer& buffer, bool is_orderly) {
  if (!has_header_)
    return refuse(Failure::unavailable,
                  buffer.empty() ? "no answer before the connection was closed" : "the header ended early");
  if (framing_ != Framing::until_end || !is_orderly)
    return refuse(Failure::unavailable, "the body ended early");
  return Progress::complete;
}

HttpClientResponse ResponseParser::take(ReadBuffer& buffer) {
  response_.body = buffer.view().substr(body_begin_, body_end_ - body_begin_);
  buffer.consume(body_end_);
  return std::move(response_);
}

// After 204 with a length, some send the body all the same.
bool ResponseParser::keeps_alive() const noexcept {
  const bool is_wanted = is_version_1_0_ ? says_keep_alive_ && !says_close_ : !says_close_;
  const bool is_bodiless = !has_encoding_ && (!has_length_ || length_ == 0 || response_.status == 304);
  return is_wanted && (framing_ == Framing::none ? is_bodiless : framing_ != Framing::until_end);
}

}  // namespace gatehouse::hosting
