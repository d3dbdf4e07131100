/// AccountEndpoints — what an application of ours offers its users: to log in and out, to see where they are
/// logged in, to change their password. JSON in and out, with the names of ASP.NET Core's MapIdentityApi
/// where it has any.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "gatehouse/http/client_address.h"
#include "gatehouse/http/http_context.h"
#include "gatehouse/issuer/audit.h"
#include "gatehouse/issuer/first_party_clients.h"
#include "gatehouse/issuer/grant_service.h"
#include "gatehouse/issuer/live_tokens.h"
#include "gatehouse/issuer/login.h"

namespace gatehouse::issuer {

struct AccountOptions {
  /// The client of a request that names none in `client_id`. Empty: each has to.
  std::string default_client;
  /// Proxies of yours in front of the service: only these are believed who the client is. Empty: the peer is.
  std::vector<http::IpNetwork> trusted_proxies;
  /// What a new password has to be like; the subject of the failure is what the user reads. Empty: what
  /// PasswordPolicy says by default; where the list of common passwords is not there, without that.
  std::function<Result<void>(std::string_view password, const stores::User& user)> password_rules;
};

class AccountEndpoints {
 public:
  struct Services {
    LoginService& login;
    GrantService& grants;
    SessionService& sessions;
    FirstPartyClients& clients;
    stores::UserStore& users;
    LiveTokens& tokens;
    Audit audit;
    WorkerPool& pool;  ///< where `users` is asked
    RequestThrottle& throttle;
  };

  /// All must outlive it.
  AccountEndpoints(Services services, AccountOptions options)
      : to_(std::move(services)), options_(std::move(options)) {}

  /// POST /login {"email","password","client_id"?} → {"tokenType","accessToken","expiresIn","refreshToken"}.
  /// 401 for wrong credentials of whatever kind, for a client that is not first-party, and for a page of an
  /// origin that is not its client's; 429 and 503 with Retry-After as login_http.h has them.
  Task<http::Response> log_in(http::HttpContext& context);

  /// POST /refresh {"refreshToken","client_id"?} → the same; 401 when it is not granted.
  Task<http::Response> refresh(http::HttpContext& context);

  /// POST /logout, with a bearer token or {"refreshToken"}; {"all":true} ends every session of the user. 204.
  Task<http::Response> log_out(http::HttpContext& context);

  /// What those two do, for endpoints that answer otherwise; the response says why not.
  struct Started {
    GrantedTokens granted;
    std::string device_token;
  };
  Task<std::expected<Started, http::Response>> start_session(const http::Request& from);
  Task<std::expected<GrantedTokens, http::Response>> renew_session(const http::Request& from,
                                                                   std::string client_id,
                                                                   std::string refresh_token);
  void remember(http::Response& response, const Started& started) const;  ///< the device, in a cookie

  // With a bearer token of a session that is alive; 401 otherwise.
  Task<http::Response> list_sessions(http::HttpContext& context);  ///< GET /me/sessions
  Task<http::Response> end_session(http::HttpContext& context);    ///< DELETE /me/sessions/{sid}: 204, 404
  Task<http::Response> change_password(
      http::HttpContext& context);  ///< POST /me/password {"current","new"}: 204

 private:
  /// Whose session a request comes from.
  struct Caller {
    std::string user_id;
    std::string sid;
  };

  Task<std::expected<Caller, http::Response>> find_caller(http::HttpContext& context);
  Task<std::expected<Caller, http::Response>> find_caller_by_refresh_token(http::HttpContext& context,
                                                                           std::string token);
  Task<Result<std::uint32_t>> set_password(stores::User user, std::string password);

  Services to_;
  AccountOptions options_;
};

}  // namespace gatehouse::issuer
