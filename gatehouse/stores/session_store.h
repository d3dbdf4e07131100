/// SessionStore — who is logged in: one row a session, updated in place at each refresh.
///
/// Each call is one transaction and stands by itself: `rotate`, `use_grace` and `end` change a row only if it
/// is still as the caller saw it, so that of any number of callers one succeeds and the others learn how the
/// row stands. What to make of it is decided elsewhere (issuer/refresh_rotation.h).
///
/// Every call fails with unavailable when the store does not answer, and with overloaded when too many wait.
/// Thread-safe. Every implementation passes session_store_test.cc.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/result.h"
#include "gatehouse/base/task.h"

namespace gatehouse::stores {

/// Why a session was ended. The numbers are kept in databases.
enum class SessionEnd : std::uint8_t {
  logout = 1,
  admin = 2,
  replay = 3,  ///< an old refresh token was shown
  password_change = 4,
  user_disabled = 5,
  client_disabled = 6,
  session_limit = 7,
  mismatch = 8,  ///< shown by another client, or with another key, again and again
  restored = 9,  ///< it was alive in a backup
};

std::string_view name(SessionEnd reason) noexcept;  ///< "password_change"

struct Session {
  std::string id;   ///< 16 random octets, known to the refresh token alone
  std::string sid;  ///< what everybody may know it by: the claim `sid`
  std::string user_id;
  std::string client_id;
  std::string scope;     ///< names separated by blanks, as they were granted (RFC 6749 §3.3)
  std::string audience;  ///< of its access tokens
  std::string amr;       ///< how the user authenticated, separated by blanks (RFC 8176)
  std::string binding;   ///< thumbprint of the key that its tokens are bound to; empty: none
  std::string device;    ///< a label for the user's own list
  std::string address;   ///< of the client at the last refresh
  Instant created;       ///< when the user authenticated
  Instant idle_expires;
  Instant absolute_expires;      ///< no refresh moves it
  std::uint32_t user_epoch = 0;  ///< of the user at login

  std::uint32_t generation = 0;  ///< of the newest refresh token
  std::string secret_hash;       ///< SHA-256 of its secret
  std::string successor;     ///< the newest secret, sealed under the one before; empty: none, or cleaned up
  std::string request_hash;  ///< of the nonce of the last rotation; empty: none
  std::optional<Instant> rotated;  ///< when; empty: not yet
  int grace_uses = 0;              ///< since then

  int mismatches = 0;                 ///< within an hour of the first of them
  std::optional<Instant> mismatched;  ///< when that was

  /// Until when one token that is newer than this row may carry the session on, after a restore; empty: none
  /// may. Once one has, `secret_hash` is not empty any more.
  std::optional<Instant> recoverable_until;

  std::optional<Instant> ended;
  SessionEnd end_reason = SessionEnd::logout;  ///< when it has ended
  bool operator==(const Session&) const = default;
};

/// From one generation to the next, if the row is alive at `now` and all of the first five are still so.
struct SessionRotation {
  std::string id;
  std::string client_id;
  std::string binding;
  std::uint32_t generation = 0;
  std::string secret_hash;
  std::string next_secret_hash;
  std::string successor;
  std::string request_hash;
  std::string address;
  Instant now;
  Seconds idle_lifetime{};  ///< from now on, never beyond absolute_expires
};

/// How the row stands after the attempt.
struct RotationOutcome {
  bool is_rotated = false;
  std::optional<Session> session;  ///< empty: there is no such row
};

/// Which sessions to end.
struct SessionSelection {
  enum class By : std::uint8_t { id, sid, user, client };

  By by = By::id;
  std::string value;
  std::string user_id = {};     ///< only when they are this user's; empty: whosever they are
  std::string except_sid = {};  ///< but for this one
};

class SessionStore {
 public:
  virtual ~SessionStore() = default;

  virtual Task<Result<void>> add(Session session) = 0;  ///< conflict: the id or the sid is taken
  virtual Task<Result<RotationOutcome>> rotate(SessionRotation rotation) = 0;

  /// The same from any generation that the row has not reached yet, whatever its secret: once for a session
  /// that is recoverable, until then.
  virtual Task<Result<RotationOutcome>> carry_on(SessionRotation rotation) = 0;

  /// Counts one more use of the generation before `generation`, unless `most` have been made, the row has
  /// moved on or has ended; then false.
  virtual Task<Result<bool>> use_grace(std::string id, std::uint32_t generation, int most) = 0;

  /// Ends those that have not ended or expired, and gives back the `sid` of each that this call ended. Each
  /// is written to the revocation log in the same transaction, to be kept until `revoked_until`.
  virtual Task<Result<std::vector<std::string>>> end(SessionSelection which, SessionEnd reason, Instant now,
                                                     Instant revoked_until) = 0;

  /// Notes that the session was asked for by who must not have it: how often within `window` of the first
  /// time.
  virtual Task<Result<int>> count_mismatch(std::string id, Instant now, Seconds window) = 0;  ///< not_found

  /// The session goes on under another epoch of its user: it is the one that they changed their password in.
  virtual Task<Result<void>> set_user_epoch(std::string sid, std::uint32_t epoch) = 0;  ///< not_found

  /// Those that have ended are found too.
  virtual Task<Result<Session>> find_by_id(std::string id) = 0;    ///< not_found
  virtual Task<Result<Session>> find_by_sid(std::string sid) = 0;  ///< not_found

  /// Those of a user that are alive, the newest first; at most `most`.
  virtual Task<Result<std::vector<Session>>> list(std::string user_id, Instant now, std::size_t most) = 0;

  /// Removes sessions whose absolute end was before `expired_before`, at most `most`; how many went.
  virtual Task<Result<std::size_t>> remove_expired(Instant expired_before, std::size_t most) = 0;

  /// Forgets the sealed successors of rotations before `rotated_before` among the `most` sessions that come
  /// after `after_id`; where to go on, empty at the end.
  virtual Task<Result<std::string>> forget_successors(Instant rotated_before, std::string after_id,
                                                      std::size_t most) = 0;
  virtual Task<Result<std::size_t>> count() = 0;  ///< rows
};

}  // namespace gatehouse::stores
