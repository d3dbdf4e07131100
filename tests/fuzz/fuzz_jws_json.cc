// A signed document in JSON form is no compact token and is read the same twice; what we sign verifies, and
// what verifies is what we would have signed.

#include "gatehouse/base/base64url.h"
#include "gatehouse/jose/jws.h"
#include "gatehouse/jose/jws_json.h"
#include "tests/fuzz/fuzz.h"

namespace gatehouse {
namespace {

const jose::KeySet& keys() {
  static const jose::KeySet set({jose::Key::symmetric(Secret("kJ8v2QpXz7LmN4sT9wYb3RcF6hGd1AeU0iOq"), "k1")});
  return set;
}

// The input as what we sign: it comes back, in either form, and no signature holds under another key.
void judge_signed(std::string_view text) {
  static const jose::KeySet others(
      {jose::Key::symmetric(Secret("Z1yBn6cXa3eUi9oRt0wMq2kHv5gNb8dSj4"), "k1")});
  const jose::JsonSigner signer{.key = keys().keys().front(), .algorithm = jose::Algorithm::HS256};
  for (const auto& written : {jose::sign_json(text, {&signer, 1}), jose::sign_json_flattened(text, signer)}) {
    promise(written.has_value());
    const auto document = jose::parse_jws_json(*written);
    promise(document && document->payload == text && document->signatures.size() == 1);
    promise(jose::verify(*document, keys(), jose::RequiredSignatures::every_one).has_value());
    promise(!jose::verify(*document, others, jose::RequiredSignatures::at_least_one));
  }
}

void judge(std::string_view text) {
  const auto document = jose::parse_jws_json(text);
  if (!document) {
    if (!text.starts_with('{')) judge_signed(text);
    return;
  }
  promise(!document->signatures.empty() && document->signatures.size() <= 16 && !jose::parse_jws(text));
  const auto again = jose::parse_jws_json(text);
  promise(again && again->payload == document->payload &&
          again->signatures.size() == document->signatures.size());
  for (const jose::JsonSignature& one : document->signatures)
    promise(one.signing_input.ends_with('.' + base64url::encode(document->payload)));

  const auto all = jose::verify(*document, keys(), jose::RequiredSignatures::every_one);
  const auto some = jose::verify(*document, keys(), jose::RequiredSignatures::at_least_one);
  promise(!all || (some && all->size() == document->signatures.size()));
  if (!some) return;
  for (const std::size_t index : *some) {
    const jose::JsonSignature& one = document->signatures.at(index);
    promise(jose::sign(one.signing_input, keys().keys().front(), jose::Algorithm::HS256) == one.signature);
  }
}

}  // namespace
}  // namespace gatehouse

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  gatehouse::judge(gatehouse::text_of(data, size));
  return 0;
}
