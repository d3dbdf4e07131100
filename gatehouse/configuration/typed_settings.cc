#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>

#include "gatehouse/configuration/configuration.h"

#include "gatehouse/base/ascii.h"

namespace gatehouse::configuration {
namespace {

using std::chrono::seconds;

std::optional<std::int64_t> to_count(std::string_view text) {
  constexpr std::int64_t largest = 1'000'000'000;  // so that no unit can overflow
  const auto number = parse_number<std::int64_t>(text);
  return number && *number >= 0 && *number <= largest ? number : std::nullopt;
}

// "hh:mm:ss", as .NET writes a TimeSpan.
std::optional<seconds> to_time_span(std::string_view text) {
  const std::size_t first = text.find(':');
  const std::size_t second = first == text.npos ? first : text.find(':', first + 1);
  if (second == text.npos) return std::nullopt;
  const auto hours = to_count(text.substr(0, first));
  const auto minutes = to_count(text.substr(first + 1, second - first - 1));
  const auto rest = to_count(text.substr(second + 1));
  if (!hours || !minutes || !rest || *minutes > 59 || *rest > 59) return std::nullopt;
  return seconds(*hours * 3600 + *minutes * 60 + *rest);
}

bool same_name(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

std::string environment_name(std::string_view key) {
  std::string name(key);
  for (std::size_t at = 0; (at = name.find(':', at)) != name.npos; at += 2) name.replace(at, 1, "__");
  return name;
}

}  // namespace

bool read_bool(const Configuration& configuration, std::string_view key, bool otherwise, Faults& faults) {
  const Setting* setting = configuration.find(key);
  if (!setting) return otherwise;
  if (same_name(setting->value, "true")) return true;
  if (!same_name(setting->value, "false"))
    faults.add(setting->origin.text, fmt::format("'{}' is '{}'; write true or false", key, setting->value));
  return same_name(setting->value, "false") ? false : otherwise;
}

std::optional<seconds> parse_duration(std::string_view text) {
  if (text.contains(':')) return to_time_span(text);
  constexpr std::pair<char, std::int64_t> units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86'400}};
  std::int64_t unit = 1;
  for (const auto& [letter, length] : units) {
    if (!text.ends_with(letter)) continue;
    unit = length;
    text.remove_suffix(1);
    break;
  }
  const auto count = to_count(text);
  return count ? std::optional(seconds(*count * unit)) : std::nullopt;
}

seconds read_duration(const Configuration& configuration, std::string_view key, seconds otherwise,
                      Faults& faults) {
  const Setting* setting = configuration.find(key);
  if (!setting) return otherwise;
  const auto duration = parse_duration(setting->value);
  if (!duration)
    faults.add(
        setting->origin.text,
        fmt::format("'{}' is '{}'; write a duration such as 600s, 10m or 00:10:00", key, setting->value));
  return duration.value_or(otherwise);
}

std::int64_t read_integer(const Configuration& configuration, std::string_view key, std::int64_t otherwise,
                          std::int64_t smallest, std::int64_t largest, Faults& faults) {
  const Setting* setting = configuration.find(key);
  if (!setting) return otherwise;
  const auto number = parse_number<std::int64_t>(setting->value);
  if (number && *number >= smallest && *number <= largest) return *number;
  faults.add(setting->origin.text, fmt::format("'{}' is '{}'; write a whole number from {} to {}", key,
                                               setting->value, smallest, largest));
  return otherwise;
}

std::vector<const Setting*> read_list(const Configuration& configuration, std::string_view key,
                                      Faults& faults) {
  if (const Setting* single = configuration.find(key))
    faults.add(single->origin.text,
               fmt::format("'{0}' is a list; write [\"{1}\"], or set {0}:0", key, single->value));
  return configuration.under(key);
}

std::string read_required(const Configuration& configuration, std::string_view key, Faults& faults) {
  std::string value = configuration[key];
  if (!is_blank(value)) return value;
  const Setting* setting = configuration.find(key);
  faults.add(
      setting ? setting->origin.text : "",
      fmt::format("'{0}' is missing; set it in appsettings.json, as environment {1}, or as argument --{0}",
                  key, environment_name(key)));
  return {};
}

void check_known(const Configuration& configuration, std::string_view section,
                 const std::vector<std::string_view>& known, Faults& faults) {
  for (const Setting* setting : configuration.under(section)) {
    const std::string_view name = std::string_view(setting->key).substr(section.size() + 1);
    const bool is_known = std::ranges::any_of(known, [&](std::string_view each) {
      return same_name(each, name.substr(0, each.size())) &&
             (name.size() == each.size() || name[each.size()] == ':');
    });
    if (is_known) continue;
    const std::string_view meant = nearest(name, known);
    const std::string hint = meant.empty() ? fmt::format("known are: {}", fmt::join(known, ", "))
                                           : fmt::format("did you mean '{}:{}'?", section, meant);
    faults.add(setting->origin.text, fmt::format("unknown setting '{}:{}'; {}", section, name, hint));
  }
}

}  // namespace gatehouse::configuration
