#include "gatehouse/http/form.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "gatehouse/base/ascii.h"

namespace gatehouse::http {
namespace {

constexpr std::size_t most_parameters = 100;
constexpr std::string_view blanks = " \t";

// `charset` may be left out; the standard has no other (URL Standard §5.2).
bool is_form(std::string_view type) {
  if (!equals_ignoring_case(trim(type.substr(0, type.find(';')), blanks),
                            "application/x-www-form-urlencoded"))
    return false;
  while (type.contains(';')) {
    type.remove_prefix(type.find(';') + 1);
    const std::string_view parameter = trim(type.substr(0, type.find(';')), blanks);
    constexpr std::string_view charset = "charset=";
    if (!equals_ignoring_case(parameter.substr(0, charset.size()), charset)) continue;
    if (!equals_ignoring_case(trim(parameter.substr(charset.size()), "\""), "utf-8")) return false;
  }
  return true;
}

}  // namespace

Result<Form> Form::read(const Request& request) {
  if (!is_form(request.header("Content-Type").value_or("")))
    return fail(Failure::malformed, "the body has to be application/x-www-form-urlencoded");
  if (!request.query.empty())
    return fail(Failure::malformed, "parameters belong in the body, not in the query");
  Form form;
  for (std::string_view rest = request.body; !rest.empty();) {
    const std::string_view pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
    if (pair.empty()) continue;
    if (form.parameters_.size() == most_parameters) return fail(Failure::too_large, "too many parameters");
    const std::size_t equals = std::min(pair.find('='), pair.size());
    auto name = decode_component(pair.substr(0, equals));
    auto value = decode_component(pair.substr(std::min(equals + 1, pair.size())));
    if (!name || !value) return fail(Failure::malformed, "a parameter has a bad escape");
    if (!form.parameters_.try_emplace(*std::move(name), *std::move(value)).second)
      return fail(Failure::malformed, "a parameter is there twice");
  }
  return form;
}

std::string_view Form::operator[](std::string_view name) const {
  const auto found = parameters_.find(name);
  return found == parameters_.end() ? std::string_view() : std::string_view(found->second);
}

}  // namespace gatehouse::http
