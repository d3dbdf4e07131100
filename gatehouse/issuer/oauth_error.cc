#include "gatehouse/issuer/oauth_error.h"

#include <utility>

#include "gatehouse/base/json.h"

namespace gatehouse::issuer {

std::string_view name(OAuthErrorCode code) noexcept {
  switch (code) {
    case OAuthErrorCode::invalid_request:
      return "invalid_request";
    case OAuthErrorCode::invalid_client:
      return "invalid_client";
    case OAuthErrorCode::invalid_grant:
      return "invalid_grant";
    case OAuthErrorCode::unauthorized_client:
      return "unauthorized_client";
    case OAuthErrorCode::unsupported_grant_type:
      return "unsupported_grant_type";
    case OAuthErrorCode::invalid_scope:
      return "invalid_scope";
    case OAuthErrorCode::invalid_target:
      return "invalid_target";
  }
  return "";
}

http::Response never_cached(http::Response response) {
  response.headers.set("Cache-Control", "no-store");
  response.headers.set("Pragma", "no-cache");
  return response;
}

http::Response to_response(const OAuthError& error) {
  json::Writer writer;
  writer.begin_object().member("error", name(error.code));
  if (!error.description.empty()) writer.member("error_description", error.description);
  if (error.code == OAuthErrorCode::invalid_grant) {
    if (!error.reason.empty()) writer.member("gh_reason", error.reason);
    writer.member("reauth_required", error.reason != "stale");
  }
  const bool is_client = error.code == OAuthErrorCode::invalid_client;
  auto response = http::results::json(std::move(writer.end_object()).take(), is_client ? 401 : 400);
  if (is_client && error.has_tried_basic)
    response.headers.set("WWW-Authenticate", R"(Basic realm="token endpoint", charset="UTF-8")");
  return never_cached(std::move(response));
}

http::Response to_oauth_response(const Error& error) {
  http::Response response = http::results::problem(error);
  const bool is_throttled = error.kind == Failure::throttled;
  if (response.status < 500 && !is_throttled)
    return to_response(OAuthError{.code = OAuthErrorCode::invalid_request, .description = error.subject});
  json::Writer writer;
  writer.begin_object().member("error", "temporarily_unavailable");
  response.body = std::move(writer.end_object()).take();
  response.headers.set("Content-Type", "application/json");
  if (is_throttled) response.headers.set("Retry-After", error.subject);
  return never_cached(std::move(response));
}

}  // namespace gatehouse::issuer
