#include "gatehouse/issuer/endpoints.h"

#include <utility>

#include "gatehouse/base/json.h"
#include "gatehouse/issuer/account_http.h"
#include "gatehouse/issuer/login_http.h"
#include "gatehouse/issuer/oauth_error.h"

namespace gatehouse::issuer {
namespace {

http::Response token_response(const std::string& token, Seconds lifetime) {
  json::Writer writer;
  writer.begin_object().member("tokenType", "Bearer").member("accessToken", token);
  writer.member("expiresIn", static_cast<std::int64_t>(lifetime.count())).end_object();
  return http::results::ok(std::move(writer).take());
}

Task<http::Response> log_in(LoginService& login, const JwtTokenService& tokens,
                            const LoginEndpointOptions& options, http::HttpContext& context) {
  auto credentials = read_account_request(context.request);
  if (!credentials) co_return account_bad_request(credentials.error());
  if (credentials->email.empty() || credentials->password.empty())
    co_return account_bad_request({Failure::malformed, "email and password have to be strings"});
  auto request = make_login_request(std::move(credentials->email), std::move(credentials->password),
                                    context.request, options.trusted_proxies);
  const auto known = co_await login.login(std::move(request));
  if (!known) co_return never_cached(login_refusal(known.error()));
  const stores::User& user = known->user;
  const auto token = tokens.create_access_token(user.id, user.roles, user.scopes);
  if (!token) co_return never_cached(http::results::problem(token.error()));
  http::Response response = token_response(*token, tokens.lifetime());
  remember_device(response, known->device_token, login.device_lifetime());
  co_return never_cached(std::move(response));
}

}  // namespace

http::Handler make_login_endpoint(LoginService& login, const JwtTokenService& tokens,
                                  LoginEndpointOptions options) {
  return [&, options = std::move(options)](http::HttpContext& context) {
    return log_in(login, tokens, options, context);
  };
}

}  // namespace gatehouse::issuer
