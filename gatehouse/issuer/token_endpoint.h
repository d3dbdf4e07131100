/// TokenEndpoint — POST /connect/token: client_credentials, refresh_token (RFC 6749 §4.4, §6) and token
/// exchange (RFC 8693).
///
/// A client gets no scope and no audience that it was not given. No password grant (RFC 9700 §2.4).
#pragma once

#include "gatehouse/http/http_context.h"
#include "gatehouse/issuer/client_authentication.h"
#include "gatehouse/issuer/grant_service.h"
#include "gatehouse/issuer/token_exchange.h"

namespace gatehouse::issuer {

class TokenEndpoint {
 public:
  /// All must outlive it.
  TokenEndpoint(ClientAuthenticator& clients, GrantService& grants, TokenExchange& exchange,
                RequestThrottle& throttle)
      : clients_(clients), grants_(grants), exchange_(exchange), throttle_(throttle) {}

  Task<http::Response> handle(http::HttpContext& context);

 private:
  Task<GrantService::Answer> grant(const http::Request& request, const http::Form& form,
                                   const stores::Client& client);

  ClientAuthenticator& clients_;
  GrantService& grants_;
  TokenExchange& exchange_;
  RequestThrottle& throttle_;
};

}  // namespace gatehouse::issuer
