/// Endpoints — the issuer over HTTP; the one file of this room that knows requests.
#pragma once

#include "gatehouse/http/endpoint.h"
#include "gatehouse/issuer/jwt_token_service.h"
#include "gatehouse/issuer/login.h"

namespace gatehouse::issuer {

/// POST /login, with the names of ASP.NET Core's MapIdentityApi: {"email", "password"} in,
/// {"tokenType":"Bearer","accessToken","expiresIn"} out. 400 for a body that is no such object, 401 for wrong
/// credentials of whatever kind, 503 with Retry-After when logins queue up; never cached (RFC 6749 §5.1).
/// Both services must outlive the handler.
http::Handler make_login_endpoint(LoginService& login, const JwtTokenService& tokens);

}  // namespace gatehouse::issuer
