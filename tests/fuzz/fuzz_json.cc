// What is accepted is JSON to another reader too, keeps the caps, has no name twice, and means the same again
// in its canonical spelling.

#include <cstring>
#include <nlohmann/json.hpp>
#include <set>
#include <vector>

#include "gatehouse/base/json.h"
#include "tests/fuzz/fuzz.h"

namespace gatehouse {
namespace {

constexpr json::Limits limits;

void judge_value(const json::Value& value, std::size_t depth) {
  if (!value.is_object() && !value.is_array()) return;
  promise(depth <= limits.depth && (value.is_array() || value.size() <= limits.members));
  std::size_t count = 0;
  std::set<std::string_view> names;
  for (auto item = value.begin(); item != value.end(); ++item, ++count) {
    promise(value.is_array() || names.insert(item.name()).second);
    judge_value(*item, depth + 1);
  }
  promise(count == value.size());
}

// Each item is what iteration finds in its place, and its source text by itself is that value.
void judge_items(std::span<const json::Item> items, const json::Value& value) {
  static json::Parser parser;
  promise(items.size() == value.size());
  auto at = value.begin();
  for (const json::Item& item : items) {
    promise(item.name == at.name() && item.kind == (*at).kind() && item.value.dump() == (*at).dump());
    const auto alone = parser.parse(item.kind == json::Kind::string ? json::quote(item.text) : item.text);
    promise(alone && alone->kind() == item.kind && alone->dump() == (*at).dump());
    ++at;
  }
}

void judge_quoted(std::string_view text) {
  static json::Parser parser;
  const auto read = parser.parse(json::quote(text));
  promise(read && read->is_string());
  const std::string once(read->as_string());  // with U+FFFD for what was no UTF-8
  const auto again = parser.parse(json::quote(once));
  promise(again && again->as_string() == once);
}

void judge(std::string_view text) {
  static json::Parser parser, again;
  const auto value = parser.parse(text);
  judge_quoted(text.substr(0, 48));  // each character by itself: more of them tell nothing more
  if (!value) return;

  promise(nlohmann::json::accept(text));
  const std::string canonical = value->dump();
  const auto read = again.parse(canonical);
  promise(read && read->kind() == value->kind() && read->dump() == canonical);
  judge_value(*value, 1);
  if (value->is_object() || value->is_array()) judge_items(parser.items(), *value);
}

}  // namespace
}  // namespace gatehouse

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  gatehouse::judge(gatehouse::text_of(data, size));
  return 0;
}
