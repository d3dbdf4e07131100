/// Url — the address of something to be fetched, read strictly (RFC 3986, RFC 9110 §4.2).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "gatehouse/base/result.h"

namespace gatehouse {

/// An absolute http or https URL.
struct Url {
  std::string scheme;  ///< "http" or "https"
  std::string host;    ///< a name in lower case, or an IP address without brackets
  std::uint16_t port = 443;
  std::string target;  ///< path and query, as a request line has them; never empty

  /// Fails with malformed, the subject saying what is wrong, for: another scheme, none, user information, a
  /// fragment, blanks, backslashes, control characters, octets beyond ASCII, percent-encoding in the host,
  /// numbers that are no dotted quad ("127.1"), port 0, and more than 2,048 characters.
  static Result<Url> parse(std::string_view text);

  bool is_https() const noexcept { return scheme == "https"; }
  std::string authority() const;  ///< "issuer.example:8443", as `Host` has it: without the default port
  std::string text() const;       ///< "https://issuer.example:8443/jwks"

  /// Whether both have one scheme, host and port (RFC 6454 §4).
  bool has_same_origin(const Url& other) const noexcept {
    return scheme == other.scheme && host == other.host && port == other.port;
  }

  bool operator==(const Url&) const = default;
};

}  // namespace gatehouse
