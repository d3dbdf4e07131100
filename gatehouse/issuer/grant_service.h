/// GrantService — the tokens of a session: after a login, and at each refresh.
///
/// The one place where a user, a client and a session come together; the endpoints only read requests and
/// write answers.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "gatehouse/base/worker_pool.h"
#include "gatehouse/issuer/jwt_token_service.h"
#include "gatehouse/issuer/oauth_error.h"
#include "gatehouse/issuer/session_service.h"
#include "gatehouse/stores/client_store.h"
#include "gatehouse/stores/user_store.h"

namespace gatehouse::issuer {

/// What a client asks for, once it is known who it is and what its user may.
struct GrantRequest {
  std::string scope;     ///< empty: all that the client may have, or the session has
  std::string audience;  ///< empty: the client's first
  std::string address;
  std::string device;       ///< a label for the user's own list
  std::string request_id;   ///< of a refresh: the client's nonce
  std::string amr = "pwd";  ///< of a login: how the user authenticated, separated by blanks (RFC 8176)
  std::optional<Instant> authenticated = {};  ///< the same: when, if it was not just now
};

struct GrantedTokens {
  IssuedToken access;
  std::string refresh_token;
  std::string scope;  ///< of the access token
  stores::Session session;
  Rotation how = Rotation::rotate;
  Instant now;                   ///< when they were granted
  std::string issued_type = {};  ///< of an exchange (RFC 8693 §3)
};

/// Trouble of ours, or what the client did wrong.
struct RefusedGrant {
  std::optional<Error> trouble;
  OAuthError error;
  bool is_guess = false;  ///< the refresh token is none that was ever given
};

inline std::unexpected<RefusedGrant> refused(OAuthError error) {
  return std::unexpected(RefusedGrant{.trouble = std::nullopt, .error = std::move(error)});
}
inline std::unexpected<RefusedGrant> refused(const Error& trouble) {
  return std::unexpected(RefusedGrant{.trouble = trouble, .error = {}});
}

http::Response to_response(const RefusedGrant& refusal);

/// The audience that was asked for (RFC 8707 §2), or the client's first; nothing when it may not have it.
std::optional<std::string> audience_for(const stores::Client& client, const std::string& asked);

class GrantService {
 public:
  using Answer = std::expected<GrantedTokens, RefusedGrant>;

  /// All must outlive it. `pool` is where `users` is asked.
  GrantService(SessionService& sessions, stores::UserStore& users, const JwtTokenService& tokens,
               WorkerPool& pool)
      : sessions_(sessions), users_(users), tokens_(tokens), pool_(pool) {}

  /// A new session of `user`, who has just proven to be who they are. invalid_scope or invalid_target for
  /// what the client may not have.
  Task<Answer> start(const stores::Client& client, stores::User user, GrantRequest request);

  /// invalid_grant with why; a wish for too much is refused before anything is rotated, so that it costs
  /// nothing.
  Task<Answer> refresh(const stores::Client& client, std::string refresh_token, GrantRequest request);

  /// A token for the client itself (RFC 6749 §4.4).
  std::expected<GrantedTokens, RefusedGrant> give_client_token(const stores::Client& client,
                                                               const GrantRequest& request) const;

 private:
  Task<Result<bool>> is_too_wide(const std::string& token, const std::vector<std::string>& scope);
  Task<Answer> finish_refresh(const stores::Client& client, RefreshOutcome outcome, std::string scope);
  Answer give(const stores::Client& client, const stores::User& user, SessionService::Started started,
              std::string scope, Rotation how) const;

  SessionService& sessions_;
  stores::UserStore& users_;
  const JwtTokenService& tokens_;
  WorkerPool& pool_;
};

}  // namespace gatehouse::issuer
