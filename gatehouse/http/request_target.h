/// Request target — what a request line asks for (RFC 9112 §3.2), and who it says it asks.
#pragma once

#include <optional>
#include <string_view>

namespace gatehouse::http {

struct Target {
  std::string_view path;            ///< raw, or "*"; empty when an absolute form has none, which means "/"
  std::string_view query = {};      ///< raw, without '?'
  std::string_view authority = {};  ///< of the absolute form only
};

/// Empty for what no resource here is asked with: CONNECT's authority form, "*" with any method but OPTIONS,
/// a scheme other than http and https, a fragment, a blank, a control character or an octet beyond ASCII.
std::optional<Target> split_target(std::string_view method, std::string_view target) noexcept;

/// A host name, IPv4 address or bracketed IPv6 address, with or without a port (RFC 9110 §7.2). No user, no
/// escapes and no list: what goes on from here into links and cache keys is one plain name.
bool is_authority(std::string_view text) noexcept;

}  // namespace gatehouse::http
