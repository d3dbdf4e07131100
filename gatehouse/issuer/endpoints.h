/// Endpoints — a login that gives one access token and keeps nothing. AuthorizationServer has the one that
/// starts a session.
#pragma once

#include <vector>

#include "gatehouse/http/client_address.h"
#include "gatehouse/http/endpoint.h"
#include "gatehouse/issuer/jwt_token_service.h"
#include "gatehouse/issuer/login.h"

namespace gatehouse::issuer {

struct LoginEndpointOptions {
  /// Proxies of yours in front of the service: only these are believed who the client is. Empty: the peer is.
  std::vector<http::IpNetwork> trusted_proxies;
};

/// POST /login, with the names of ASP.NET Core's MapIdentityApi: {"email", "password"} in,
/// {"tokenType":"Bearer","accessToken","expiresIn"} out, and the cookie `gh_dev` of known_device.h. 400 for a
/// body that is no such object, 401 for wrong credentials of whatever kind, 429 and 503 with Retry-After as
/// login_http.h has them; never cached (RFC 6749 §5.1). Both services must outlive the handler.
http::Handler make_login_endpoint(LoginService& login, const JwtTokenService& tokens,
                                  LoginEndpointOptions options = {});

}  // namespace gatehouse::issuer
