#include "gatehouse/issuer/token_endpoint.h"

#include <utility>

#include "gatehouse/base/json.h"
#include "gatehouse/issuer/scope.h"

namespace gatehouse::issuer {
namespace {

http::Response refuse(OAuthErrorCode code, std::string description = {}) {
  return to_response(OAuthError{.code = code, .description = std::move(description)});
}

std::string header_of(Rotation how) {
  return how == Rotation::rotate ? "rotated" : how == Rotation::retry ? "retry" : "recovered";
}

std::int64_t seconds_until(Instant then, Instant now) {
  return std::chrono::duration_cast<Seconds>(then - now).count();
}

http::Response answer(const GrantedTokens& granted) {
  json::Writer writer;
  writer.begin_object().member("access_token", granted.access.text).member("token_type", "Bearer");
  writer.member("expires_in", seconds_until(granted.access.expires, granted.now));
  if (!granted.scope.empty()) writer.member("scope", granted.scope);
  if (!granted.refresh_token.empty()) {
    const stores::Session& session = granted.session;
    writer.member("refresh_token", granted.refresh_token);
    writer.member("refresh_expires_in", seconds_until(session.idle_expires, granted.now));
    writer.member("session_expires_in", seconds_until(session.absolute_expires, granted.now));
    writer.member("sid", session.sid);
  }
  auto response = http::results::ok(std::move(writer.end_object()).take());
  if (!granted.refresh_token.empty()) response.headers.set("Gatehouse-Refresh", header_of(granted.how));
  return never_cached(std::move(response));
}

bool names_no_client(const http::Request& request, const http::Form& form) {
  return form["client_id"].empty() && form["client_assertion"].empty() && !request.header("Authorization");
}

}  // namespace

Task<http::Response> TokenEndpoint::handle(http::HttpContext& context) {
  const auto form = http::Form::read(context.request);
  if (!form) co_return refuse(OAuthErrorCode::invalid_request, form.error().subject);
  const std::string_view grant = (*form)["grant_type"];
  if (grant.empty()) co_return refuse(OAuthErrorCode::invalid_request, "grant_type is missing");
  const bool is_refresh = grant == "refresh_token";
  const bool is_known = is_refresh || grant == "client_credentials";
  if (!is_known && names_no_client(context.request, *form))
    co_return refuse(OAuthErrorCode::invalid_request,
                     "it names neither a grant type nor a client that is known");
  const auto client = co_await clients_.authenticate(context.request, *form);
  if (!client) co_return client.error();
  if (!is_known) co_return refuse(OAuthErrorCode::unsupported_grant_type);
  if (!has_name(client->grants, grant)) co_return refuse(OAuthErrorCode::unauthorized_client);

  GrantRequest request{.scope = std::string((*form)["scope"]),
                       .audience = std::string((*form)["resource"]),
                       .address = std::string(context.request.remote_address),
                       .device = {},
                       .request_id = std::string((*form)["refresh_request_id"])};
  std::string token((*form)["refresh_token"]);
  if (is_refresh && token.empty())
    co_return refuse(OAuthErrorCode::invalid_request, "refresh_token is missing");
  if (!is_refresh) {
    const auto granted = grants_.give_client_token(*client, request);
    co_return granted ? answer(*granted) : to_response(granted.error());
  }
  const auto granted = co_await grants_.refresh(*client, std::move(token), std::move(request));
  co_return granted ? answer(*granted) : to_response(granted.error());
}

}  // namespace gatehouse::issuer
