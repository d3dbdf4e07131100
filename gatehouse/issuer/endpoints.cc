#include "gatehouse/issuer/endpoints.h"

#include <utility>

#include "gatehouse/base/ascii.h"
#include "gatehouse/base/json.h"
#include "gatehouse/issuer/login_http.h"
#include "gatehouse/issuer/oauth_error.h"

namespace gatehouse::issuer {
namespace {

constexpr std::size_t largest_body = 8 * 1024;

struct Credentials {
  std::string email;
  std::string password;
};

bool is_json(const http::Request& request) {
  const auto type = request.header("Content-Type").value_or("");
  return equals_ignoring_case(type.substr(0, type.find(';')), "application/json");
}

Result<Credentials> read_credentials(const http::Request& request) {
  if (!is_json(request)) return fail(Failure::malformed, "the body has to be application/json");
  thread_local json::Parser parser;
  GH_TRY(const json::Value body, parser.parse(request.body, {.octets = largest_body}));
  const auto email = body.find_string("email");
  const auto password = body.find_string("password");
  if (!email || !password || email->empty())
    return fail(Failure::malformed, "email and password have to be strings");
  if (password->size() > longest_password || email->size() > longest_password)
    return fail(Failure::too_large, "email or password");
  return Credentials{.email = std::string(*email), .password = std::string(*password)};
}

http::Response token_response(const std::string& token, Seconds lifetime) {
  json::Writer writer;
  writer.begin_object().member("tokenType", "Bearer").member("accessToken", token);
  writer.member("expiresIn", static_cast<std::int64_t>(lifetime.count())).end_object();
  return http::results::ok(std::move(writer).take());
}

Task<http::Response> log_in(LoginService& login, const JwtTokenService& tokens,
                            const LoginEndpointOptions& options, http::HttpContext& context) {
  auto credentials = read_credentials(context.request);
  if (!credentials)
    co_return never_cached(http::results::problem(400, "Bad Request", credentials.error().subject));
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
