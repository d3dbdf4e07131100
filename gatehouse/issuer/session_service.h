/// SessionService — what a login starts, a refresh carries on and a logout ends.
///
/// Around one conditional update of the store stands a pure decision (refresh_rotation.h). Nothing is handed
/// out before the store has confirmed it; who lost the answer asks again and gets the same.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/result.h"
#include "gatehouse/base/task.h"
#include "gatehouse/issuer/refresh_rotation.h"
#include "gatehouse/issuer/refresh_token.h"
#include "gatehouse/stores/session_store.h"

namespace gatehouse::issuer {

/// How long a session of a client lasts.
struct SessionLifetimes {
  Seconds idle = std::chrono::days(14);      ///< without a refresh
  Seconds absolute = std::chrono::days(30);  ///< in any case
};

struct SessionOptions {
  RotationOptions rotation;
  Seconds longest_token{3600};  ///< no access token lives longer
  Seconds clock_skew{60};   ///< of who validates it; a revocation is remembered for as long as both together
  int most_mismatches = 3;  ///< within an hour; then the session is ended
  /// Awaited when sessions have been ended and the store has it, before the caller is told: with the `sid` of
  /// each. Empty: followers of the revocation log look for themselves.
  std::function<Task<void>(std::vector<std::string> sids, stores::SessionEnd reason)> on_ended;
};

/// Who logged in, by what, for what.
struct NewSession {
  std::string user_id;
  std::uint32_t user_epoch = 0;
  std::string client_id;
  std::string scope;
  std::string audience;
  std::string amr = "pwd";
  std::optional<Instant> authenticated;  ///< empty: just now
  std::string binding;
  std::string device;
  std::string address;
  SessionLifetimes lifetimes;
};

struct RefreshRequest {
  std::string token;       ///< as it came
  std::string client_id;   ///< that has been authenticated, or names itself when it is a public one
  std::string request_id;  ///< the client's nonce for this refresh; empty: none
  std::string binding;
  std::string address;
  SessionLifetimes lifetimes;
};

struct RefreshOutcome {
  Rotation decided = Rotation::unknown;
  stores::Session session;    ///< as it stands now; empty when there is none
  std::string refresh_token;  ///< when it was granted
  bool has_ended_session = false;
};

class SessionService {
 public:
  struct Started {
    stores::Session session;
    std::string refresh_token;
  };

  struct Found {
    stores::Session session;
    bool is_newest = false;  ///< the token is the one that would be rotated next
  };

  /// How tokens are written now: the keys for their tags are exchanged now and then.
  using Format = std::function<std::shared_ptr<const RefreshTokenFormat>()>;

  /// `store` and `clock` must outlive the service.
  SessionService(stores::SessionStore& store, Format format, SessionOptions options, const Clock& clock)
      : store_(store), format_(std::move(format)), options_(std::move(options)), clock_(clock) {}
  SessionService(stores::SessionStore& store, RefreshTokenFormat format, SessionOptions options,
                 const Clock& clock)
      : SessionService(store, always(std::move(format)), std::move(options), clock) {}

  /// Fails as the store does, as every call does.
  Task<Result<Started>> start(NewSession login);
  Task<Result<RefreshOutcome>> refresh(RefreshRequest request);

  /// The session that a refresh token of any generation is of, whoever shows it; not_found when it is no
  /// token of ours, or its session is over.
  Task<Result<Found>> find(std::string refresh_token);

  /// Whether the session with that `sid` has neither ended nor expired.
  Task<Result<bool>> is_alive(std::string sid);

  /// Those of a user that are, the newest first; at most 100.
  Task<Result<std::vector<stores::Session>>> list(std::string user_id);

  /// The session goes on although the epoch of its user was raised; not_found.
  Task<Result<void>> keep(std::string sid, std::uint32_t user_epoch);

  /// The `sid` of each session that this call ended.
  Task<Result<std::vector<std::string>>> end(stores::SessionSelection which, stores::SessionEnd reason);

  const SessionOptions& options() const noexcept { return options_; }

 private:
  Rotation decided_of(const std::optional<stores::Session>& session, const RefreshToken& presented,
                      const RefreshRequest& request, Instant now) const;
  Task<Result<RefreshOutcome>> decide(RefreshToken presented, RefreshRequest request,
                                      std::optional<stores::Session> session, Instant now);
  Task<Result<RefreshOutcome>> give_again(Rotation decided, RefreshToken presented, stores::Session session,
                                          Instant now);
  Task<Result<RefreshOutcome>> refuse(Rotation decided, stores::Session session, Instant now);

  static Format always(RefreshTokenFormat format) {
    return [shared = std::make_shared<const RefreshTokenFormat>(std::move(format))] { return shared; };
  }
  Instant revoked_until(Instant now) const { return now + options_.longest_token + options_.clock_skew; }

  stores::SessionStore& store_;
  Format format_;
  SessionOptions options_;
  const Clock& clock_;
};

}  // namespace gatehouse::issuer
