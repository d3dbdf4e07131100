#include "gatehouse/http/request_target.h"

#include <algorithm>
#include <array>

#include "gatehouse/base/ascii.h"
#include "gatehouse/http/headers.h"

namespace gatehouse::http {
namespace {

constexpr std::size_t longest_host = 255;

bool is_name_character(char c) noexcept {
  return is_alphanumeric(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

bool is_port(std::string_view text) noexcept {
  if (text.empty() || text.size() > 5 || !std::ranges::all_of(text, is_digit)) return false;
  unsigned port = 0;
  for (const char c : text) port = port * 10 + static_cast<unsigned>(c - '0');
  return port <= 65535;
}

// Its parts are not counted: an address that is none leads nowhere, while a character out of place could lead
// elsewhere.
bool is_bracketed_address(std::string_view text) noexcept {
  if (text.size() < 4 || !text.starts_with('[') || !text.ends_with(']')) return false;
  const std::string_view inside = text.substr(1, text.size() - 2);
  return inside.contains(':') &&
         std::ranges::all_of(inside, [](char c) { return hex_value(c) >= 0 || c == ':' || c == '.'; });
}

// "http://host/path?query" behind its scheme.
Target split_absolute(std::string_view rest) noexcept {
  const std::size_t end = std::min(rest.find_first_of("/?"), rest.size());
  Target target{.path = rest.substr(end), .authority = rest.substr(0, end)};
  const std::size_t question = std::min(target.path.find('?'), target.path.size());
  if (question < target.path.size()) target.query = target.path.substr(question + 1);
  target.path = target.path.substr(0, question);
  return target;
}

}  // namespace

std::optional<Target> split_target(std::string_view method, std::string_view target) noexcept {
  if (!std::ranges::all_of(target, [](char c) { return c > 0x20 && c < 0x7f && c != '#'; }))
    return std::nullopt;
  if (target.starts_with('/')) {
    const std::size_t question = target.find('?');
    if (question == std::string_view::npos) return Target{.path = target};
    return Target{.path = target.substr(0, question), .query = target.substr(question + 1)};
  }
  if (target == "*") return method == "OPTIONS" ? std::optional(Target{.path = target}) : std::nullopt;
  for (const std::string_view scheme : std::array<std::string_view, 2>{"http://", "https://"})
    if (equals_ignoring_case(target.substr(0, scheme.size()), scheme))
      return split_absolute(target.substr(scheme.size()));
  return std::nullopt;
}

bool is_authority(std::string_view text) noexcept {
  const std::size_t bracket = text.find(']');
  const std::size_t colon = text.find(':', bracket == std::string_view::npos ? 0 : bracket);
  const std::string_view host = text.substr(0, colon);
  if (colon != std::string_view::npos && !is_port(text.substr(colon + 1))) return false;
  if (host.starts_with('[')) return is_bracketed_address(host);
  return !host.empty() && host.size() <= longest_host && std::ranges::all_of(host, is_name_character);
}

}  // namespace gatehouse::http
