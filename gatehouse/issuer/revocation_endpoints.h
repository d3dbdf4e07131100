/// RevocationEndpoints — tokens withdrawn (RFC 7009) and asked about (RFC 7662).
#pragma once

#include <functional>

#include "gatehouse/http/endpoint.h"
#include "gatehouse/issuer/client_authentication.h"
#include "gatehouse/issuer/deny_feed.h"
#include "gatehouse/issuer/issued_token_validator.h"
#include "gatehouse/issuer/session_service.h"

namespace gatehouse::issuer {

/// Whether a token that is valid otherwise has been withdrawn; asked of what this process knows.
using IsRevoked = std::function<bool(const tokens::Token& token, Instant now)>;

class RevocationEndpoints {
 public:
  /// All must outlive it.
  RevocationEndpoints(ClientAuthenticator& clients, SessionService& sessions, DenyFeed& feed,
                      const IssuedTokenValidator& tokens, IsRevoked is_revoked, const Clock& clock)
      : clients_(clients),
        sessions_(sessions),
        feed_(feed),
        tokens_(tokens),
        is_revoked_(std::move(is_revoked)),
        clock_(clock) {}

  /// POST /connect/revoke: a refresh token ends its session, an access token is put on the deny list until it
  /// expires. 200 also for what nobody knows, or is another client's, which stays as it is (RFC 7009 §2.2).
  Task<http::Response> revoke(http::HttpContext& context);

  /// POST /connect/introspect, for clients that may: of tokens for one of their audiences, or of their own;
  /// all others are `{"active":false}`.
  Task<http::Response> introspect(http::HttpContext& context);

 private:
  Task<Result<void>> withdraw(const stores::Client& client, std::string token);
  Task<Result<std::string>> describe_session(const stores::Client& client, std::string token);
  Task<Result<std::string>> describe_token(const stores::Client& client, std::string token);

  ClientAuthenticator& clients_;
  SessionService& sessions_;
  DenyFeed& feed_;
  const IssuedTokenValidator& tokens_;
  IsRevoked is_revoked_;
  const Clock& clock_;
};

}  // namespace gatehouse::issuer
