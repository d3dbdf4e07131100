#include "gatehouse/base/random.h"

#include <openssl/rand.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "gatehouse/base/base64url.h"

namespace gatehouse {

std::string random_octets(std::size_t count) {
  std::string octets(count, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(octets.data()), static_cast<int>(count)) != 1) std::abort();
  return octets;
}

std::string random_text(std::size_t count) { return base64url::encode(random_octets(count)); }

double random_fraction() {
  std::uint32_t number = 0;
  const std::string octets = random_octets(sizeof number);
  std::memcpy(&number, octets.data(), sizeof number);
  return static_cast<double>(number) / 4'294'967'296.0;
}

}  // namespace gatehouse
