/// Response writer — an http::Response as the octets of HTTP/1.1, in one piece.
#pragma once

#include <string>
#include <string_view>

#include "gatehouse/http/response.h"

namespace gatehouse::hosting {

/// What the connection knows about an answer, beside the answer itself.
struct Framing {
  std::string_view date;
  std::string_view traceparent = {};  ///< none when empty
  bool is_head = false;               ///< the length of the body is told, the body is not sent
  bool keeps_alive = true;
  bool is_version_1_0 = false;  ///< of the request; such a client has to be told that the connection is kept
};

/// False when `response` must not go out as it is: a status outside 200 to 599, a name that is no token, or a
/// control character in a value, with which whoever chose the value could write a second answer (CWE-113).
bool is_sendable(const http::Response& response) noexcept;

/// The endpoint itself wants the connection to end (`Connection: close`).
bool wants_close(const http::Response& response) noexcept;

/// Appends a sendable response to `out`. Content-Length, Transfer-Encoding, Connection, Date and traceparent
/// are the connection's: those of the response are left out. 204 and 304 have no body and no length (RFC 9110
/// §8.6).
void append_response(std::string& out, const http::Response& response, const Framing& framing);

}  // namespace gatehouse::hosting
