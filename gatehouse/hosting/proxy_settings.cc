#include "gatehouse/hosting/proxy_settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "gatehouse/base/ascii.h"
#include "gatehouse/base/base64url.h"
#include "gatehouse/hosting/field_text.h"

namespace gatehouse::hosting {
namespace {

std::unexpected<Error> fault(std::string_view variable, std::string_view what) {
  return fail(Failure::configuration_invalid, fmt::format("{} {}", variable, what));
}

// %-escapes taken out; nothing when one is none, or hides a control character.
std::optional<std::string> unescape(std::string_view text) {
  std::string plain;
  const bool is_plain = percent_decode(text, plain) && !plain.contains('\t') && !has_control(plain);
  return is_plain ? std::optional(std::move(plain)) : std::nullopt;
}

// "user:password", of which only the password may have further colons (RFC 7617 §2).
std::optional<Secret> basic_credentials(std::string_view information) {
  const std::size_t colon = information.find(':');
  auto user = unescape(information.substr(0, colon));
  auto password = unescape(colon == information.npos ? "" : information.substr(colon + 1));
  std::optional<Secret> credentials;
  if (user && password && !user->contains(':')) {
    std::string plain = *user + ':' + *password;
    std::string encoded = "Basic " + base64url::encode_padded(plain);
    credentials = Secret(encoded);
    wipe(plain);
    wipe(encoded);
  }
  if (password) wipe(*password);
  return credentials;
}

Result<Proxy> parse_proxy(std::string_view variable, std::string_view text) {
  constexpr std::string_view scheme = "http://";
  if (text.contains("://")) {
    if (!equals_ignoring_case(text.substr(0, scheme.size()), scheme))
      return fault(variable, "names a scheme that is not spoken with a proxy; let it begin with http://");
    text.remove_prefix(scheme.size());
  }
  Proxy proxy;
  // A password may hold a slash or an at-sign that nobody escaped; no host does.
  if (const std::size_t at = text.rfind('@'); at != text.npos) {
    auto credentials = basic_credentials(text.substr(0, at));
    if (!credentials) return fault(variable, "has a user or password that cannot be sent; escape it with %");
    proxy.authorization = *std::move(credentials);
    text.remove_prefix(at + 1);
  }
  const auto url = Url::parse(fmt::format("http://{}", text));
  if (!url || url->target != "/")
    return fault(variable, "is no proxy; write http://host:port, or http://user:password@host:port");
  proxy.host = url->host;
  proxy.port = url->port;
  return proxy;
}

bool is_loopback(const Url& url, const std::optional<IpAddress>& address) {
  if (address) {
    static const IpAddress v4 = *IpAddress::parse("127.0.0.0"), v6 = *IpAddress::parse("::1");
    return address->is_within(v4, 8) || *address == v6;
  }
  const std::string_view name = url.host;
  return name == "localhost" || name.ends_with(".localhost") || name == "localhost.";  // RFC 6761 §6.3
}

}  // namespace

std::optional<NoProxy::Entry> NoProxy::parse_entry(std::string_view text) {
  Entry entry;
  if (const std::size_t slash = text.find('/'); slash != text.npos) {
    entry.address = IpAddress::parse(text.substr(0, slash));
    const auto bits = parse_number<std::size_t>(text.substr(slash + 1));
    if (!entry.address || !bits || *bits > entry.address->octets().size() * 8) return std::nullopt;
    entry.bits = *bits;
    return entry;
  }
  const std::size_t colon = text.rfind(':');
  const bool is_ipv6 = !text.starts_with('[') && std::ranges::count(text, ':') > 1;
  const bool has_port = colon != text.npos && !is_ipv6 && !text.ends_with(']');
  if (has_port) {
    entry.port = parse_number<std::uint16_t>(text.substr(colon + 1)).value_or(0);
    if (entry.port == 0) return std::nullopt;
  }
  std::string_view host = has_port ? text.substr(0, colon) : text;
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  entry.address = IpAddress::parse(host);
  if (entry.address) {
    entry.bits = entry.address->octets().size() * 8;
    return entry;
  }
  entry.takes_subdomains = host.starts_with('.') || host.starts_with("*.");
  entry.takes_name = !host.starts_with("*.");
  if (entry.takes_subdomains) host.remove_prefix(host.find('.') + 1);
  if (host.ends_with('.')) host.remove_suffix(1);
  if (host.empty() || host.contains('*')) return std::nullopt;
  entry.name = to_lower(host);
  return entry;
}

NoProxy NoProxy::parse(std::string_view text) {
  constexpr std::string_view between = ", \t";
  NoProxy parsed;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find_first_of(between));
    text.remove_prefix(std::min(text.size(), word.size() + 1));
    if (word == "*") parsed.is_everything_ = true;
    if (auto entry = word.empty() ? std::nullopt : parse_entry(word))
      parsed.entries_.push_back(*std::move(entry));
  }
  return parsed;
}

bool NoProxy::matches(const Entry& entry, const Url& url, const std::optional<IpAddress>& address) {
  if (entry.port != 0 && entry.port != url.port) return false;
  if (entry.address || address)
    return entry.address && address && address->is_within(*entry.address, entry.bits);
  std::string_view host = url.host;
  if (host.ends_with('.')) host.remove_suffix(1);
  if (host == entry.name) return entry.takes_name;
  return entry.takes_subdomains && host.size() > entry.name.size() && host.ends_with(entry.name) &&
         host[host.size() - entry.name.size() - 1] == '.';
}

bool NoProxy::matches(const Url& url) const {
  const auto address = IpAddress::parse(url.host);
  return is_everything_ ||
         std::ranges::any_of(entries_, [&](const Entry& entry) { return matches(entry, url, address); });
}

Result<ProxySettings> ProxySettings::read(const Variables& variables) {
  const auto value_of = [&](const char* name) {
    const std::optional<std::string> value = variables(name);
    return std::string(value ? trim(*value) : "");
  };
  const auto one_of = [&](const char* lower, const char* upper) {
    return !value_of(lower).empty() || !upper ? lower : upper;
  };
  const bool is_cgi = variables("REQUEST_METHOD").has_value();
  ProxySettings settings;
  const char* http = one_of("http_proxy", is_cgi ? nullptr : "HTTP_PROXY");
  if (const std::string text = value_of(http); !text.empty()) {
    GH_TRY(settings.for_http, parse_proxy(http, text));
  }
  const char* https = one_of("https_proxy", "HTTPS_PROXY");
  if (const std::string text = value_of(https); !text.empty()) {
    GH_TRY(settings.for_https, parse_proxy(https, text));
  }
  settings.except = NoProxy::parse(value_of(one_of("no_proxy", "NO_PROXY")));
  return settings;
}

Result<ProxySettings> ProxySettings::from_environment() {
  return read([](const char* name) -> std::optional<std::string> {
    const char* value = std::getenv(name);
    return value ? std::optional<std::string>(value) : std::nullopt;
  });
}

const Proxy* ProxySettings::proxy_for(const Url& url) const {
  const std::optional<Proxy>& proxy = url.is_https() ? for_https : for_http;
  if (!proxy || is_loopback(url, IpAddress::parse(url.host)) || except.matches(url)) return nullptr;
  return &*proxy;
}

}  // namespace gatehouse::hosting
