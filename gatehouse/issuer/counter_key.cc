#include "gatehouse/issuer/counter_key.h"

#include <sodium.h>

#include <algorithm>
#include <cstring>
#include <string>

#include "gatehouse/base/random.h"

namespace gatehouse::issuer {

static_assert(crypto_shorthash_KEYBYTES == 16 && crypto_shorthash_BYTES == 8);

CounterKey::CounterKey() : secret_{} {
  const std::string octets = random_octets(secret_.size());
  std::ranges::copy(octets, secret_.begin());
}

std::uint64_t CounterKey::operator()(char kind, std::string_view first, std::string_view second) const {
  std::string text(1, kind);
  text += std::to_string(first.size());
  text += ':';
  text += first;
  text += second;
  std::array<unsigned char, crypto_shorthash_BYTES> digest{};
  crypto_shorthash(digest.data(), reinterpret_cast<const unsigned char*>(text.data()), text.size(),
                   secret_.data());
  std::uint64_t value = 0;
  std::memcpy(&value, digest.data(), digest.size());
  return value;
}

}  // namespace gatehouse::issuer
