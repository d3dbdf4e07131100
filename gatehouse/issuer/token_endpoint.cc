#include "gatehouse/issuer/token_endpoint.h"

#include <algorithm>
#include <utility>

#include "gatehouse/base/json.h"
#include "gatehouse/issuer/cross_origin.h"
#include "gatehouse/issuer/scope.h"

namespace gatehouse::issuer {
namespace {

constexpr std::string_view client_credentials_grant = "client_credentials";
constexpr std::string_view refresh_token_grant = "refresh_token";
constexpr std::string_view grant_types[] = {client_credentials_grant, refresh_token_grant,
                                            token_exchange_grant};

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
  if (!granted.issued_type.empty()) writer.member("issued_token_type", granted.issued_type);
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

// Of the grants that there are, the one that was named; only then does it matter which client asks.
Task<http::Response> TokenEndpoint::handle(http::HttpContext& context) {
  const auto form = http::Form::read(context.request);
  if (!form) co_return refuse(OAuthErrorCode::invalid_request, form.error().subject);
  const std::string_view grant_type = (*form)["grant_type"];
  if (grant_type.empty()) co_return refuse(OAuthErrorCode::invalid_request, "grant_type is missing");
  const bool is_known = std::ranges::find(grant_types, grant_type) != std::ranges::end(grant_types);
  if (!is_known && names_no_client(context.request, *form))
    co_return refuse(OAuthErrorCode::invalid_request,
                     "it names neither a grant type nor a client that is known");
  const auto client = co_await clients_.authenticate(context.request, *form);
  if (!client) co_return client.error();
  note_client(context, *client);
  if (!is_known) co_return refuse(OAuthErrorCode::unsupported_grant_type);
  if (!has_name(client->grants, grant_type)) co_return refuse(OAuthErrorCode::unauthorized_client);
  const auto granted = co_await grant(context.request, *form, *client);
  if (!granted && granted.error().is_guess) throttle_.failed(context.request, client->id);
  co_return granted ? answer(*granted) : to_response(granted.error());
}

Task<GrantService::Answer> TokenEndpoint::grant(const http::Request& request, const http::Form& form,
                                                const stores::Client& client) {
  const std::string_view grant_type = form["grant_type"];
  if (grant_type == token_exchange_grant) {
    auto asked = read_exchange_request(form);
    if (!asked) co_return refused(asked.error());
    co_return co_await exchange_.exchange(client, *std::move(asked), throttle_.address_of(request));
  }
  GrantRequest asked{.scope = std::string(form["scope"]),
                     .audience = std::string(form["resource"]),
                     .address = throttle_.address_of(request),
                     .device = {},
                     .request_id = std::string(form["refresh_request_id"])};
  if (grant_type == client_credentials_grant) co_return grants_.give_client_token(client, asked);
  std::string token(form["refresh_token"]);
  if (token.empty())
    co_return refused({.code = OAuthErrorCode::invalid_request, .description = "refresh_token is missing"});
  co_return co_await grants_.refresh(client, std::move(token), std::move(asked));
}

}  // namespace gatehouse::issuer
