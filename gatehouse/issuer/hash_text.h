/// Parts of hash texts: fields between '$', numbers within bounds, base64 without padding as PHC strings have
/// it. Private to this room.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "gatehouse/base/base64url.h"

namespace gatehouse::issuer {

/// What stands before the next `end`, which is taken off `rest` with it; all of it when there is none.
inline std::string_view take_field(std::string_view& rest, char end) {
  const std::size_t at = rest.find(end);
  const std::string_view field = rest.substr(0, at);
  rest = at == std::string_view::npos ? std::string_view() : rest.substr(at + 1);
  return field;
}

/// The number behind `name` ("m="), when it is one from `least` to `most` in its only spelling.
inline std::optional<std::uint32_t> number_of(std::string_view field, std::string_view name,
                                              std::uint32_t least, std::uint32_t most) {
  if (!field.starts_with(name)) return {};
  field.remove_prefix(name.size());
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
  const bool is_whole = error == std::errc() && end == field.data() + field.size();
  if (!is_whole || (field.size() > 1 && field.front() == '0') || value < least || value > most) return {};
  return value;
}

/// Octets of the base64 of RFC 4648 §4, without padding.
inline std::optional<std::string> from_base64(std::string_view text) {
  std::string url(text);
  for (char& letter : url) {
    if (letter == '-' || letter == '_') return {};
    if (letter == '+') letter = '-';
    if (letter == '/') letter = '_';
  }
  return base64url::decode(url);
}

inline std::string to_base64(std::string_view octets) {
  std::string text = base64url::encode(octets);
  for (char& letter : text) {
    if (letter == '-') letter = '+';
    if (letter == '_') letter = '/';
  }
  return text;
}

}  // namespace gatehouse::issuer
