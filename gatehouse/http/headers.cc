#include "gatehouse/http/headers.h"

#include <algorithm>

#include "gatehouse/base/ascii.h"

namespace gatehouse::http {
namespace {

template <class Fields>
auto find_field(const Fields& fields, std::string_view name) noexcept {
  return std::ranges::find_if(fields,
                              [name](const auto& field) { return equals_ignoring_case(field.name, name); });
}

template <class Fields>
std::vector<std::string_view> values_of(const Fields& fields, std::string_view name) {
  std::vector<std::string_view> values;
  for (const auto& field : fields)
    if (equals_ignoring_case(field.name, name)) values.emplace_back(field.value);
  return values;
}

}  // namespace

std::optional<std::string_view> RequestHeaders::find(std::string_view name) const noexcept {
  const auto found = find_field(fields_, name);
  return found == fields_.end() ? std::nullopt : std::optional(found->value);
}

std::vector<std::string_view> RequestHeaders::find_all(std::string_view name) const {
  return values_of(fields_, name);
}

std::size_t RequestHeaders::count(std::string_view name) const noexcept {
  const auto matches = [name](const Field& field) { return equals_ignoring_case(field.name, name); };
  return static_cast<std::size_t>(std::ranges::count_if(fields_, matches));
}

void ResponseHeaders::set(std::string name, std::string value) {
  remove(name);
  append(std::move(name), std::move(value));
}

void ResponseHeaders::remove(std::string_view name) {
  std::erase_if(fields_, [name](const Field& field) { return equals_ignoring_case(field.name, name); });
}

std::optional<std::string_view> ResponseHeaders::find(std::string_view name) const noexcept {
  const auto found = find_field(fields_, name);
  return found == fields_.end() ? std::nullopt : std::optional<std::string_view>(found->value);
}

std::vector<std::string_view> ResponseHeaders::find_all(std::string_view name) const {
  return values_of(fields_, name);
}

}  // namespace gatehouse::http
