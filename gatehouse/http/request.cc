#include "gatehouse/http/request.h"

#include <algorithm>
#include <cstdint>

#include "gatehouse/base/ascii.h"

namespace gatehouse::http {
namespace {

// Octets of the character that begins at `text`, which is not empty; 0 when it is not well-formed UTF-8 (RFC
// 3629 §4: no overlong forms, no surrogates, nothing beyond U+10FFFF) or is a control character.
std::size_t printable_length(std::string_view text) noexcept {
  const auto at = [text](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t first = at(0);
  if (first < 0x80) return first >= 0x20 && first != 0x7f ? 1 : 0;
  const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((at(i) & 0xc0) != 0x80) return 0;
  const std::uint8_t second = at(1);
  const bool is_overlong = (first == 0xe0 && second < 0xa0) || (first == 0xf0 && second < 0x90);
  const bool is_surrogate = first == 0xed && second >= 0xa0;
  const bool is_beyond = first == 0xf4 && second >= 0x90;
  const bool is_c1_control = first == 0xc2 && second < 0xa0;
  return is_overlong || is_surrogate || is_beyond || is_c1_control ? 0 : length;
}

bool is_printable_utf8(std::string_view text) noexcept {
  while (!text.empty()) {
    const std::size_t length = printable_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

// What may stand in a target undecoded. '?' and '#' end a path, so one inside means that somebody split it
// differently.
constexpr bool may_stand_raw(char c) noexcept {
  return c > 0x20 && c < 0x7f && c != '\\' && c != '?' && c != '#';
}

// "..;x" is a dot segment to servers that know path parameters; a proxy of that kind and we must not
// disagree.
bool is_dot_segment(std::string_view segment) noexcept {
  const std::string_view name = segment.substr(0, segment.find(';'));
  return name == "." || name == "..";
}

// `path` is decoded and begins with '/'. Only the last segment may be empty: "/api/".
bool has_plain_segments(std::string_view path) noexcept {
  path.remove_prefix(1);
  for (;;) {
    const std::size_t end = path.find('/');
    const std::string_view segment = path.substr(0, end);
    if (is_dot_segment(segment)) return false;
    if (end == std::string_view::npos) return true;
    if (segment.empty()) return false;
    path.remove_prefix(end + 1);
  }
}

// An encoded separator would be one segment to us and two to whoever decodes before splitting
// (CVE-2022-22978).
bool has_encoded_separator(std::string_view raw) noexcept {
  for (std::size_t i = raw.find('%'); i != std::string_view::npos; i = raw.find('%', i + 1)) {
    if (raw.size() - i < 3) return false;
    const int octet = hex_value(raw[i + 1]) * 16 + hex_value(raw[i + 2]);
    if (octet == '/' || octet == '\\') return true;
  }
  return false;
}

// Calls `each(name, value)` for each `name=value` between separators, until it returns true.
template <class F>
void for_each_pair(std::string_view text, char separator, F each) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    const std::string_view pair = text.substr(0, end);
    const std::size_t equals = std::min(pair.find('='), pair.size());
    if (each(pair.substr(0, equals), pair.substr(std::min(equals + 1, pair.size())))) return;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

}  // namespace

bool is_preflight(const Request& request) noexcept {
  return request.method == "OPTIONS" && request.header("Origin") &&
         request.header("Access-Control-Request-Method");
}

std::optional<std::string> Request::query_value(std::string_view name) const {
  std::optional<std::string> found;
  for_each_pair(query, '&', [&](std::string_view raw_name, std::string_view value) {
    if (raw_name != name && decode_component(raw_name) != name) return false;
    found = decode_component(value);
    return true;
  });
  return found;
}

std::optional<std::string> Request::cookie(std::string_view name) const {
  std::optional<std::string> found;
  for (const RequestHeaders::Field& field : headers) {
    if (found || !equals_ignoring_case(field.name, "Cookie")) continue;
    for_each_pair(field.value, ';', [&](std::string_view cookie_name, std::string_view value) {
      if (trim(cookie_name) != name) return false;
      value = trim(value);
      const bool is_quoted = value.size() >= 2 && value.front() == '"' && value.back() == '"';
      found = std::string(is_quoted ? value.substr(1, value.size() - 2) : value);
      return true;
    });
  }
  return found;
}

std::optional<std::string_view> decode_path(std::string_view raw_path, std::string& storage) {
  if (!raw_path.starts_with('/') || !std::ranges::all_of(raw_path, may_stand_raw)) return std::nullopt;
  std::string_view path = raw_path;
  if (raw_path.find('%') != std::string_view::npos) {
    storage.clear();
    if (has_encoded_separator(raw_path) || !percent_decode(raw_path, storage)) return std::nullopt;
    if (!is_printable_utf8(storage)) return std::nullopt;
    path = storage;
  }
  return has_plain_segments(path) ? std::optional(path) : std::nullopt;
}

std::optional<std::string> decode_path(std::string_view raw_path) {
  std::string storage;
  const std::optional<std::string_view> path = decode_path(raw_path, storage);
  return path ? std::optional(std::string(*path)) : std::nullopt;
}

std::optional<std::string> decode_component(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  return percent_decode(text, decoded, ' ') ? std::optional(std::move(decoded)) : std::nullopt;
}

}  // namespace gatehouse::http
