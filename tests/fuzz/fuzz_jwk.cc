// A key that is read is one that can be written and read again; a set keeps no private one.

#include "gatehouse/jose/key_set.h"
#include "tests/fuzz/fuzz.h"

namespace gatehouse {
namespace {

bool is_same(const jose::Key& one, const jose::Key& other) {
  return one.thumbprint() == other.thumbprint() && one.kid() == other.kid() && one.bits() == other.bits() &&
         one.type() == other.type() && one.curve() == other.curve() &&
         one.algorithm_name() == other.algorithm_name();
}

void judge_public(const jose::Key& key) {
  const auto again = jose::Key::from_jwk(key.public_jwk());
  promise(again && is_same(*again, key) && !again->is_private() && !again->use().empty());
  const auto pem = jose::Key::from_pem(key.public_pem());
  const auto der = jose::Key::from_der(key.public_der());
  promise(pem && pem->thumbprint() == key.thumbprint() && !pem->is_private());
  promise(der && der->thumbprint() == key.thumbprint() && !der->is_private());
}

void judge_private(const jose::Key& key) {
  const auto again = jose::Key::from_jwk(key.private_jwk().reveal());
  promise(again && is_same(*again, key) && again->is_private() && again->use() == key.use() &&
          again->operations() == key.operations());
}

void judge_key(const jose::Key& key) {
  if (key.type() == jose::KeyType::oct)
    promise(key.public_jwk().empty() && key.public_pem().empty() && key.is_private());
  else
    judge_public(key);
  if (key.is_private())
    judge_private(key);
  else
    promise(key.private_jwk().empty() && key.private_pem().empty());
}

void judge_set(std::string_view text) {
  const auto set = jose::KeySet::parse(text);
  if (!set) return;
  for (const jose::Key& key : set->keys()) promise(!key.is_private() && key.type() != jose::KeyType::oct);
  const auto again = jose::KeySet::parse(set->public_jwks());
  promise(again && again->skipped() == 0 && again->keys().size() == set->keys().size());
}

void judge(std::string_view text) {
  static json::Parser parser;  // a new one for each input would be most of the work
  const auto root = parser.parse(text);
  if (!root) return;
  if (const auto key = jose::Key::from_jwk(*root)) judge_key(*key);
  if (root->find("keys")) judge_set(text);
}

}  // namespace
}  // namespace gatehouse

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  gatehouse::judge(gatehouse::text_of(data, size));
  return 0;
}
