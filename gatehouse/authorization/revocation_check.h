/// RevocationCheck — whether a token that is good was withdrawn before its time; handed in by who knows.
///
/// This room asks, and decides what an answer means for a request. Who answers is the room `revocation`, or
/// an application.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/result.h"
#include "gatehouse/base/task.h"
#include "gatehouse/tokens/validate.h"

namespace gatehouse::authorization {

/// What becomes of a token of which nothing bad is known, when what is known is too old; the stricter last.
enum class WhenStale : std::uint8_t {
  allow,       ///< it passes
  introspect,  ///< its issuer is asked (RFC 7662); what does not answer in time is 503
  deny,        ///< 503 with Retry-After: the client keeps its token and comes again
};

/// What an endpoint demands of the token itself.
struct NotRevoked {
  WhenStale when_stale = WhenStale::deny;
  Seconds max_staleness{10};  ///< how long ago the issuer may have been heard last

  bool operator==(const NotRevoked&) const = default;
};

inline NotRevoked stricter(const NotRevoked& one, const NotRevoked& other) noexcept {
  return {.when_stale = std::max(one.when_stale, other.when_stale),
          .max_staleness = std::min(one.max_staleness, other.max_staleness)};
}

/// Thread-safe; shared by all requests.
class RevocationCheck {
 public:
  virtual ~RevocationCheck() = default;

  /// Nothing, when the token stands. Fails with revoked (the subject says by what, and holds no token),
  /// claim_missing for one that could not be withdrawn by itself, and unavailable when nothing bad is known
  /// and its issuer was heard longer ago than `max_staleness`. Never waits.
  virtual Result<void> check(const tokens::Token& token, Seconds max_staleness, Instant now) const = 0;

  /// Whether ask() has somebody to ask.
  virtual bool may_ask() const noexcept { return false; }

  /// Asks the issuer about a token that check() could not judge. `text` is the whole token. Fails as check(),
  /// and with unavailable when there is no answer in time.
  virtual Task<Result<void>> ask(std::string text, Instant now) const = 0;
};

}  // namespace gatehouse::authorization
