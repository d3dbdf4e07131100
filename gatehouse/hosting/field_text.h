/// Field text — what the name and the value of a header field may hold (RFC 9110 §5.5, §5.6.2); private to
/// this room.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>

namespace gatehouse::hosting {

constexpr bool is_token(std::string_view text) noexcept {
  const auto is_token_character = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-_!#$%&'*+.^`|~").contains(c);
  };
  return !text.empty() && std::ranges::all_of(text, is_token_character);
}

constexpr bool has_control(std::string_view text) noexcept {
  bool found = false;
  for (const char c : text) {
    const auto octet = static_cast<std::uint8_t>(c);
    found |= (octet < 0x20 && octet != '\t') || octet == 0x7f;
  }
  return found;
}

}  // namespace gatehouse::hosting
