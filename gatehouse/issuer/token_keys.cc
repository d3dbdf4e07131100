#include "gatehouse/issuer/token_keys.h"

#include <fmt/format.h>

#include "gatehouse/jose/key_pkcs11.h"

namespace gatehouse::issuer {

Result<jose::Key> TokenKeys::open(const std::string& uri) {
  const std::lock_guard lock(mutex_);
  if (const auto found = opened_.find(uri); found != opened_.end()) return found->second;
  GH_TRY(jose::Key key,
         jose::open_pkcs11_key(uri, {.module_path = options_.module_path, .pin = options_.pin}));
  return opened_.emplace(uri, std::move(key)).first->second;
}

Result<jose::Key> TokenKeys::open(const std::string& uri, const std::string& kid) {
  GH_TRY(const jose::Key key, open(uri));
  if (key.thumbprint() != kid)
    return fail(Failure::configuration_invalid,
                fmt::format("{} is another key than the one that the ring calls '{}'", uri, kid));
  return key.with_kid(kid);
}

Result<TokenKeys::Named> TokenKeys::next(jose::Algorithm algorithm, const std::set<std::string>& used) {
  for (const std::string& uri : options_.keys) {
    GH_TRY(jose::Key key, open(uri));
    if (key.fits(algorithm) && !used.contains(key.kid())) return Named{.uri = uri, .key = std::move(key)};
  }
  return fail(Failure::not_found,
              fmt::format("every key for {} on the token was used; make another there, and add its URI",
                          jose::name(algorithm)));
}

}  // namespace gatehouse::issuer
