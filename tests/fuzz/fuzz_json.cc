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

// Each source text by itself is the value that stands there.
void judge_source_texts(std::string_view text, const json::Value& value) {
  static json::Parser parser;
  const auto texts = json::source_texts(text);
  promise(texts.size() == value.size());
  auto source = texts.begin();
  for (const json::Value item : value) {
    const auto alone = parser.parse(*source++);
    promise(alone && alone->kind() == item.kind() && alone->dump() == item.dump());
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
  static json::Parser parser, in_place;
  const auto value = parser.parse(text);
  static std::vector<char> octets;  // their end is the end of the memory, where the sanitizer watches
  octets.assign(text.begin(), text.end());
  octets.resize(text.size() + json::Parser::padding, 'x');
  octets.shrink_to_fit();
  const auto same = in_place.parse_padded({octets.data(), text.size()});
  promise(value.has_value() == same.has_value());
  judge_quoted(text.substr(0, 48));  // each character by itself: more of them tell nothing more
  if (!value) return promise(value.error() == same.error());

  promise(nlohmann::json::accept(text));
  const std::string canonical = value->dump();
  promise(same->dump() == canonical);
  const auto read = in_place.parse(canonical);
  promise(read && read->kind() == value->kind() && read->dump() == canonical);
  judge_value(*value, 1);
  if (value->is_object() || value->is_array()) judge_source_texts(text, *value);
}

}  // namespace
}  // namespace gatehouse

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  gatehouse::judge(gatehouse::text_of(data, size));
  return 0;
}
