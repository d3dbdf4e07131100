/// Limits and Timeouts — how much of anything a client may use, and for how long.
#pragma once

#include <chrono>
#include <cstddef>

namespace gatehouse::hosting {

/// Sizes in octets. Beyond each one the client gets the status named here and the connection closes.
struct Limits {
  std::size_t request_line = 8 * 1024;   ///< 414
  std::size_t header_block = 32 * 1024;  ///< 431; the field lines with their line ends
  std::size_t header_fields = 100;       ///< 431
  std::size_t body = 1024 * 1024;        ///< 413; decoded
  std::size_t chunk_line = 256;          ///< 400; size and extensions of one chunk
  std::size_t chunk_overhead =
      16 * 1024;                    ///< 400; framing of a body beyond 16 octets a chunk and twice its data
  std::size_t trailers = 8 * 1024;  ///< 400; they are read over
  std::size_t connections_per_reactor = 10'000;  ///< a further one is accepted and closed at once
};

/// Kept to 100 milliseconds. A client that is too slow gets 408 when it has begun a request, else just the
/// end.
struct Timeouts {
  std::chrono::milliseconds handshake{10'000};  ///< TLS, from the first octet to the last
  std::chrono::milliseconds header{
      10'000};  ///< from connecting, or from a request's first octet, to its last field
  std::chrono::milliseconds body{30'000};  ///< from the last field to the last octet of the body
  /// Between requests. Longer than the 60 seconds that load balancers keep an idle connection by default: the
  /// side that sends requests has to be the one that hangs up, or a request crosses with the end of its
  /// connection.
  std::chrono::milliseconds idle{75'000};
  std::chrono::milliseconds write{30'000};  ///< for each 64 KiB of an answer
  std::chrono::milliseconds linger{
      5'000};  ///< for reading over what a client still sends after its last answer
};

}  // namespace gatehouse::hosting
