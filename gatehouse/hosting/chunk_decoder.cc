#include "gatehouse/hosting/chunk_decoder.h"

#include <algorithm>
#include <cstring>
#include <string_view>

#include "gatehouse/base/ascii.h"

namespace gatehouse::hosting {
namespace {

constexpr std::size_t longest_size =
    16;  // digits; more are zeros in front, which others may cut off elsewhere
constexpr std::uint64_t largest_chunk = 0xffff'ffff;

bool is_text(char c) noexcept { return c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f); }

}  // namespace

void ChunkDecoder::reset() noexcept {
  state_ = State::size;
  size_ = 0;
  line_ = declared_ = overhead_ = trailers_ = 0;
  refusal_ = {};
}

ChunkDecoder::State ChunkDecoder::refuse(int status, std::string_view code) noexcept {
  refusal_ = {.status = status, .code = code};
  return state_;
}

ChunkDecoder::Verdict ChunkDecoder::advance(ReadBuffer& buffer, std::size_t& end) noexcept {
  std::size_t position = end;
  while (position < buffer.size() && state_ != State::done) {
    if (state_ == State::data) {
      const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(size_, buffer.size() - position));
      std::memmove(buffer.data() + end, buffer.data() + position, count);
      end += count;
      position += count;
      size_ -= count;
      if (size_ == 0) state_ = State::data_return;
    } else {
      state_ = step(buffer.data()[position++]);
      if (refusal_.status != 0) return Verdict::refused;
    }
  }
  buffer.cut(end, position);
  return state_ == State::done ? Verdict::complete : Verdict::more;
}

ChunkDecoder::State ChunkDecoder::step(char octet) noexcept {
  switch (state_) {
    case State::size:
    case State::extension:
      return step_in_chunk_line(octet);
    case State::line_feed:
      return octet == '\n' ? end_line() : refuse(400, "chunk_invalid");
    case State::data_return:
      return octet == '\r' ? State::data_line_feed : refuse(400, "chunk_invalid");
    case State::data_line_feed:
      return octet == '\n' ? State::size : refuse(400, "chunk_invalid");
    case State::trailer_start:
    case State::trailer_name:
    case State::trailer_value:
    case State::trailer_line_feed:
    case State::last_line_feed:
      return step_in_trailers(octet);
    case State::data:
    case State::done:
      break;
  }
  return state_;
}

ChunkDecoder::State ChunkDecoder::step_in_chunk_line(char octet) noexcept {
  if (octet == '\r') return line_ > 0 ? State::line_feed : refuse(400, "chunk_invalid");
  if (++line_ > limits_.chunk_line) return refuse(400, "chunk_invalid");
  if (state_ == State::extension) return is_text(octet) ? State::extension : refuse(400, "chunk_invalid");
  if (octet == ';' && line_ > 1) return State::extension;
  const int digit = hex_value(octet);
  if (digit < 0 || line_ > longest_size) return refuse(400, "chunk_invalid");
  size_ = size_ << 4 | static_cast<std::uint64_t>(digit);
  return State::size;
}

ChunkDecoder::State ChunkDecoder::end_line() noexcept {
  if (size_ > largest_chunk) return refuse(400, "chunk_invalid");
  // A body of tiny chunks costs more than its size says: what is beyond 16 octets a chunk and twice its data
  // adds up.
  const std::size_t granted = 16 + 2 * static_cast<std::size_t>(size_);
  overhead_ = std::max(overhead_ + line_ + 4, granted) - granted;
  if (overhead_ > limits_.chunk_overhead) return refuse(400, "chunk_invalid");
  declared_ += static_cast<std::size_t>(size_);
  if (declared_ > limits_.body) return refuse(413, "body_too_large");
  line_ = 0;
  return size_ == 0 ? State::trailer_start : State::data;
}

// Nothing may hang on what comes behind the body, so a trailer only has to look like a field (RFC 9110
// §6.5.1).
ChunkDecoder::State ChunkDecoder::step_in_trailers(char octet) noexcept {
  if (++trailers_ > limits_.trailers) return refuse(400, "chunk_invalid");
  switch (state_) {
    case State::trailer_start:
      if (octet == '\r') return State::last_line_feed;
      return is_token_character(octet) ? State::trailer_name : refuse(400, "chunk_invalid");
    case State::trailer_name:
      if (octet == ':') return State::trailer_value;
      return is_token_character(octet) ? State::trailer_name : refuse(400, "chunk_invalid");
    case State::trailer_value:
      if (octet == '\r') return State::trailer_line_feed;
      return is_text(octet) ? State::trailer_value : refuse(400, "chunk_invalid");
    case State::trailer_line_feed:
      return octet == '\n' ? State::trailer_start : refuse(400, "chunk_invalid");
    default:
      return octet == '\n' ? State::done : refuse(400, "chunk_invalid");
  }
}

}  // namespace gatehouse::hosting
