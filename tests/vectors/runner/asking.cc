#include "tests/vectors/runner/asking.h"

#include <fmt/format.h>

#include <stdexcept>

#include "gatehouse/jose/jws.h"
#include "gatehouse/jose/key_set.h"
#include "gatehouse/tokens/validate.h"

namespace gatehouse::vectors {

using jose::Algorithm;
using jose::Key;

const Key& good_key() {
  static const Key key = Key::generate(Algorithm::EdDSA, "good").value();
  return key;
}

const Key& other_key() {
  static const Key key = Key::generate(Algorithm::EdDSA, "other").value();
  return key;
}

std::string set_of(std::initializer_list<Key> keys) { return jose::KeySet(keys).public_jwks(); }

std::string document_of(const std::string& issuer, const std::string& jwks_uri) {
  return Json{{"issuer", issuer}, {"jwks_uri", jwks_uri}}.dump();
}

Asking::Asking(discovery::AuthorityOptions options, std::shared_ptr<discovery::Backchannel> backchannel,
               std::shared_ptr<const Clock> clock)
    : clock_(std::move(clock)) {
  auto made = discovery::ConfigurationManager::make(std::move(options), std::move(backchannel), clock_);
  if (!made) throw std::runtime_error(describe(made.error()));
  manager_ = *std::move(made);
  manager_->jitter = [] { return 0.0; };
}

bool Asking::accepts(const Key& key) const {
  const auto configuration = manager_->current();
  const Instant now = clock_->now();
  if (!configuration || !configuration->trust->holds(now)) return false;
  const auto validator = tokens::TokenValidator::make({.valid_issuer = manager_->issuer(),
                                                       .valid_audience = "api://orders",
                                                       .issuer_signing_keys = configuration->keys.keys()});
  const std::string claims = fmt::format(R"({{"iss":"{}","aud":"api://orders","exp":{}}})",
                                         manager_->issuer(), to_unix_seconds(now) + 600);
  return validator && validator->validate(jose::sign_compact(claims, key, Algorithm::EdDSA).value(), now);
}

}  // namespace gatehouse::vectors
