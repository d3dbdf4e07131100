// A compact token that is read strictly is read leniently too, and no forged one verifies.

#include "gatehouse/jose/jws.h"
#include "tests/fuzz/fuzz.h"

namespace gatehouse {
namespace {

void judge(std::string_view text) {
  static const jose::Key key = jose::Key::symmetric(Secret("kJ8v2QpXz7LmN4sT9wYb3RcF6hGd1AeU0iOq"), "k1");
  const auto strict = jose::parse_jws(text);
  const auto lenient = jose::parse_jws(text, jose::Leniency::original);
  promise(!strict || lenient);
  if (!strict || !strict->is_signed) return;
  const auto verified = jose::verify(strict->signing_input, strict->signature, key, jose::Algorithm::HS256);
  promise(!verified || jose::sign(strict->signing_input, key, jose::Algorithm::HS256) == strict->signature);
}

}  // namespace
}  // namespace gatehouse

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  gatehouse::judge(gatehouse::text_of(data, size));
  return 0;
}
