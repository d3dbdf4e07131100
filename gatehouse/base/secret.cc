#include "gatehouse/base/secret.h"

#include <openssl/crypto.h>

#include <utility>

namespace gatehouse {

void wipe(std::string& text) noexcept {
  text.resize(text.capacity());  // stays in place: what an earlier, longer value left behind goes too
  OPENSSL_cleanse(text.data(), text.size());
  text.clear();
}

bool equal_in_constant_time(std::string_view a, std::string_view b) noexcept {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

Secret::Secret(std::string_view octets) : octets_(octets) {}
Secret::Secret(const Secret& other) = default;

// A short string lives inside the object, so a moved-from one still holds its octets until they are wiped.
Secret::Secret(Secret&& other) noexcept : octets_(std::move(other.octets_)) { wipe(other.octets_); }

Secret& Secret::operator=(Secret other) noexcept {
  // A swap of a short text, which lives in here, with a long one would leave a part of the short one behind.
  wipe(octets_);
  octets_.swap(other.octets_);
  return *this;
}

Secret::~Secret() { wipe(octets_); }

bool operator==(const Secret& a, const Secret& b) noexcept {
  return equal_in_constant_time(a.octets_, b.octets_);
}

}  // namespace gatehouse
