#include "gatehouse/http/client_address.h"

#include <algorithm>
#include <charconv>
#include <ranges>
#include <vector>

#include "gatehouse/base/ascii.h"

namespace gatehouse::http {
namespace {

// Some proxies add the port: "192.0.2.1:4711", "[2001:db8::1]:4711".
std::optional<IpAddress> address_of(std::string_view entry) {
  if (entry.starts_with('[')) {
    const std::size_t end = entry.find(']');
    return end == std::string_view::npos ? std::nullopt : IpAddress::parse(entry.substr(1, end - 1));
  }
  if (std::ranges::count(entry, ':') == 1) entry = entry.substr(0, entry.find(':'));
  return IpAddress::parse(entry);
}

// The entries of all X-Forwarded-For fields, the last one first.
std::vector<std::string_view> entries_from_the_end(const Request& request) {
  std::vector<std::string_view> entries;
  for (const std::string_view field : request.headers.find_all("X-Forwarded-For"))
    for (const auto part : std::views::split(field, ','))
      entries.push_back(trim(std::string_view(part.begin(), part.end())));
  std::ranges::reverse(entries);
  return entries;
}

}  // namespace

std::optional<IpNetwork> IpNetwork::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto address = IpAddress::parse(text.substr(0, slash));
  if (!address) return {};
  const std::size_t most = address->octets().size() * 8;
  if (slash == std::string_view::npos) return IpNetwork{.address = *address, .bits = most};
  const std::string_view digits = text.substr(slash + 1);
  std::size_t bits = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
  if (error != std::errc() || end != digits.data() + digits.size() || bits > most) return {};
  return IpNetwork{.address = *address, .bits = bits};
}

std::optional<IpAddress> client_address(const Request& request, std::span<const IpNetwork> trusted_proxies) {
  auto client = IpAddress::parse(request.remote_address);
  const auto is_trusted = [&](const IpAddress& address) {
    return std::ranges::any_of(trusted_proxies,
                               [&](const IpNetwork& proxy) { return proxy.contains(address); });
  };
  if (!client || !is_trusted(*client)) return client;
  for (const std::string_view entry : entries_from_the_end(request)) {
    const auto before = address_of(entry);
    if (!before) break;
    client = before;
    if (!is_trusted(*client)) break;
  }
  return client;
}

}  // namespace gatehouse::http
