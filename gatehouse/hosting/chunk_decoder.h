/// ChunkDecoder — takes the framing of a chunked body apart, octet by octet, and drops it (RFC 9112 §7.1).
///
/// Not Beast's: that one asserts what a client can break by sending the last chunk in two pieces, and lets
/// zeros in front of a size pass. Extensions and trailers are read over, within limits.
#pragma once

#include <cstddef>
#include <cstdint>

#include "gatehouse/hosting/header_scanner.h"
#include "gatehouse/hosting/limits.h"
#include "gatehouse/hosting/read_buffer.h"

namespace gatehouse::hosting {

class ChunkDecoder {
 public:
  using Verdict = HeaderScanner::Verdict;

  explicit ChunkDecoder(const Limits& limits) noexcept : limits_(limits) {}
  void reset() noexcept;

  /// Goes on in `buffer`, where the data decoded so far ends at `end` and everything behind it is new. Moves
  /// `end` on over new data and cuts the framing out, so that data follows data and whatever comes after the
  /// body follows it.
  Verdict advance(ReadBuffer& buffer, std::size_t& end) noexcept;

  const Refusal& refusal() const noexcept { return refusal_; }

 private:
  enum class State : std::uint8_t {
    size,
    extension,
    line_feed,  // "1a;name=value" CR LF
    data,
    data_return,
    data_line_feed,  // the octets and CR LF
    trailer_start,
    trailer_name,
    trailer_value,
    trailer_line_feed,
    last_line_feed,
    done
  };

  State step(char octet) noexcept;
  State step_in_chunk_line(char octet) noexcept;
  State step_in_trailers(char octet) noexcept;
  State end_line() noexcept;
  State refuse(int status, std::string_view code) noexcept;

  const Limits& limits_;
  State state_ = State::size;
  std::uint64_t size_ = 0;    // of the chunk; while its data is read, what is missing
  std::size_t line_ = 0;      // octets of the chunk's line
  std::size_t declared_ = 0;  // octets of data in all chunks
  std::size_t overhead_ = 0;
  std::size_t trailers_ = 0;
  Refusal refusal_;
};

}  // namespace gatehouse::hosting
