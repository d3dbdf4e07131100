/// Named keys — key pairs that a test knows by their kid; the same one whenever it asks.
#pragma once

#include <map>
#include <string>

#include "gatehouse/jose/key.h"

namespace gatehouse::test_support {

inline const jose::Key& key_named(const std::string& kid) {
  static std::map<std::string, jose::Key> keys;
  const auto known = keys.find(kid);
  if (known != keys.end()) return known->second;
  return keys.emplace(kid, jose::Key::generate(jose::Algorithm::EdDSA, kid).value()).first->second;
}

}  // namespace gatehouse::test_support
