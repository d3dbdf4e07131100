/// ProxySettings — through whom a request goes out, as the environment variables of that name say.
///
/// Reads HTTPS_PROXY for https and HTTP_PROXY for http, and NO_PROXY for what goes out directly; each also in
/// lower case, which wins. HTTP_PROXY is not read where REQUEST_METHOD is set: there, in CGI, a client sets
/// it by a header named Proxy (CVE-2016-5385).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/base/ip_address.h"
#include "gatehouse/base/result.h"
#include "gatehouse/base/secret.h"
#include "gatehouse/base/url.h"

namespace gatehouse::hosting {

/// A proxy that is spoken to without TLS. What goes to an https URL is under TLS within its tunnel.
struct Proxy {
  std::string host;
  std::uint16_t port = 80;
  Secret authorization;  ///< the value of Proxy-Authorization, "Basic …" (RFC 7617); empty is none
};

/// Destinations that need no proxy.
class NoProxy {
 public:
  NoProxy() = default;

  /// Entries with commas or blanks between them: "*" for every host, a name, ".name" for it and what is below
  /// it, "*.name" for what is below it, an IP address, a block of them ("10.0.0.0/8"); names and addresses
  /// may have a port ("name:8443", "[::1]:8443"). What is none of these matches nothing.
  static NoProxy parse(std::string_view text);

  bool matches(const Url& url) const;

 private:
  struct Entry {
    std::string name = {};  // in lower case
    std::optional<IpAddress> address = {};
    std::size_t bits = 0;           // of the address that count
    std::uint16_t port = 0;         // 0 is any
    bool takes_name = true;         // the name itself
    bool takes_subdomains = false;  // what ends with "." and the name
  };

  static std::optional<Entry> parse_entry(std::string_view text);
  static bool matches(const Entry& entry, const Url& url, const std::optional<IpAddress>& address);

  std::vector<Entry> entries_;
  bool is_everything_ = false;
};

struct ProxySettings {
  std::optional<Proxy> for_http;
  std::optional<Proxy> for_https;
  NoProxy except;

  /// Gives the value of the variable of a name, and nothing when it is not set.
  using Variables = std::function<std::optional<std::string>(const char* name)>;

  /// A proxy is "http://host:port", "http://user:password@host:port" with escapes (%40), or either without
  /// "http://". Fails with configuration_invalid naming the variable and the fix, never its value: for
  /// another scheme, and for what is no host.
  static Result<ProxySettings> read(const Variables& variables);
  static Result<ProxySettings> from_environment();

  /// Null when `url` is to be asked directly. A loopback address, and localhost, always is.
  const Proxy* proxy_for(const Url& url) const;
};

}  // namespace gatehouse::hosting
