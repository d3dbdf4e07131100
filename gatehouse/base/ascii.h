/// ASCII — letters and digits of protocols, whatever the locale says.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace gatehouse {

constexpr char to_lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

constexpr std::string to_lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = to_lower(c);
  return lower;
}

/// ASCII letters only: no two other octets are equal but to themselves.
constexpr bool equals_ignoring_case(std::string_view a, std::string_view b) noexcept {
  return std::ranges::equal(a, b, [](char x, char y) { return x == y || to_lower(x) == to_lower(y); });
}

/// `text` without the `blanks` it begins and ends with; those of HTTP unless others are named (RFC 9110
/// §5.6.3).
constexpr std::string_view trim(std::string_view text, std::string_view blanks = " \t") noexcept {
  const std::size_t first = text.find_first_not_of(blanks);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

/// Nothing, or nothing but white space.
constexpr bool is_blank(std::string_view text) noexcept { return trim(text, " \t\r\n").empty(); }

/// 0 to 15; -1 when `c` is no hexadecimal digit of either case.
constexpr int hex_value(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace gatehouse
