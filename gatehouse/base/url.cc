#include "gatehouse/base/url.h"

#include <algorithm>

#include "gatehouse/base/ascii.h"
#include "gatehouse/base/ip_address.h"

namespace gatehouse {
namespace {

constexpr std::size_t longest = 2048;

std::unexpected<Error> wrong(std::string_view what) { return fail(Failure::malformed, std::string(what)); }

// Characters that RFC 3986 lets stand in a path or a query; a percent sign has to be followed by two digits.
bool is_target(std::string_view text) {
  constexpr std::string_view others = "-._~!$&'()*+,;=:@/?";
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (is_alphanumeric(c) || others.contains(c)) continue;
    if (c != '%' || i + 2 >= text.size() || hex_value(text[i + 1]) < 0 || hex_value(text[i + 2]) < 0)
      return false;
    i += 2;
  }
  return true;
}

// A name of letters, digits, hyphens, underscores and points. What ends like a number is an address to
// somebody (WHATWG URL §3.5), so it has to be one to us.
bool is_host_name(std::string_view host) {
  if (host.empty() || host.size() > 253 || host.front() == '.' || host.contains("..")) return false;
  const bool is_plain = std::ranges::all_of(
      host, [](char c) { return (c >= 'a' && c <= 'z') || is_digit(c) || c == '-' || c == '_' || c == '.'; });
  const std::string_view whole = host.ends_with('.') ? host.substr(0, host.size() - 1) : host;
  const std::string_view last = whole.substr(whole.rfind('.') + 1);
  return is_plain && !last.empty() && !is_digit(last.front());
}

struct Authority {
  std::string host;
  std::string_view port;
};

Result<Authority> split_authority(std::string_view text) {
  if (text.contains('@')) return wrong("it carries user information");
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == text.npos) return wrong("its host is no IPv6 address");
    const auto address = IpAddress::parse(text.substr(1, end - 1));
    const std::string_view rest = text.substr(end + 1);
    if (!address || !text.substr(1, end - 1).contains(':')) return wrong("its host is no IPv6 address");
    if (!rest.empty() && rest.front() != ':') return wrong("its host is no IPv6 address");
    return Authority{.host = address->text(), .port = rest};
  }
  const std::size_t colon = text.find(':');
  std::string host = to_lower(text.substr(0, colon));
  const auto address = IpAddress::parse(host);
  if (!address && !is_host_name(host)) return wrong("its host is neither a name nor an address");
  return Authority{.host = std::move(host), .port = colon == text.npos ? "" : text.substr(colon)};
}

}  // namespace

Result<Url> Url::parse(std::string_view text) {
  if (text.size() > longest) return wrong("it is longer than 2,048 characters");
  const std::size_t colon = text.find("://");
  if (colon == text.npos) return wrong("it does not begin with https://");
  Url url{.scheme = to_lower(text.substr(0, colon)), .host = {}, .target = {}};
  if (url.scheme != "https" && url.scheme != "http") return wrong("it does not begin with https://");

  const std::string_view rest = text.substr(colon + 3);
  const std::size_t end = std::min(rest.find_first_of("/?#\\"), rest.size());
  GH_TRY(Authority authority, split_authority(rest.substr(0, end)));
  url.host = std::move(authority.host);
  url.port = url.is_https() ? 443 : 80;
  if (!authority.port.empty()) {
    const auto port = parse_number<std::uint16_t>(authority.port.substr(1));
    if (!port || *port == 0) return wrong("its port is none");
    url.port = *port;
  }
  const std::string_view target = rest.substr(end);
  if (target.contains('#')) return wrong("it has a fragment");
  if (!is_target(target)) return wrong("it has characters that no URL has");
  url.target = target.starts_with('/') ? std::string(target) : '/' + std::string(target);
  return url;
}

std::string Url::authority() const {
  const std::string name = host.contains(':') ? '[' + host + ']' : host;
  return port == (is_https() ? 443 : 80) ? name : name + ':' + std::to_string(port);
}

std::string Url::text() const { return scheme + "://" + authority() + target; }

}  // namespace gatehouse
