#include "gatehouse/base/digest.h"

#include <openssl/evp.h>

#include <new>

namespace gatehouse {

std::string sha256(std::string_view octets) {
  std::string digest(32, '\0');
  if (EVP_Digest(octets.data(), octets.size(), reinterpret_cast<unsigned char*>(digest.data()), nullptr,
                 EVP_sha256(), nullptr) != 1)
    throw std::bad_alloc();
  return digest;
}

}  // namespace gatehouse
