/// Client address — who is asking, also behind a proxy: the peer of the connection, or what a proxy of ours
/// says.
///
/// Anybody can send X-Forwarded-For. It is read from its end, and only as far as proxies that were named
/// vouch for it.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "gatehouse/base/ip_address.h"
#include "gatehouse/http/request.h"

namespace gatehouse::http {

struct IpNetwork {
  IpAddress address;
  std::size_t bits;  ///< of `address` that count; of IPv4 up to 32

  /// "10.0.0.0/8", "2001:db8::/32", or one address. Empty for anything else.
  static std::optional<IpNetwork> parse(std::string_view text);

  bool contains(const IpAddress& other) const noexcept { return other.is_within(address, bits); }
};

/// The address nearest to the client that can be relied on: the peer's; when that is a trusted proxy, the
/// last one of X-Forwarded-For that is none. An entry that is no address ends the reading: the proxy that
/// passed it on counts. Empty when the peer has no address, as on a Unix socket.
std::optional<IpAddress> client_address(const Request& request, std::span<const IpNetwork> trusted_proxies);

}  // namespace gatehouse::http
