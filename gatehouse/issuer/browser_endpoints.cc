#include "gatehouse/issuer/browser_endpoints.h"

#include <fmt/format.h>

#include <utility>

#include "gatehouse/base/json.h"

namespace gatehouse::issuer {
namespace {

// Bound to HTTPS by its prefix; "__Host-" would give it to every path (RFC 6265bis §4.1.3).
constexpr std::string_view cookie_name = "__Secure-gh_rt";

bool is_from_own_page(const http::Request& request) {
  return request.header("X-Gatehouse") == "1" &&
         request.header("Sec-Fetch-Site").value_or("same-origin") == "same-origin";
}

http::Response forbidden() { return never_cached(http::results::status(403)); }

}  // namespace

std::string BrowserEndpoints::make_cookie(std::string_view value, std::int64_t max_age) const {
  return fmt::format("{}={}; Path={}/session; Max-Age={}; HttpOnly; Secure; SameSite=Strict", cookie_name,
                     value, path_, max_age);
}

http::Response BrowserEndpoints::answer(const GrantedTokens& granted) const {
  const auto seconds_until = [&](Instant then) {
    return std::chrono::duration_cast<Seconds>(then - granted.now).count();
  };
  json::Writer writer;
  writer.begin_object().member("tokenType", "Bearer").member("accessToken", granted.access.text);
  writer.member("expiresIn", seconds_until(granted.access.expires)).end_object();
  auto response = never_cached(http::results::ok(std::move(writer).take()));
  response.headers.append("Set-Cookie",
                          make_cookie(granted.refresh_token, seconds_until(granted.session.idle_expires)));
  return response;
}

Task<http::Response> BrowserEndpoints::log_in(http::HttpContext& context) {
  if (!is_from_own_page(context.request)) co_return forbidden();
  const auto started = co_await accounts_.start_session(context.request);
  if (!started) co_return started.error();
  http::Response response = answer(started->granted);
  accounts_.remember(response, *started);
  co_return response;
}

Task<http::Response> BrowserEndpoints::refresh(http::HttpContext& context) {
  if (!is_from_own_page(context.request)) co_return forbidden();
  std::string token = context.request.cookie(cookie_name).value_or("");
  std::string client_id;  // the one that pages of this origin are
  const auto granted =
      co_await accounts_.renew_session(context.request, std::move(client_id), std::move(token));
  co_return granted ? answer(*granted) : granted.error();
}

Task<http::Response> BrowserEndpoints::log_out(http::HttpContext& context) {
  if (!is_from_own_page(context.request)) co_return forbidden();
  const auto found = co_await sessions_.find(context.request.cookie(cookie_name).value_or(""));
  if (!found && found.error().kind != Failure::not_found)
    co_return never_cached(http::results::problem(found.error()));
  if (found) {
    stores::SessionSelection which{.value = found->session.id};
    const auto ended = co_await sessions_.end(std::move(which), stores::SessionEnd::logout);
    if (!ended) co_return never_cached(http::results::problem(ended.error()));
  }
  auto response = never_cached(http::results::no_content());
  response.headers.append("Set-Cookie", make_cookie({}, 0));
  co_return response;
}

}  // namespace gatehouse::issuer
