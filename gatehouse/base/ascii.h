/// ASCII — letters and digits of protocols, whatever the locale says.
#pragma once

#include <algorithm>
#include <charconv>
#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

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

constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

constexpr bool is_alphanumeric(char c) noexcept {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// A character of a token: of a method or of a field's name (RFC 9110 §5.6.2).
constexpr bool is_token_character(char c) noexcept {
  return is_alphanumeric(c) || std::string_view("-_!#$%&'*+.^`|~").contains(c);
}

constexpr bool is_token(std::string_view text) noexcept {
  return !text.empty() && std::ranges::all_of(text, is_token_character);
}

/// The number that all of `text` spells in decimal; nothing when it spells none, or one that does not fit.
template <std::integral Number>
std::optional<Number> parse_number(std::string_view text) noexcept {
  Number number{};
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  return failure == std::errc() && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

/// Takes the first item off a list with commas, without the blanks around it (RFC 9110 §5.6.1).
constexpr std::string_view take_item(std::string_view& list) noexcept {
  const std::size_t comma = std::min(list.find(','), list.size());
  const std::string_view item = trim(list.substr(0, comma));
  list.remove_prefix(std::min(list.size(), comma + 1));
  return item;
}

/// 0 to 15; -1 when `c` is no hexadecimal digit of either case.
constexpr int hex_value(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// Appends what `text` spells to `out`: "%41" is 'A' (RFC 3986 §2.1), and a plus sign is `plus`. False for an
/// escape that is cut short or is no hex; `out` then holds what stands before it.
inline bool percent_decode(std::string_view text, std::string& out, char plus = '+') {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i] == '+' ? plus : text[i];
      continue;
    }
    if (text.size() - i < 3) return false;
    const int high = hex_value(text[i + 1]), low = hex_value(text[i + 2]);
    if (high < 0 || low < 0) return false;
    out += static_cast<char>(high << 4 | low);
    i += 2;
  }
  return true;
}

/// `text` with every octet escaped but the unreserved ones and those of `plain` (RFC 3986 §2.1, §2.3).
inline std::string percent_encode(std::string_view text, std::string_view plain = {}) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  constexpr std::string_view unreserved =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  std::string encoded;
  for (const char c : text) {
    if (unreserved.contains(c) || plain.contains(c)) {
      encoded += c;
      continue;
    }
    const auto octet = static_cast<unsigned char>(c);
    encoded.append({'%', digits[octet >> 4], digits[octet & 0xF]});
  }
  return encoded;
}

}  // namespace gatehouse
