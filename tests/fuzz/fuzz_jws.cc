// A compact token that is read is spelled in one way only, is read leniently too, and no forged one verifies.

#include <tuple>

#include "gatehouse/base/base64url.h"
#include "gatehouse/jose/jws.h"
#include "tests/fuzz/fuzz.h"

namespace gatehouse {
namespace {

auto members(const jose::Header& header) {
  return std::tie(header.alg, header.kid, header.typ, header.cty, header.x5t, header.x5t_s256, header.enc,
                  header.zip, header.has_kid, header.has_typ);
}

bool is_same(const jose::Jws& one, const jose::Jws& other) {
  return members(*one.header) == members(*other.header) && one.signing_input == other.signing_input &&
         one.payload == other.payload && one.signature == other.signature.view() &&
         one.is_signed == other.is_signed;
}

// Put together again, the parts are the text.
void judge_parts(std::string_view text, const jose::Jws& jws) {
  static std::string whole;
  whole = jws.signing_input;
  whole += '.';
  base64url::append(whole, jws.signature);
  promise(whole == text && jws.is_signed == !jws.signature.view().empty());
  promise(jws.signing_input.data() == text.data() && jws.signing_input.ends_with(jws.payload));
  promise(!jws.header->alg.empty() && jws.header->enc.empty() && jws.header->kid.size() <= jose::longest_kid);
}

void judge(std::string_view text) {
  static const jose::Key key = jose::Key::symmetric(Secret("kJ8v2QpXz7LmN4sT9wYb3RcF6hGd1AeU0iOq"), "k1");
  static const jose::Key longer =
      jose::Key::symmetric(Secret("Wm5vQ2xT8sKd4fGh7jLpZr1yBn6cXa3eUi9oRt0wMq2kHv5gNb8dSj4zFx7lPc1u"), "k2");
  const auto lenient = jose::parse_jws(text, jose::Leniency::original);
  const auto strict = jose::parse_jws(text);
  promise(!strict || (lenient && is_same(*strict, *lenient)));
  if (!lenient) return;
  promise(!jose::verify(lenient->signing_input, {}, key, jose::Algorithm::HS256));
  if (!strict) return;
  judge_parts(text, *strict);
  const auto again = jose::parse_jws(text);  // with the header that was kept
  promise(again && is_same(*strict, *again));
  promise(!jose::verify(strict->signing_input, strict->signature, longer, jose::Algorithm::HS512));
  const auto verified = jose::verify(strict->signing_input, strict->signature, key, jose::Algorithm::HS256);
  promise(!verified || jose::sign(strict->signing_input, key, jose::Algorithm::HS256) == strict->signature);
}

}  // namespace
}  // namespace gatehouse

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  gatehouse::judge(gatehouse::text_of(data, size));
  return 0;
}
