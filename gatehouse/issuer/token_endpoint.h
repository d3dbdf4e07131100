/// TokenEndpoint — POST /connect/token: client_credentials and refresh_token (RFC 6749 §4.4, §6).
///
/// A client gets no scope and no audience that it was not given. No password grant (RFC 9700 §2.4).
#pragma once

#include "gatehouse/http/http_context.h"
#include "gatehouse/issuer/client_authentication.h"
#include "gatehouse/issuer/grant_service.h"

namespace gatehouse::issuer {

class TokenEndpoint {
 public:
  /// Both must outlive it.
  TokenEndpoint(ClientAuthenticator& clients, GrantService& grants) : clients_(clients), grants_(grants) {}

  Task<http::Response> handle(http::HttpContext& context);

 private:
  ClientAuthenticator& clients_;
  GrantService& grants_;
};

}  // namespace gatehouse::issuer
