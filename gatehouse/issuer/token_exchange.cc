#include "gatehouse/issuer/token_exchange.h"

#include <algorithm>
#include <utility>

#include "gatehouse/base/json.h"
#include "gatehouse/issuer/claim_values.h"
#include "gatehouse/issuer/scope.h"
#include "gatehouse/issuer/user_lookup.h"

namespace gatehouse::issuer {
namespace {

std::unexpected<OAuthError> refuse(OAuthErrorCode code, std::string description = {}) {
  return std::unexpected(OAuthError{.code = code, .description = std::move(description)});
}

std::unexpected<OAuthError> refuse_token(std::string description) {
  return refuse(OAuthErrorCode::invalid_request, std::move(description));
}

// Whoever else got hold of a token, by a log or as an API that it was not for, cannot make more of it.
bool may_present(const stores::Client& client, const tokens::ClaimSet& claims) {
  return claims.find_string("client_id") == client.id ||
         std::ranges::any_of(claims.audiences(),
                             [&](std::string_view audience) { return has_name(client.audiences, audience); });
}

struct Actor {
  std::string subject;
  std::string client_id;
};

Actor actor_of(const stores::Client& client, const tokens::ClaimSet* token) {
  if (!token) return {.subject = client.id, .client_id = client.id};
  return {.subject = std::string(token->subject().value_or("")),
          .client_id = claim_text(*token, "client_id")};
}

// Each member has to be the actor's; one that nobody here knows could have ruled it out (RFC 8693 §4.4).
bool may_act(const tokens::ClaimSet& subject, const Actor& actor) {
  const auto* claim = subject.find("may_act");
  if (!claim) return true;
  if (claim->kind != json::Kind::object) return false;
  json::Parser parser;
  const auto rule = parser.parse(claim->text);
  if (!rule || rule->size() == 0) return false;
  return std::ranges::all_of(parser.items(), [&](const json::Item& item) {
    if (item.kind != json::Kind::string) return false;
    if (item.name == "sub") return item.text == actor.subject;
    if (item.name == "client_id") return item.text == actor.client_id;
    return item.name == "iss" && item.text == subject.issuer();
  });
}

int actors_in(const json::Value& act) {
  const auto before = act.find("act");
  return 1 + (before && before->is_object() ? actors_in(*before) : 0);
}

// `act` of the new token: this actor, and in it whoever acted before (RFC 8693 §4.1). Empty: too many.
std::string write_act(const Actor& actor, const tokens::ClaimSet& subject) {
  json::Writer writer;
  writer.begin_object().member("sub", actor.subject).member("client_id", actor.client_id);
  if (const auto* before = subject.find("act")) {
    json::Parser parser;
    const auto chain = parser.parse(before->text);
    if (!chain || !chain->is_object() || actors_in(*chain) >= most_actors) return {};
    writer.name("act").raw(before->text);
  }
  return std::move(writer.end_object()).take();
}

std::vector<std::string> list_of(const tokens::ClaimSet& claims, std::string_view name) {
  std::vector<std::string> list;
  const auto* claim = claims.find(name);
  if (claim)
    for (const auto& element : claims.elements(*claim)) list.push_back(element.text);
  return list;
}

std::vector<std::string> both(const std::vector<std::string>& names, const std::vector<std::string>& others) {
  std::vector<std::string> common;
  for (const std::string& name : names)
    if (has_name(others, name)) common.push_back(name);
  return common;
}

// Of what the token has: what the client may have, and its user still has. Nothing when more is asked for, or
// nothing would be left.
std::optional<std::vector<std::string>> scope_for(const stores::Client& client, std::string_view asked,
                                                  const ShownTokens& shown) {
  const auto had = read_scope(claim_text(shown.subject, "scope"));
  const auto wanted = read_scope(asked);
  if (!had || !wanted) return std::nullopt;
  auto left = both(*had, client.scopes);
  if (shown.user && !shown.user->scopes.empty()) left = both(left, shown.user->scopes);
  if (!wanted->empty()) return is_within(*wanted, left) ? wanted : std::nullopt;
  return left.empty() && !had->empty() ? std::nullopt : std::optional(std::move(left));
}

}  // namespace

std::expected<ExchangeRequest, OAuthError> read_exchange_request(const http::Form& form) {
  const auto is_access_token = [&](std::string_view name) { return form[name] == access_token_type; };
  if (form["subject_token"].empty()) return refuse_token("subject_token is missing");
  if (!is_access_token("subject_token_type"))
    return refuse_token("subject_token_type has to be that of an access token");
  const bool has_actor = !form["actor_token"].empty();
  if (has_actor ? !is_access_token("actor_token_type") : !form["actor_token_type"].empty())
    return refuse_token("actor_token and actor_token_type go together, for an access token");
  if (!form["requested_token_type"].empty() && !is_access_token("requested_token_type"))
    return refuse_token("requested_token_type has to be that of an access token");
  const std::string_view audience = form["audience"], resource = form["resource"];
  if (!audience.empty() && !resource.empty() && audience != resource)
    return refuse_token("audience and resource name two targets");
  return ExchangeRequest{.subject_token = std::string(form["subject_token"]),
                         .actor_token = std::string(form["actor_token"]),
                         .audience = std::string(audience.empty() ? resource : audience),
                         .scope = std::string(form["scope"])};
}

std::expected<AccessToken, OAuthError> decide_exchange(const stores::Client& client,
                                                       const ExchangeRequest& request,
                                                       const ShownTokens& shown) {
  const tokens::ClaimSet& subject = shown.subject;
  if (is_public(client)) return refuse(OAuthErrorCode::unauthorized_client);
  if (!may_present(client, subject)) return refuse_token("subject_token is not for this client");
  if (shown.actor && !may_present(client, *shown.actor))
    return refuse_token("actor_token is not for this client");
  if (shown.actor && shown.actor->find("act"))  // the chain would be a tree
    return refuse_token("actor_token is of somebody who acts for another");
  const Actor actor = actor_of(client, shown.actor);
  if (!may_act(subject, actor)) return refuse_token("may_act of subject_token names another actor");
  std::string act = write_act(actor, subject);
  if (act.empty()) return refuse_token("too many have acted already");

  const auto scope = scope_for(client, request.scope, shown);
  if (!scope) return refuse(OAuthErrorCode::invalid_scope);
  const auto audience = audience_for(client, request.audience);
  if (!audience) return refuse(OAuthErrorCode::invalid_target);
  auto roles = list_of(subject, "roles");
  if (shown.user) roles = both(roles, shown.user->roles);
  const auto authenticated = auth_time_of(subject);
  Instant expires_by = subject.expires().value_or(Instant::min());
  if (shown.actor) expires_by = std::min(expires_by, shown.actor->expires().value_or(Instant::min()));
  return AccessToken{
      .subject = std::string(subject.subject().value_or("")),
      .client_id = client.id,
      .audience = *audience,
      .scope = write_scope(*scope),
      .sid = claim_text(subject, "sid"),
      .roles = std::move(roles),
      .amr = write_scope(list_of(subject, "amr")),
      .authenticated = authenticated ? std::optional(Instant(Seconds(*authenticated))) : std::nullopt,
      .lifetime = client.access_token_lifetime,
      .expires_by = expires_by,
      .act = std::move(act)};
}

// Of a client's own token the client; else the user, who may have been disabled or have lost roles since.
Task<std::expected<std::optional<stores::User>, RefusedGrant>> TokenExchange::find_owner(
    const tokens::ClaimSet& subject) {
  std::string id(subject.subject().value_or(""));
  const bool is_clients = !subject.find("sid") && subject.find_string("client_id") == id;
  const auto gone = [] { return refused(refuse_token("subject_token is of nobody who may").error()); };
  if (is_clients) {
    const auto client = co_await to_.clients.find(std::move(id));
    if (!client && client.error().kind != Failure::not_found) co_return refused(client.error());
    if (!client || client->is_disabled) co_return gone();
    co_return std::nullopt;
  }
  auto user = co_await find_user(to_.users, to_.pool, std::move(id));
  if (!user && user.error().kind != Failure::not_found) co_return refused(user.error());
  if (!user || user->disabled) co_return gone();
  co_return *std::move(user);
}

Task<GrantService::Answer> TokenExchange::exchange(const stores::Client& client, ExchangeRequest request,
                                                   std::string address) {
  stores::AuditEvent event{.client = client.id, .address = std::move(address)};
  auto answer = co_await try_exchange(client, std::move(request), event);
  event.event = answer ? "token.exchanged" : "token.exchange_refused";
  if (!answer && !answer.error().trouble) event.reason = name(answer.error().error.code);
  if (answer || !answer.error().trouble) co_await to_.audit(std::move(event));
  co_return answer;
}

Task<GrantService::Answer> TokenExchange::try_exchange(const stores::Client& client, ExchangeRequest request,
                                                       stores::AuditEvent& event) {
  const auto refusal = [](const Error& error, std::string sentence) {
    return is_trouble(error) ? refused(error) : refused(refuse_token(std::move(sentence)).error());
  };
  const auto subject = co_await to_.tokens.find(request.subject_token);
  if (!subject) co_return refusal(subject.error(), "subject_token does not count");
  event.subject = subject->claims.subject().value_or("");
  event.sid = claim_text(subject->claims, "sid");
  std::optional<tokens::Token> actor;
  if (!request.actor_token.empty()) {
    auto found = co_await to_.tokens.find(request.actor_token);
    if (!found) co_return refusal(found.error(), "actor_token does not count");
    actor = *std::move(found);
  }
  const auto owner = co_await find_owner(subject->claims);
  if (!owner) co_return std::unexpected(owner.error());

  const ShownTokens shown{.subject = subject->claims,
                          .actor = actor ? &actor->claims : nullptr,
                          .user = *owner ? &**owner : nullptr};
  event.actor = actor_of(client, shown.actor).subject;
  const auto decided = decide_exchange(client, request, shown);
  if (!decided) co_return refused(decided.error());
  auto token = to_.issue.create(*decided);
  if (!token) co_return refused(token.error());
  co_return GrantedTokens{.access = *std::move(token),
                          .refresh_token = {},
                          .scope = decided->scope,
                          .session = {},
                          .now = to_.issue.now(),
                          .issued_type = std::string(access_token_type)};
}

}  // namespace gatehouse::issuer
