#include "gatehouse/http/http_context.h"

#include <charconv>

namespace gatehouse::http {

std::string_view RouteValues::get(std::string_view name) const noexcept {
  for (const Value& value : values_)
    if (value.name == name) return value.value;
  return {};
}

std::int64_t RouteValues::get_int(std::string_view name) const noexcept {
  const std::string_view text = get(name);
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace gatehouse::http
