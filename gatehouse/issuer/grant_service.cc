#include "gatehouse/issuer/grant_service.h"

#include <algorithm>
#include <utility>

#include "gatehouse/issuer/scope.h"
#include "gatehouse/issuer/user_lookup.h"

namespace gatehouse::issuer {
namespace {

std::unexpected<RefusedGrant> refuse(OAuthErrorCode code, std::string_view reason = {}) {
  return refused({.code = code, .description = {}, .reason = std::string(reason)});
}
std::unexpected<RefusedGrant> refuse(const Error& trouble) { return refused(trouble); }

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

// The names that were asked for, or all; nothing when the client may not have one.
std::optional<std::vector<std::string>> scope_for(const stores::Client& client, const GrantRequest& request) {
  auto scope = request.scope.empty() ? std::optional(client.scopes) : read_scope(request.scope);
  return scope && is_within(*scope, client.scopes) ? scope : std::nullopt;
}

SessionLifetimes lifetimes_of(const stores::Client& client) {
  SessionLifetimes lifetimes;
  lifetimes.idle = client.idle_lifetime.value_or(lifetimes.idle);
  lifetimes.absolute = client.absolute_lifetime.value_or(lifetimes.absolute);
  return lifetimes;
}

}  // namespace

http::Response to_response(const RefusedGrant& refusal) {
  return refusal.trouble ? to_oauth_response(*refusal.trouble) : to_response(refusal.error);
}

std::optional<std::string> audience_for(const stores::Client& client, const std::string& asked) {
  if (!asked.empty()) return has_name(client.audiences, asked) ? std::optional(asked) : std::nullopt;
  return client.audiences.empty() ? std::nullopt : std::optional(client.audiences.front());
}

GrantService::Answer GrantService::give_client_token(const stores::Client& client,
                                                     const GrantRequest& request) const {
  if (is_public(client)) return refuse(OAuthErrorCode::unauthorized_client);
  const auto scope = scope_for(client, request);
  if (!scope) return refuse(OAuthErrorCode::invalid_scope);
  const auto audience = audience_for(client, request.audience);
  if (!audience) return refuse(OAuthErrorCode::invalid_target);
  GrantedTokens granted{.access = {}, .scope = write_scope(*scope), .session = {}, .now = tokens_.now()};
  auto token = tokens_.create({.subject = client.id,
                               .client_id = client.id,
                               .audience = *audience,
                               .scope = granted.scope,
                               .lifetime = client.access_token_lifetime});
  if (!token) return refuse(token.error());
  granted.access = *std::move(token);
  return granted;
}

Task<GrantService::Answer> GrantService::start(const stores::Client& client, stores::User user,
                                               GrantRequest request) {
  const auto scope = scope_for(client, request);
  if (!scope) co_return refuse(OAuthErrorCode::invalid_scope);
  const auto audience = audience_for(client, request.audience);
  if (!audience) co_return refuse(OAuthErrorCode::invalid_target);
  // Of what the client may have, a user who has scopes of their own gets those.
  std::vector<std::string> given;
  for (const std::string& name : *scope)
    if (user.scopes.empty() || has_name(user.scopes, name)) given.push_back(name);
  NewSession login{.user_id = user.id,
                   .user_epoch = user.epoch,
                   .client_id = client.id,
                   .scope = write_scope(given),
                   .audience = *audience,
                   .amr = std::move(request.amr),
                   .authenticated = request.authenticated,
                   .device = std::move(request.device),
                   .address = std::move(request.address),
                   .lifetimes = lifetimes_of(client)};
  auto started = co_await sessions_.start(std::move(login));
  if (!started) co_return refuse(started.error());
  co_return give(client, user, *std::move(started), write_scope(given), Rotation::rotate);
}

Task<GrantService::Answer> GrantService::refresh(const stores::Client& client, std::string refresh_token,
                                                 GrantRequest request) {
  const auto scope = read_scope(request.scope);
  if (!scope) co_return refuse(OAuthErrorCode::invalid_scope);
  if (!scope->empty()) {
    const auto is_wide = co_await is_too_wide(refresh_token, *scope);
    if (!is_wide) co_return refuse(is_wide.error());
    if (*is_wide) co_return refuse(OAuthErrorCode::invalid_scope);
  }
  RefreshRequest presented{.token = std::move(refresh_token),
                           .client_id = client.id,
                           .request_id = std::move(request.request_id),
                           .binding = {},
                           .address = std::move(request.address),
                           .lifetimes = lifetimes_of(client)};
  auto outcome = co_await sessions_.refresh(std::move(presented));
  if (!outcome) co_return refuse(outcome.error());
  if (!is_granted(outcome->decided)) {
    auto refusal = refuse(OAuthErrorCode::invalid_grant, reason_of(*outcome));
    refusal.error().is_guess =
        outcome->decided == Rotation::malformed || outcome->decided == Rotation::forged;
    co_return refusal;
  }
  std::string given = scope->empty() ? outcome->session.scope : write_scope(*scope);
  co_return co_await finish_refresh(client, *std::move(outcome), std::move(given));
}

Task<Result<bool>> GrantService::is_too_wide(const std::string& token,
                                             const std::vector<std::string>& scope) {
  const auto found = co_await sessions_.find(token);
  if (!found && found.error().kind == Failure::not_found) co_return false;  // what is wrong is said later
  if (!found) co_return std::unexpected(found.error());
  co_return !is_within(scope, read_scope(found->session.scope).value_or(std::vector<std::string>()));
}

// The session was rotated; whether its user may still have it is asked of the user's own row, each time.
Task<GrantService::Answer> GrantService::finish_refresh(const stores::Client& client, RefreshOutcome outcome,
                                                        std::string scope) {
  const auto user = co_await find_user(users_, pool_, outcome.session.user_id);
  if (!user && user.error().kind != Failure::not_found) co_return refuse(user.error());
  if (!user || user->disabled || user->epoch != outcome.session.user_epoch) {
    stores::SessionSelection which{.value = outcome.session.id};
    const auto ended = co_await sessions_.end(std::move(which), stores::SessionEnd::user_disabled);
    if (!ended) co_return refuse(ended.error());
    co_return refuse(OAuthErrorCode::invalid_grant, "revoked");
  }
  SessionService::Started renewed{.session = std::move(outcome.session),
                                  .refresh_token = std::move(outcome.refresh_token)};
  co_return give(client, *user, std::move(renewed), std::move(scope), outcome.decided);
}

GrantService::Answer GrantService::give(const stores::Client& client, const stores::User& user,
                                        SessionService::Started started, std::string scope,
                                        Rotation how) const {
  GrantedTokens granted{.access = {},
                        .refresh_token = std::move(started.refresh_token),
                        .scope = std::move(scope),
                        .session = std::move(started.session),
                        .how = how,
                        .now = tokens_.now()};
  const stores::Session& session = granted.session;
  auto token = tokens_.create({.subject = session.user_id,
                               .client_id = client.id,
                               .audience = session.audience,
                               .scope = granted.scope,
                               .sid = session.sid,
                               .roles = user.roles,
                               .amr = session.amr,
                               .authenticated = session.created,
                               .lifetime = client.access_token_lifetime});
  if (!token) return refuse(token.error());
  granted.access = *std::move(token);
  return granted;
}

}  // namespace gatehouse::issuer
