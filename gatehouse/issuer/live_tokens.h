/// LiveTokens — whether an access token of ours counts at this moment: signed by a key of ours, not expired,
/// not withdrawn, and of a session that goes on.
///
/// What an API learns from the deny list after a while, the issuer asks its store.
#pragma once

#include <functional>
#include <string>
#include <utility>

#include "gatehouse/base/task.h"
#include "gatehouse/issuer/issued_token_validator.h"
#include "gatehouse/issuer/session_service.h"

namespace gatehouse::issuer {

/// Whether a token that is valid otherwise has been withdrawn; asked of what this process knows.
using IsRevoked = std::function<bool(const tokens::Token& token, Instant now)>;

class LiveTokens {
 public:
  /// All must outlive it. `is_revoked` may be empty.
  LiveTokens(const IssuedTokenValidator& issued, IsRevoked is_revoked, SessionService& sessions,
             const Clock& clock)
      : issued_(issued), is_revoked_(std::move(is_revoked)), sessions_(sessions), clock_(clock) {}

  /// The token, for whatever audience. Fails as validation does, with revoked, and as the store does, which
  /// is_trouble() tells from the others.
  Task<Result<tokens::Token>> find(std::string text);

 private:
  const IssuedTokenValidator& issued_;
  IsRevoked is_revoked_;
  SessionService& sessions_;
  const Clock& clock_;
};

/// Whether nobody could tell: the answer is 503, and who asked keeps what they have.
bool is_trouble(const Error& error) noexcept;

}  // namespace gatehouse::issuer
