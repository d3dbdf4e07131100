#include "gatehouse/base/ip_address.h"

#include <arpa/inet.h>

#include <algorithm>

namespace gatehouse {
namespace {

using Octets = std::span<const std::uint8_t>;

bool begin_alike(Octets a, Octets b, std::size_t bits) {
  for (std::size_t at = 0; at * 8 < bits; ++at) {
    const std::size_t left = bits - at * 8;
    const auto mask = static_cast<std::uint8_t>(left >= 8 ? 0xFF : 0xFF << (8 - left));
    if ((a[at] & mask) != (b[at] & mask)) return false;
  }
  return true;
}

struct Range {
  std::array<std::uint8_t, 16> prefix;
  std::size_t bits;
};

bool lies_in(Octets address, const Range& range) { return begin_alike(address, range.prefix, range.bits); }

bool lies_in_any(Octets address, std::span<const Range> ranges) {
  return std::ranges::any_of(ranges, [&](const Range& range) { return lies_in(address, range); });
}

// Not globally reachable by the registry of RFC 6890, and multicast (RFC 5771).
constexpr std::array<Range, 14> special_v4 = {{
    {{0}, 8},
    {{10}, 8},
    {{100, 64}, 10},
    {{127}, 8},
    {{169, 254}, 16},
    {{172, 16}, 12},
    {{192, 0, 0}, 24},
    {{192, 0, 2}, 24},
    {{192, 88, 99}, 24},
    {{192, 168}, 16},
    {{198, 18}, 15},
    {{198, 51, 100}, 24},
    {{203, 0, 113}, 24},
    {{224}, 3},  // multicast and reserved
}};

constexpr Range global_v6 = {{0x20}, 3};
constexpr std::array<Range, 3> special_v6 = {{
    {{0x20, 0x01, 0x00}, 23},        // protocols, Teredo among them
    {{0x20, 0x01, 0x0d, 0xb8}, 32},  // documentation
    {{0x3f, 0xff, 0x00}, 20},        // documentation (RFC 9637)
}};

constexpr Range mapped = {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF}, 96};
constexpr Range translated = {{0x00, 0x64, 0xFF, 0x9B}, 96};  // RFC 6052 §2.1
constexpr Range six_to_four = {{0x20, 0x02}, 16};             // RFC 3056 §2

// Where the IPv4 address stands that the packets would go to.
std::optional<Octets> inner_v4(Octets address) {
  if (lies_in(address, mapped) || lies_in(address, translated)) return address.subspan(12, 4);
  if (lies_in(address, six_to_four)) return address.subspan(2, 4);
  return std::nullopt;
}

}  // namespace

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  const std::string terminated(text);
  if (terminated.find('\0') != terminated.npos) return std::nullopt;
  std::array<std::uint8_t, 16> octets{};
  if (::inet_pton(AF_INET, terminated.c_str(), octets.data()) == 1)
    return from_octets(Octets(octets).first(4));
  if (::inet_pton(AF_INET6, terminated.c_str(), octets.data()) == 1) return from_octets(octets);
  return std::nullopt;
}

std::optional<IpAddress> IpAddress::from_octets(Octets octets) {
  IpAddress address;
  if (octets.size() == 4) {
    address.octets_ = mapped.prefix;
    std::ranges::copy(octets, address.octets_.begin() + 12);
    return address;
  }
  if (octets.size() != address.octets_.size()) return std::nullopt;
  std::ranges::copy(octets, address.octets_.begin());
  return address;
}

bool IpAddress::is_public() const noexcept {
  if (const auto v4 = inner_v4(octets_)) return !lies_in_any(*v4, special_v4);
  return lies_in(octets_, global_v6) && !lies_in_any(octets_, special_v6);
}

bool IpAddress::is_within(const IpAddress& block, std::size_t bits) const noexcept {
  return octets().size() == block.octets().size() && begin_alike(octets(), block.octets(), bits);
}

std::string IpAddress::text() const {
  std::array<char, INET6_ADDRSTRLEN> written{};
  ::inet_ntop(octets().size() == 4 ? AF_INET : AF_INET6, octets().data(), written.data(), written.size());
  return written.data();
}

std::span<const std::uint8_t> IpAddress::octets() const noexcept {
  return Octets(octets_).subspan(lies_in(octets_, mapped) ? 12 : 0);
}

}  // namespace gatehouse
