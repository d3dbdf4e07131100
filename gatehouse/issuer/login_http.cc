#include "gatehouse/issuer/login_http.h"

#include <fmt/format.h>

#include <utility>

#include "gatehouse/base/json.h"
#include "gatehouse/base/random.h"

namespace gatehouse::issuer {
namespace {

constexpr std::string_view device_cookie = "gh_dev";

http::Response busy(const Error& error) {
  json::Writer body;
  body.begin_object()
      .member("title", http::reason_phrase(503))
      .member("status", 503)
      .member("code", code(error.kind))
      .member("error", "temporarily_unavailable");
  body.end_object();
  http::Response response = http::results::json(std::move(body).take(), 503);
  response.headers.set("Content-Type", "application/problem+json");
  response.headers.set("Retry-After", std::to_string(1 + static_cast<int>(random_fraction() * 5)));
  return response;
}

}  // namespace

LoginRequest make_login_request(std::string email, std::string password, const http::Request& request,
                                std::span<const http::IpNetwork> trusted_proxies) {
  return {.email = std::move(email),
          .password = std::move(password),
          .address = http::client_address(request, trusted_proxies),
          .device_token = request.cookie(device_cookie).value_or("")};
}

void remember_device(http::Response& response, std::string_view device_token, Seconds lifetime) {
  // Without a Path it goes to the folder of the login endpoint (RFC 6265 §5.1.4).
  response.headers.append("Set-Cookie", fmt::format("{}={}; Max-Age={}; Secure; HttpOnly; SameSite=Strict",
                                                    device_cookie, device_token, lifetime.count()));
}

http::Response login_refusal(const Error& error) {
  switch (error.kind) {
    case Failure::credentials_invalid:
      return http::results::problem(401, http::reason_phrase(401));
    case Failure::throttled: {
      http::Response response = http::results::problem(error);
      response.headers.set("Retry-After", error.subject);
      return response;
    }
    case Failure::overloaded:
    case Failure::unavailable:
      return busy(error);
    default:
      return http::results::problem(error);
  }
}

}  // namespace gatehouse::issuer
