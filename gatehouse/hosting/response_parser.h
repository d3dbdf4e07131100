/// ResponseParser — octets to one HTTP/1.1 response, strictly (RFC 9112); no socket.
///
/// What two readers could read in two ways is refused, as in requests. The result does not depend on how the
/// octets were cut into pieces.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "gatehouse/base/error.h"
#include "gatehouse/hosting/chunk_decoder.h"
#include "gatehouse/hosting/header_scanner.h"
#include "gatehouse/hosting/http_client.h"
#include "gatehouse/hosting/limits.h"
#include "gatehouse/hosting/read_buffer.h"

namespace gatehouse::hosting {

class ResponseParser {
 public:
  enum class Progress : std::uint8_t { more, complete, refused };
  enum class Method : std::uint8_t { get, connect };  ///< what was asked; the answer to CONNECT has no body

  ResponseParser(Method method, std::size_t maximum_header, std::size_t maximum_body);
  ResponseParser(const ResponseParser&) = delete;
  ResponseParser& operator=(const ResponseParser&) = delete;

  /// Looks at what `buffer` holds. Call it again with more behind it while it says `more`. Interim responses
  /// are taken out of the buffer, and the framing of a chunked body.
  Progress advance(ReadBuffer& buffer);

  /// The peer has no more to send: complete when that is how this body ends. A peer that did not say so in
  /// order may have been cut off by somebody else.
  Progress finish(ReadBuffer& buffer, bool is_orderly);

  /// Of a complete response: takes it out of the buffer.
  HttpClientResponse take(ReadBuffer& buffer);
  bool keeps_alive() const noexcept;  ///< the connection is good for another request

  /// After `refused`: too_large beyond a cap, unavailable for an early end, else malformed.
  const Error& error() const noexcept { return error_; }

 private:
  enum class Framing : std::uint8_t { none, sized, chunked, until_end };

  Progress refuse(Failure kind, std::string_view what);
  Progress refuse_by(const Refusal& refusal);
  bool read_header(std::string_view block);
  bool read_status_line(std::string_view line);
  bool read_field(std::string_view line);
  bool read_fields(std::string_view lines);
  bool take_field(std::string_view name, std::string_view value);
  bool decide_framing();
  bool take_length(std::string_view value);
  Progress read_body(ReadBuffer& buffer);

  const Method method_;
  const Limits limits_;
  HeaderScanner scanner_;
  ChunkDecoder chunks_;

  HttpClientResponse response_;
  Error error_{.kind = Failure::malformed};
  int interim_responses_ = 0;
  bool has_header_ = false;
  bool is_version_1_0_ = false;
  bool has_length_ = false;
  bool has_encoding_ = false;
  bool says_close_ = false;
  bool says_keep_alive_ = false;
  bool is_encoded_ = false;
  Framing framing_ = Framing::none;
  std::size_t length_ = 0;
  std::size_t body_begin_ = 0;
  std::size_t body_end_ = 0;  // of what is there
};

}  // namespace gatehouse::hosting
