/// Field text — what the value of a header field may not hold (RFC 9110 §5.5); private to this room.
#pragma once

#include <cstdint>
#include <string_view>

namespace gatehouse::hosting {

constexpr bool has_control(std::string_view text) noexcept {
  bool found = false;
  for (const char c : text) {
    const auto octet = static_cast<std::uint8_t>(c);
    found |= (octet < 0x20 && octet != '\t') || octet == 0x7f;
  }
  return found;
}

}  // namespace gatehouse::hosting
