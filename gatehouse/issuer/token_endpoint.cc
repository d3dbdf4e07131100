#include "gatehouse/issuer/token_endpoint.h"

#include <algorithm>
#include <utility>

#include "gatehouse/base/json.h"
#include "gatehouse/issuer/scope.h"

namespace gatehouse::issuer {
namespace {

http::Response refuse(OAuthErrorCode code, std::string description = {}) {
  return to_response({.code = code, .description = std::move(description)});
}

// What a client may be told: whether the session is over, and whether to ask for the password again.
std::string_view reason_of(const RefreshOutcome& outcome) {
  switch (outcome.decided) {
    case Rotation::dead:
      return outcome.session.ended ? "revoked" : "expired";
    case Rotation::replay:
    case Rotation::mismatch:
    case Rotation::stale:
      return name(outcome.decided);
    default:
      return "unknown";
  }
}

std::string_view header_of(Rotation decided) {
  return decided == Rotation::rotate ? "rotated" : decided == Rotation::retry ? "retry" : "recovered";
}

http::Response refuse_refresh(const RefreshOutcome& outcome) {
  return to_response(
      {.code = OAuthErrorCode::invalid_grant, .description = {}, .reason = std::string(reason_of(outcome))});
}

// The one that was asked for (RFC 8707 §2), or the client's first; nothing when it may not have it.
std::optional<std::string> audience_for(const stores::Client& client, const http::Form& form) {
  const std::string_view resource = form["resource"].empty() ? form["audience"] : form["resource"];
  if (resource.empty())
    return client.audiences.empty() ? std::nullopt : std::optional(client.audiences.front());
  return has_name(client.audiences, resource) ? std::optional(std::string(resource)) : std::nullopt;
}

std::int64_t seconds_until(Instant then, Instant now) {
  return std::chrono::duration_cast<Seconds>(then - now).count();
}

}  // namespace

SessionLifetimes lifetimes_of(const stores::Client& client) {
  SessionLifetimes lifetimes;
  lifetimes.idle = client.idle_lifetime.value_or(lifetimes.idle);
  lifetimes.absolute = client.absolute_lifetime.value_or(lifetimes.absolute);
  return lifetimes;
}

Task<http::Response> TokenEndpoint::handle(http::HttpContext& context) {
  const auto form = http::Form::read(context.request);
  if (!form) co_return refuse(OAuthErrorCode::invalid_request, form.error().subject);
  const std::string_view grant = (*form)["grant_type"];
  if (grant.empty()) co_return refuse(OAuthErrorCode::invalid_request, "grant_type is missing");
  const auto client = co_await clients_.authenticate(context.request, *form);
  if (!client) co_return client.error();
  if (grant != "client_credentials" && grant != "refresh_token")
    co_return refuse(OAuthErrorCode::unsupported_grant_type);
  if (!has_name(client->grants, grant)) co_return refuse(OAuthErrorCode::unauthorized_client);
  if (grant == "client_credentials") co_return give_client_token(*client, *form);
  co_return co_await refresh(*client, *form, context);
}

http::Response TokenEndpoint::give_client_token(const stores::Client& client, const http::Form& form) const {
  if (client.secrets.empty() && client.keys.empty())
    return refuse(OAuthErrorCode::unauthorized_client, "a public client proves nothing");
  const auto scope = form["scope"].empty() ? std::optional(client.scopes) : read_scope(form["scope"]);
  if (!scope || !is_within(*scope, client.scopes)) return refuse(OAuthErrorCode::invalid_scope);
  const auto audience = audience_for(client, form);
  if (!audience) return refuse(OAuthErrorCode::invalid_target);
  const auto token = tokens_.create({.subject = client.id,
                                     .client_id = client.id,
                                     .audience = *audience,
                                     .scope = write_scope(*scope),
                                     .sid = {},
                                     .roles = {},
                                     .amr = {},
                                     .authenticated = std::nullopt,
                                     .lifetime = client.access_token_lifetime});
  if (!token) return to_oauth_response(token.error());
  json::Writer writer;
  writer.begin_object().member("access_token", token->text).member("token_type", "Bearer");
  writer.member("expires_in", seconds_until(token->expires, tokens_.now()));
  if (!scope->empty()) writer.member("scope", write_scope(*scope));
  return never_cached(http::results::ok(std::move(writer.end_object()).take()));
}

Task<http::Response> TokenEndpoint::refresh(const stores::Client& client, const http::Form& form,
                                            const http::HttpContext& context) {
  std::string token(form["refresh_token"]);
  if (token.empty()) co_return refuse(OAuthErrorCode::invalid_request, "refresh_token is missing");
  const auto scope = read_scope(form["scope"]);
  if (!scope) co_return refuse(OAuthErrorCode::invalid_scope);
  // Before anything is rotated: a client must not lose its token over a wish.
  if (!scope->empty()) {
    const auto is_wide = co_await is_too_wide(token, *scope);
    if (!is_wide) co_return to_oauth_response(is_wide.error());
    if (*is_wide) co_return refuse(OAuthErrorCode::invalid_scope);
  }
  auto outcome = co_await sessions_.refresh({.token = std::move(token),
                                             .client_id = client.id,
                                             .request_id = std::string(form["refresh_request_id"]),
                                             .binding = {},
                                             .address = std::string(context.request.remote_address),
                                             .lifetimes = lifetimes_of(client)});
  if (!outcome) co_return to_oauth_response(outcome.error());
  if (!is_granted(outcome->decided)) co_return refuse_refresh(*outcome);
  std::string given = scope->empty() ? outcome->session.scope : write_scope(*scope);
  co_return co_await answer(client, *std::move(outcome), std::move(given));
}

Task<Result<bool>> TokenEndpoint::is_too_wide(const std::string& token,
                                              const std::vector<std::string>& scope) {
  const auto found = co_await sessions_.find(token);
  if (!found && found.error().kind == Failure::not_found) co_return false;  // what is wrong is said later
  if (!found) co_return std::unexpected(found.error());
  co_return !is_within(scope, read_scope(found->session.scope).value_or(std::vector<std::string>()));
}

Task<http::Response> TokenEndpoint::answer(const stores::Client& client, RefreshOutcome outcome,
                                           std::string scope) {
  const stores::Session& session = outcome.session;
  auto look_up = [this, id = session.user_id] { return users_.find_by_id(id); };
  auto looked_up = co_await run_blocking(pool_, std::move(look_up));
  if (!looked_up) co_return to_oauth_response(looked_up.error());
  const auto& user = *looked_up;
  if (!user && user.error().kind != Failure::not_found) co_return to_oauth_response(user.error());
  if (!user || user->disabled || user->epoch != session.user_epoch) {
    stores::SessionSelection which{.value = session.id};
    const auto ended = co_await sessions_.end(std::move(which), stores::SessionEnd::user_disabled);
    if (!ended) co_return to_oauth_response(ended.error());
    co_return to_response({.code = OAuthErrorCode::invalid_grant, .description = {}, .reason = "revoked"});
  }
  const auto token = tokens_.create({.subject = session.user_id,
                                     .client_id = client.id,
                                     .audience = session.audience,
                                     .scope = scope,
                                     .sid = session.sid,
                                     .roles = user->roles,
                                     .amr = session.amr,
                                     .authenticated = session.created,
                                     .lifetime = client.access_token_lifetime});
  if (!token) co_return to_oauth_response(token.error());

  const Instant now = tokens_.now();
  json::Writer writer;
  writer.begin_object().member("access_token", token->text).member("token_type", "Bearer");
  writer.member("expires_in", seconds_until(token->expires, now));
  writer.member("refresh_token", outcome.refresh_token);
  writer.member("refresh_expires_in", seconds_until(session.idle_expires, now));
  writer.member("session_expires_in", seconds_until(session.absolute_expires, now));
  if (!scope.empty()) writer.member("scope", scope);
  writer.member("sid", session.sid);
  auto response = http::results::ok(std::move(writer.end_object()).take());
  response.headers.set("Gatehouse-Refresh", std::string(header_of(outcome.decided)));
  co_return never_cached(std::move(response));
}

}  // namespace gatehouse::issuer
