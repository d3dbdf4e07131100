// Tokens — one that an operator asks for, to try an API with or to let a script in.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "gatehouse/admin/admin_command.h"
#include "gatehouse/issuer/scope.h"

namespace gatehouse::admin {
namespace {

using issuer::AccessToken;

std::unexpected<Error> refuse(std::string why) { return fail(Failure::malformed, std::move(why)); }

// Nobody gets more by an operator than they would get by logging in.
Result<std::string> scope_of(const stores::Client& client, const stores::User* user,
                             std::string_view wanted) {
  const auto asked = issuer::read_scope(wanted);
  if (!asked) return refuse("'scope' has to be names separated by blanks");
  std::vector<std::string> given;
  for (const std::string& name : asked->empty() ? client.scopes : *asked) {
    const bool is_client = issuer::has_name(client.scopes, name);
    const bool is_user = !user || user->scopes.empty() || issuer::has_name(user->scopes, name);
    if (is_client && is_user)
      given.push_back(name);
    else if (!asked->empty())
      return refuse(fmt::format("{} '{}' may not have the scope '{}'", is_client ? "user" : "client",
                                is_client ? user->email : client.id, name));
  }
  return issuer::write_scope(given);
}

Result<std::string> audience_of(const stores::Client& client, std::string wanted) {
  if (client.audiences.empty())
    return refuse(fmt::format("client '{}' has no audience that a token could be for", client.id));
  if (wanted.empty()) return client.audiences.front();
  if (!issuer::has_name(client.audiences, wanted))
    return refuse(fmt::format("client '{}' has no audience '{}'; it has {}", client.id, wanted,
                              fmt::join(client.audiences, ", ")));
  return wanted;
}

AdminReply reply(const AccessToken& wanted, const issuer::IssuedToken& token, Instant asked) {
  json::Writer writer;
  writer.begin_object().member("access_token", token.text).member("jti", token.id);
  writer.member("sub", wanted.subject).member("client_id", wanted.client_id);
  writer.member("audience", wanted.audience).member("scope", wanted.scope);
  writer.member("expires", format_instant(token.expires));
  writer.member("expires_in", std::chrono::floor<Seconds>(token.expires - asked).count());
  return {.json = std::move(writer.end_object()).take(), .subject = wanted.subject};
}

Task<Result<AdminReply>> create_token(const AdminServices& to, AdminInput& input) {
  const std::string client_id = input.text("client");
  const std::string who = input.text("user");
  const std::string scope = input.text("scope");
  std::string audience = input.text("audience");
  AccessToken wanted{.lifetime = input.seconds("lifetime")};
  GH_CO_CHECK(input.fault());

  const auto client = co_await to.server.clients().find(client_id);
  if (!client && client.error().kind == Failure::not_found)
    co_return fail(Failure::not_found, fmt::format("there is no client '{}'", client_id));
  if (!client) co_return std::unexpected(client.error());
  std::optional<stores::User> user;
  if (!who.empty()) {
    GH_CO_TRY(user, co_await find_user(to, who));
  }
  if (client->is_disabled || (user && user->disabled))
    co_return refuse(fmt::format("{} is disabled", client->is_disabled ? client->id : user->email));

  wanted.subject = user ? user->id : client->id;
  wanted.client_id = client->id;
  if (user) wanted.roles = user->roles;
  if (!wanted.lifetime) wanted.lifetime = client->access_token_lifetime;
  GH_CO_TRY(wanted.scope, scope_of(*client, user ? &*user : nullptr, scope));
  GH_CO_TRY(wanted.audience, audience_of(*client, std::move(audience)));
  const Instant asked = to.clock.now();
  GH_CO_TRY(const issuer::IssuedToken token, to.server.issue(wanted));
  GH_CO_CHECK(to.server.tokens().validate(token.text));
  co_return reply(wanted, token, asked);
}

}  // namespace

std::vector<AdminCommand> token_commands() {
  return {
      {"POST", "/tokens", "token.issued", create_token, {"client", "user", "scope", "audience", "lifetime"}}};
}

}  // namespace gatehouse::admin
