#include "gatehouse/base/digest.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <new>

namespace gatehouse {

std::string sha256(std::string_view octets) {
  std::string digest(32, '\0');
  if (EVP_Digest(octets.data(), octets.size(), reinterpret_cast<unsigned char*>(digest.data()), nullptr,
                 EVP_sha256(), nullptr) != 1)
    throw std::bad_alloc();
  return digest;
}

std::string hmac_sha256(std::string_view key, std::string_view text) {
  std::string tag(32, '\0');
  unsigned int size = 32;
  if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
           reinterpret_cast<const unsigned char*>(text.data()), text.size(),
           reinterpret_cast<unsigned char*>(tag.data()), &size) == nullptr)
    throw std::bad_alloc();
  return tag;
}

}  // namespace gatehouse
