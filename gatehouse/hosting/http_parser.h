/// RequestParser — octets to one http::Request, strictly (RFC 9112); no socket.
///
/// Whatever two servers could read in two ways is refused: that is how requests are smuggled. The result does
/// not depend on how the octets were cut into pieces. Names and values are views into the buffer, which must
/// stay as it is from the last advance() until the request is answered.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "gatehouse/hosting/header_scanner.h"
#include "gatehouse/hosting/limits.h"
#include "gatehouse/hosting/read_buffer.h"
#include "gatehouse/http/request.h"

namespace gatehouse::hosting {

class RequestParser {
 public:
  enum class Progress : std::uint8_t { more, complete, refused };

  explicit RequestParser(const Limits& limits);
  ~RequestParser();
  RequestParser(const RequestParser&) = delete;
  RequestParser& operator=(const RequestParser&) = delete;

  /// Forgets everything: the next octet begins a request.
  void reset();

  /// Looks at what `buffer` holds, whose first octet is the request's first. Call it again with more behind
  /// it while it says `more`. Takes the framing of a chunked body out of the buffer, so that its data is in
  /// one piece.
  Progress advance(ReadBuffer& buffer);

  bool has_header() const noexcept;      ///< the fields are complete, the body may not be
  bool wants_continue() const noexcept;  ///< the client waits for 100 before it sends the body
  std::size_t octets() const noexcept;   ///< of the buffer that a complete request takes

  http::Request& request() noexcept;        ///< complete but for remote_address and is_https
  bool keeps_alive() const noexcept;        ///< the client wants to send more on this connection
  bool is_version_1_0() const noexcept;     ///< then a kept connection must be said to be kept
  const Refusal& refusal() const noexcept;  ///< after `refused`

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace gatehouse::hosting
