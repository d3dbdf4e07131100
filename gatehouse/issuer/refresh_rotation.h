/// Refresh rotation — what becomes of a refresh token that somebody presents, decided from values alone.
///
/// A session is one family of tokens, and one row. Each refresh makes the next generation, and only the
/// newest one counts. A client that lost the answer may ask again with the one before, and gets the very same
/// successor; anybody else who shows an old token shows that there are two who have it (RFC 9700 §4.14.2).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "gatehouse/base/clock.h"

namespace gatehouse::issuer {

struct RotationOptions {
  Seconds grace{30};        ///< in which the one before the newest gets the same successor again; 0: none
  int grace_max_uses = 16;  ///< after each rotation
  Seconds recovery_time = std::chrono::hours(24);  ///< in which a retry that proves to be one is let through
};

/// A session as the store has it.
struct Family {
  std::string client;             ///< whose tokens they are
  std::uint32_t generation = 0;   ///< of the newest
  std::string secret_hash;        ///< SHA-256 of its secret
  std::string request_hash = {};  ///< of the nonce that the last rotation was asked with; empty: none
  std::string binding = {};       ///< thumbprint of the key that tokens are bound to; empty: none
  Instant rotated = Instant::min();
  int grace_uses = 0;  ///< since then
  Instant idle_expires;
  Instant absolute_expires;
  bool is_revoked = false;  ///< or its user may not sign in any more
  /// A restore has left the store behind its tokens: until then one of them may carry the family on. No
  /// secret_hash: none has yet.
  std::optional<Instant> recoverable_until = {};
};

/// What somebody presents. Its tag has been verified: this issuer made the token.
struct PresentedRefresh {
  std::string client;
  std::uint32_t generation = 0;
  std::string secret_hash;
  std::string request_hash = {};  ///< of `refresh_request_id`; empty: none was sent
  std::string binding = {};       ///< of the key that the client proved to hold
};

enum class Rotation : std::uint8_t {
  rotate,     ///< the newest: it becomes the one before
  retry,      ///< the one before, soon after: the same successor once more
  recover,    ///< the one before, later, with the nonce that only the client of the last rotation knows: the
              ///< same
  unknown,    ///< no such family: it has been cleaned up
  dead,       ///< revoked or expired
  mismatch,   ///< another client, or another key: the client's mistake, more likely than not
  stale,      ///< an old one, but so soon that a third tab is likelier than a thief; nothing is revoked
  replay,     ///< an old one: two have it, and nobody can tell which is the thief. The family is revoked
  forged,     ///< of the newest generation with another secret: revoked, and somebody has a key of ours
  malformed,  ///< nothing that this issuer has made; decided before anybody is asked
  ahead,      ///< newer than the newest: the store has lost what it had confirmed
  carry_on,   ///< the same, and the operator lets it go on from here, once
};

std::string_view name(Rotation rotation) noexcept;  ///< "rotate"

constexpr bool is_granted(Rotation rotation) noexcept {
  return rotation == Rotation::rotate || rotation == Rotation::retry || rotation == Rotation::recover ||
         rotation == Rotation::carry_on;
}
constexpr bool revokes(Rotation rotation) noexcept {
  return rotation == Rotation::replay || rotation == Rotation::forged;
}

/// `family` is empty when there is none. Looks at everything and changes nothing: the store does, and only if
/// the row is still what was looked at.
Rotation decide_rotation(const std::optional<Family>& family, const PresentedRefresh& presented, Instant now,
                         const RotationOptions& options);

}  // namespace gatehouse::issuer
