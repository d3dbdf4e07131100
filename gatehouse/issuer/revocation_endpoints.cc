#include "gatehouse/issuer/revocation_endpoints.h"

#include <algorithm>
#include <utility>

#include "gatehouse/base/json.h"
#include "gatehouse/issuer/cross_origin.h"
#include "gatehouse/issuer/scope.h"

namespace gatehouse::issuer {
namespace {

constexpr std::string_view inactive = R"({"active":false})";

http::Response answer(std::string json) { return never_cached(http::results::ok(std::move(json))); }

http::Response token_missing() {
  return to_response(OAuthError{.code = OAuthErrorCode::invalid_request, .description = "token is missing"});
}

bool may_see(const stores::Client& client, std::string_view owner, auto&& audiences) {
  if (client.id == owner) return true;
  return client.may_introspect && std::ranges::any_of(audiences, [&](std::string_view audience) {
           return has_name(client.audiences, audience);
         });
}

}  // namespace

Task<http::Response> RevocationEndpoints::revoke(http::HttpContext& context) {
  const auto asked = co_await clients_.authenticate(context.request);
  if (!asked) co_return asked.error();
  note_client(context, asked->client);
  std::string token(asked->form["token"]);
  if (token.empty()) co_return token_missing();
  const auto withdrawn = co_await withdraw(asked->client, std::move(token));
  if (!withdrawn) co_return to_oauth_response(withdrawn.error());
  co_return answer("{}");
}

Task<Result<void>> RevocationEndpoints::withdraw(const stores::Client& client, std::string token) {
  const auto found = co_await sessions_.find(token);
  if (found) {
    if (found->session.client_id != client.id) co_return Result<void>();
    stores::SessionSelection which{.value = found->session.id};
    GH_CO_CHECK(co_await sessions_.end(std::move(which), stores::SessionEnd::logout));
    co_return Result<void>();
  }
  if (found.error().kind != Failure::not_found) co_return std::unexpected(found.error());
  const auto access = issued_.validate(token);
  if (!access || access->claims.find_string("client_id") != client.id) co_return Result<void>();
  revocation::DenyEntry entry{.kind = revocation::DenyKind::token,
                              .issuer = std::string(access->claims.issuer().value_or("")),
                              .value = std::string(access->claims.id().value_or("")),
                              .until = *access->claims.expires() + sessions_.options().clock_skew};
  GH_CO_CHECK(co_await feed_.publish(std::move(entry)));
  co_return Result<void>();
}

Task<http::Response> RevocationEndpoints::introspect(http::HttpContext& context) {
  const auto asked = co_await clients_.authenticate(context.request);
  if (!asked) co_return asked.error();
  const stores::Client& client = asked->client;
  if (is_public(client))  // whoever proves nothing learns nothing (RFC 7662 §2.1)
    co_return to_response(OAuthError{.code = OAuthErrorCode::invalid_client});
  std::string token(asked->form["token"]);
  if (token.empty()) co_return token_missing();
  const bool is_refresh = token.starts_with("grt_");
  auto describe =
      is_refresh ? describe_session(client, std::move(token)) : describe_token(client, std::move(token));
  auto description = co_await std::move(describe);
  if (!description) co_return to_oauth_response(description.error());
  co_return answer(*std::move(description));
}

Task<Result<std::string>> RevocationEndpoints::describe_session(const stores::Client& client,
                                                                std::string token) {
  const auto found = co_await sessions_.find(std::move(token));
  if (!found && found.error().kind != Failure::not_found) co_return std::unexpected(found.error());
  if (!found || !found->is_newest || found->session.client_id != client.id) co_return std::string(inactive);
  const stores::Session& session = found->session;
  json::Writer writer;
  writer.begin_object().member("active", true).member("sub", session.user_id);
  writer.member("client_id", session.client_id).member("scope", session.scope).member("sid", session.sid);
  writer.member("exp", to_unix_seconds(session.idle_expires)).member("iat", to_unix_seconds(session.created));
  co_return std::move(writer.end_object()).take();
}

Task<Result<std::string>> RevocationEndpoints::describe_token(const stores::Client& client,
                                                              std::string token) {
  const auto access = co_await live_.find(std::move(token));
  if (!access && is_trouble(access.error())) co_return std::unexpected(access.error());
  if (!access) co_return std::string(inactive);
  const tokens::ClaimSet& claims = access->claims;
  if (!may_see(client, claims.find_string("client_id").value_or(""), claims.audiences()))
    co_return std::string(inactive);
  json::Writer writer;
  writer.begin_object().member("active", true).member("token_type", "Bearer");
  for (const auto& [name, value] : claims.members()) {
    writer.name(name);
    if (value.kind == json::Kind::string)
      writer.value(value.text);
    else
      writer.raw(value.text);
  }
  co_return std::move(writer.end_object()).take();
}

}  // namespace gatehouse::issuer
