#include "gatehouse/issuer/scope.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace gatehouse::issuer {
namespace {

constexpr std::size_t most_names = 100;

constexpr bool is_scope_character(char c) noexcept { return c > 0x20 && c < 0x7f && c != '"' && c != '\\'; }

}  // namespace

std::optional<std::vector<std::string>> read_scope(std::string_view text) {
  std::vector<std::string> names;
  while (!text.empty()) {
    const std::string_view name = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(name.size() + 1, text.size()));
    if (name.empty()) continue;
    if (!std::ranges::all_of(name, is_scope_character) || names.size() == most_names) return std::nullopt;
    if (!has_name(names, name)) names.emplace_back(name);
  }
  return names;
}

std::string write_scope(const std::vector<std::string>& names) {
  return fmt::format("{}", fmt::join(names, " "));
}

bool has_name(const std::vector<std::string>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

bool is_within(const std::vector<std::string>& names, const std::vector<std::string>& granted) {
  return std::ranges::all_of(names, [&](const std::string& name) { return has_name(granted, name); });
}

}  // namespace gatehouse::issuer
