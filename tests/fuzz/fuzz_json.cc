// What is accepted is accepted again in its canonical spelling, and means the same.

#include "gatehouse/base/json.h"
#include "tests/fuzz/fuzz.h"

namespace gatehouse {
namespace {

void judge(std::string_view text) {
  json::Parser parser;
  const auto value = parser.parse(text);
  if (!value) return;
  const std::string canonical = value->dump();
  json::Parser again;
  const auto read = again.parse(canonical);
  promise(read.has_value() && read->dump() == canonical);
  if (value->is_object() || value->is_array()) promise(parser.items().size() == value->size());
}

}  // namespace
}  // namespace gatehouse

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  gatehouse::judge(gatehouse::text_of(data, size));
  return 0;
}
