#include "gatehouse/base/json_members.h"

#include <utility>

namespace gatehouse::json {

void MemberReader::refuse(std::string_view name, std::string_view expected) {
  refuse(std::string("'").append(name).append("' has to be ").append(expected));
}

void MemberReader::refuse(std::string sentence) {
  if (!fault_) fault_ = std::move(sentence);
}

std::string MemberReader::text(std::string_view name) {
  const auto found = find(name);
  if (!found) return {};
  if (!found->is_string()) return refuse(name, "a string"), std::string();
  return std::string(found->as_string());
}

std::vector<std::string> MemberReader::list(std::string_view name) {
  std::vector<std::string> values;
  const auto found = find(name);
  if (!found) return values;
  if (!found->is_array()) return refuse(name, "a list of strings"), values;
  for (const Value value : *found) {
    if (!value.is_string()) return refuse(name, "a list of strings"), values;
    values.emplace_back(value.as_string());
  }
  return values;
}

bool MemberReader::flag(std::string_view name) {
  const auto found = find(name);
  if (!found) return false;
  if (found->kind() != Kind::boolean) return refuse(name, "true or false"), false;
  return found->as_bool();
}

std::optional<Seconds> MemberReader::seconds(std::string_view name) {
  const auto found = find(name);
  if (!found) return std::nullopt;
  if (found->kind() != Kind::integer || found->as_integer() < 1)
    return refuse(name, "a number of seconds"), std::nullopt;
  return Seconds(found->as_integer());
}

std::optional<Instant> MemberReader::instant(std::string_view name) {
  const std::string value = text(name);
  const auto read = value.empty() ? std::nullopt : parse_instant(value);
  if (!value.empty() && !read) refuse(name, "a date and time (RFC 3339)");
  return read;
}

}  // namespace gatehouse::json
