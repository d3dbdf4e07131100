/// IpAddress — an address of IPv4 or IPv6, and whether the whole Internet may stand behind it.
///
/// A server that fetches what somebody else names must not be made to ask its own machine or its own network
/// (CWE-918).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace gatehouse {

class IpAddress {
 public:
  /// Dotted decimal of four parts without leading zeros, or IPv6 as in RFC 4291 §2.2, without brackets or a
  /// zone. Empty for every other spelling that C libraries know: "127.1", "2130706433", "0x7f.0.0.1".
  static std::optional<IpAddress> parse(std::string_view text);

  /// Four octets or sixteen, in network order; empty for another number.
  static std::optional<IpAddress> from_octets(std::span<const std::uint8_t> octets);

  /// False for loopback, private, link-local, shared, documentation, multicast and reserved addresses (RFC
  /// 6890), also where an IPv6 address carries an IPv4 one of these (RFC 4291 §2.5.5, RFC 6052, RFC 3056).
  bool is_public() const noexcept;

  /// Whether the first `bits` of octets() are those of `block`, an address of the same kind.
  bool is_within(const IpAddress& block, std::size_t bits) const noexcept;

  std::string text() const;  ///< "127.0.0.1", "::1"

  /// In network order: four of IPv4, also where it was written as IPv6 (::ffff:a.b.c.d), else sixteen.
  std::span<const std::uint8_t> octets() const noexcept;

  bool operator==(const IpAddress&) const = default;

 private:
  std::array<std::uint8_t, 16> octets_{};  // IPv4 as ::ffff:a.b.c.d
};

}  // namespace gatehouse
