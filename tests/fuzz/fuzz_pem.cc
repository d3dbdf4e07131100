// Keys and certificates in PEM and DER.

#include "gatehouse/jose/key.h"
#include "tests/fuzz/fuzz.h"

namespace gatehouse {
namespace {

void judge(std::string_view text) {
  if (const auto key = jose::Key::from_pem(text)) promise(!key->thumbprint().empty());
  if (const auto key = jose::Key::from_certificate(text))
    promise(key->has_certificate() && !key->is_private());
}

}  // namespace
}  // namespace gatehouse

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  gatehouse::judge(gatehouse::text_of(data, size));
  return 0;
}
