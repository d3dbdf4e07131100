/// TokenEndpoint — POST /connect/token: client_credentials and refresh_token (RFC 6749 §4.4, §6).
///
/// A client gets no scope and no audience that it was not given. No password grant (RFC 9700 §2.4).
#pragma once

#include "gatehouse/base/worker_pool.h"
#include "gatehouse/http/endpoint.h"
#include "gatehouse/issuer/client_authentication.h"
#include "gatehouse/issuer/jwt_token_service.h"
#include "gatehouse/issuer/session_service.h"
#include "gatehouse/stores/user_store.h"

namespace gatehouse::issuer {

class TokenEndpoint {
 public:
  /// All must outlive it. `pool` is where `users` is asked.
  TokenEndpoint(ClientAuthenticator& clients, SessionService& sessions, stores::UserStore& users,
                const JwtTokenService& tokens, WorkerPool& pool)
      : clients_(clients), sessions_(sessions), users_(users), tokens_(tokens), pool_(pool) {}

  Task<http::Response> handle(http::HttpContext& context);

 private:
  http::Response give_client_token(const stores::Client& client, const http::Form& form) const;
  Task<http::Response> refresh(const stores::Client& client, const http::Form& form,
                               const http::HttpContext& context);
  Task<Result<bool>> is_too_wide(const std::string& token, const std::vector<std::string>& scope);
  Task<http::Response> answer(const stores::Client& client, RefreshOutcome outcome, std::string scope);

  ClientAuthenticator& clients_;
  SessionService& sessions_;
  stores::UserStore& users_;
  const JwtTokenService& tokens_;
  WorkerPool& pool_;
};

/// How long sessions and access tokens of a client last, where it says so.
SessionLifetimes lifetimes_of(const stores::Client& client);

}  // namespace gatehouse::issuer
