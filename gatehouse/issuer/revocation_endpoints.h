/// RevocationEndpoints — tokens withdrawn (RFC 7009) and asked about (RFC 7662).
#pragma once

#include "gatehouse/http/endpoint.h"
#include "gatehouse/issuer/client_authentication.h"
#include "gatehouse/issuer/deny_feed.h"
#include "gatehouse/issuer/issued_token_validator.h"
#include "gatehouse/issuer/live_tokens.h"
#include "gatehouse/issuer/session_service.h"

namespace gatehouse::issuer {

class RevocationEndpoints {
 public:
  /// All must outlive it.
  RevocationEndpoints(ClientAuthenticator& clients, SessionService& sessions, DenyFeed& feed,
                      const IssuedTokenValidator& issued, LiveTokens& live)
      : clients_(clients), sessions_(sessions), feed_(feed), issued_(issued), live_(live) {}

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
  const IssuedTokenValidator& issued_;
  LiveTokens& live_;
};

}  // namespace gatehouse::issuer
