/// BrowserEndpoints — sessions of pages: the refresh token in a cookie that no script can read, the access
/// token in the page's memory (the token-mediating backend of RFC 10017).
///
/// All tabs share the cookie. No failure ever takes it away: a tab that lost a race would take the winner's.
#pragma once

#include <string>

#include "gatehouse/http/http_context.h"
#include "gatehouse/issuer/account_endpoints.h"
#include "gatehouse/issuer/session_service.h"

namespace gatehouse::issuer {

class BrowserEndpoints {
 public:
  /// Both must outlive it. `path` is that of the issuer's URL, before "/session/…".
  BrowserEndpoints(AccountEndpoints& accounts, SessionService& sessions, std::string path)
      : accounts_(accounts), sessions_(sessions), path_(std::move(path)) {}

  // Each demands a page of the same origin: header `X-Gatehouse: 1`, which no form can send, and
  // `Sec-Fetch-Site: same-origin` where the browser says it; 403 otherwise.

  /// POST /session/login, as POST /login; {"tokenType","accessToken","expiresIn"} and the cookie. Fails as
  /// that.
  Task<http::Response> log_in(http::HttpContext& context);

  /// POST /session/refresh, with the cookie: a new access token, and the cookie's successor. 401 as /refresh.
  Task<http::Response> refresh(http::HttpContext& context);

  /// POST /session/logout: the session ends, and the cookie goes. 204, also without one.
  Task<http::Response> log_out(http::HttpContext& context);

 private:
  http::Response answer(const GrantedTokens& granted) const;
  std::string make_cookie(std::string_view value, std::int64_t max_age) const;

  AccountEndpoints& accounts_;
  SessionService& sessions_;
  std::string path_;
};

}  // namespace gatehouse::issuer
