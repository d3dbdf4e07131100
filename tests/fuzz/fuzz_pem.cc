// Keys and certificates in PEM and DER: what is read can be written and read again, and is the same key.

#include "gatehouse/jose/key.h"
#include "tests/fuzz/fuzz.h"

namespace gatehouse {
namespace {

void judge_key(const jose::Key& key) {
  const std::string thumbprint = key.thumbprint();
  promise(!thumbprint.empty() && key.type() != jose::KeyType::oct);
  const auto again = jose::Key::from_pem(key.public_pem());
  promise(again && again->thumbprint() == thumbprint && !again->is_private());
  if (!key.is_private()) return promise(key.private_pem().empty());
  const auto whole = jose::Key::from_pem(key.private_pem().reveal());
  promise(whole && whole->thumbprint() == thumbprint && whole->is_private());
}

void judge(std::string_view text) {
  if (text.contains("-----BEGIN")) {
    if (const auto key = jose::Key::from_pem(text)) judge_key(*key);
    return;
  }
  if (const auto key = jose::Key::from_der(text)) judge_key(*key);
  if (const auto key = jose::Key::from_certificate(text)) {
    promise(key->has_certificate() && !key->is_private() && !key->kid().empty());
    judge_key(*key);
  }
}

}  // namespace
}  // namespace gatehouse

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  gatehouse::judge(gatehouse::text_of(data, size));
  return 0;
}
