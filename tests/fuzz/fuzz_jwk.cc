// A key that is read is one that can be written and read again; a set keeps no private one.

#include "gatehouse/jose/key_set.h"
#include "tests/fuzz/fuzz.h"

namespace gatehouse {
namespace {

void judge(std::string_view text) {
  if (const auto key = jose::Key::from_jwk(text); key && key->type() != jose::KeyType::oct) {
    const auto again = jose::Key::from_jwk(key->public_jwk());
    promise(again && again->thumbprint() == key->thumbprint() && !again->is_private());
  }
  const auto set = jose::KeySet::parse(text);
  if (!set) return;
  for (const jose::Key& key : set->keys()) promise(!key.is_private());
  promise(jose::KeySet::parse(set->public_jwks()).has_value());
}

}  // namespace
}  // namespace gatehouse

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  gatehouse::judge(gatehouse::text_of(data, size));
  return 0;
}
