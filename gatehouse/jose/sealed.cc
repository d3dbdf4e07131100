#include "gatehouse/jose/sealed.h"

#include "gatehouse/base/random.h"
#include "gatehouse/jose/aes.h"

namespace gatehouse::jose {
namespace {

Result<void> check(const Secret& key) {
  if (key.size() == sealing_key_octets) return {};
  return fail(Failure::weak_key, "a sealing key has 32 octets");
}

}  // namespace

Result<std::string> seal(const Secret& key, std::string_view text, std::string_view context) {
  GH_CHECK(check(key));
  std::string sealed = random_octets(aes::gcm_iv_octets);
  const aes::Sealed content = aes::gcm_seal(key.reveal(), sealed, context, text);
  return std::move(sealed.append(content.ciphertext).append(content.tag));
}

Result<Secret> open_sealed(const Secret& key, std::string_view sealed, std::string_view context) {
  GH_CHECK(check(key));
  if (sealed.size() < sealing_overhead) return fail(Failure::decryption_failed);
  const std::size_t tag = sealed.size() - aes::gcm_tag_octets;
  auto text = aes::gcm_open(key.reveal(), sealed.substr(0, aes::gcm_iv_octets), context,
                            sealed.substr(aes::gcm_iv_octets, tag - aes::gcm_iv_octets), sealed.substr(tag));
  if (!text) return fail(Failure::decryption_failed);
  Secret secret(*text);
  wipe(*text);
  return secret;
}

}  // namespace gatehouse::jose
