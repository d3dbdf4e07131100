/// IssuedTokenValidator — whether an access token is one of ours, by the keys that we publish.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "gatehouse/base/clock.h"
#include "gatehouse/http/request.h"
#include "gatehouse/issuer/key_ring.h"
#include "gatehouse/tokens/validate.h"

namespace gatehouse::issuer {

class IssuedTokenValidator {
 public:
  /// Both must outlive it.
  IssuedTokenValidator(std::string issuer, const KeyRing& keys, const Clock& clock)
      : issuer_(std::move(issuer)), keys_(keys), clock_(clock) {}

  /// A token of RFC 9068 for whatever audience: who asks has to look at that. Fails as validation does. What
  /// was revoked is not looked at.
  Result<tokens::Token> validate(std::string_view token) const;

 private:
  Result<std::shared_ptr<const tokens::TokenValidator>> validator() const;

  std::string issuer_;
  const KeyRing& keys_;
  const Clock& clock_;
  mutable std::mutex mutex_;  // of what follows: made again when the ring has changed
  mutable std::shared_ptr<const PublishedKeys> made_of_;
  mutable std::shared_ptr<const tokens::TokenValidator> validator_;
};

/// What follows "Bearer " in the request's Authorization; empty when nothing does (RFC 6750 §2.1).
std::string_view bearer_token(const http::Request& request);

}  // namespace gatehouse::issuer
