// A signed document in JSON form is no compact token, and is read the same twice.

#include "gatehouse/jose/jws.h"
#include "gatehouse/jose/jws_json.h"
#include "tests/fuzz/fuzz.h"

namespace gatehouse {
namespace {

void judge(std::string_view text) {
  const auto document = jose::parse_jws_json(text);
  if (!document) return;
  promise(!document->signatures.empty() && !jose::parse_jws(text));
  static const jose::KeySet keys(
      {jose::Key::symmetric(Secret("kJ8v2QpXz7LmN4sT9wYb3RcF6hGd1AeU0iOq"), "k1")});
  const auto all = jose::verify(*document, keys, jose::RequiredSignatures::every_one);
  const auto some = jose::verify(*document, keys, jose::RequiredSignatures::at_least_one);
  promise(!all || some);
}

}  // namespace
}  // namespace gatehouse

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  gatehouse::judge(gatehouse::text_of(data, size));
  return 0;
}
