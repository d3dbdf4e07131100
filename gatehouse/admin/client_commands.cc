// Clients — the programs that may ask for tokens.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "gatehouse/admin/admin_command.h"

namespace gatehouse::admin {
namespace {

using stores::Client;

constexpr std::size_t most_secrets = 2;  // one that is in use, and the one that takes its place

// Nobody needs the hashes; when each was made and ends is what tells them apart.
std::string to_text(Client client) {
  for (stores::ClientSecret& secret : client.secrets) secret.hash.clear();
  return stores::to_json(client);
}

AdminReply reply(const Client& client) { return {.json = to_text(client), .subject = client.id}; }

AdminReply reply(const Client& client, const issuer::NewClientSecret& secret) {
  json::Writer writer;
  writer.begin_object().name("client").raw(to_text(client)).member("secret", secret.text).end_object();
  return {.json = std::move(writer).take(), .subject = client.id};
}

Task<Result<Client>> find_client(const AdminServices& to, std::string id) {
  auto found = co_await to.server.clients().find(id);
  if (!found && found.error().kind == Failure::not_found)
    co_return fail(Failure::not_found, fmt::format("there is no client '{}'", id));
  co_return found;
}

Task<Result<AdminReply>> list_clients(const AdminServices& to, AdminInput&) {
  GH_CO_TRY(const std::vector<Client> clients, co_await to.server.clients().list());
  json::Writer writer;
  writer.begin_object().name("clients").begin_array();
  for (const Client& client : clients) writer.raw(to_text(client));
  co_return AdminReply{std::move(writer.end_array().end_object()).take()};
}

Task<Result<AdminReply>> show_client(const AdminServices& to, AdminInput& input) {
  GH_CO_TRY(const Client client, co_await find_client(to, input.route("id")));
  co_return reply(client);
}

Task<Result<AdminReply>> add_client(const AdminServices& to, AdminInput& input) {
  const bool with_secret = input.flag("generate_secret");
  GH_CO_CHECK(input.fault());
  GH_CO_TRY(Client client, stores::client_from_json(input.body()));
  const auto secret = issuer::make_client_secret(to.clock.now());
  if (with_secret) client.secrets.push_back(secret.stored);
  const bool is_public = client.secrets.empty() && client.keys.empty();
  if (is_public && std::ranges::find(client.grants, "client_credentials") != client.grants.end())
    co_return fail(Failure::malformed,
                   "a client that proves nothing cannot have client_credentials; give it a secret or keys");
  const auto added = co_await to.server.clients().add(client);
  if (!added && added.error().kind == Failure::conflict)
    co_return fail(Failure::conflict, fmt::format("there is a client '{}' already", client.id));
  GH_CO_CHECK(added);
  co_return with_secret ? reply(client, secret) : reply(client);
}

Task<Result<AdminReply>> remove_client(const AdminServices& to, AdminInput& input) {
  GH_CO_TRY(const Client client, co_await find_client(to, input.route("id")));
  GH_CO_CHECK(co_await to.server.clients().remove(client.id));
  GH_CO_CHECK(co_await end_client(to, client.id, stores::SessionEnd::client_disabled));
  co_return reply(client);
}

Task<Result<AdminReply>> disable_client(const AdminServices& to, AdminInput& input) {
  GH_CO_TRY(Client client, co_await find_client(to, input.route("id")));
  client.is_disabled = true;
  GH_CO_CHECK(co_await to.server.clients().update(client));
  GH_CO_CHECK(co_await end_client(to, client.id, stores::SessionEnd::client_disabled));
  co_return reply(client);
}

Task<Result<AdminReply>> enable_client(const AdminServices& to, AdminInput& input) {
  GH_CO_TRY(Client client, co_await find_client(to, input.route("id")));
  client.is_disabled = false;
  GH_CO_CHECK(co_await to.server.clients().update(client));
  co_return reply(client);
}

Task<Result<AdminReply>> add_secret(const AdminServices& to, AdminInput& input) {
  const auto lifetime = input.seconds("lifetime");
  GH_CO_CHECK(input.fault());
  GH_CO_TRY(Client client, co_await find_client(to, input.route("id")));
  const Instant now = to.clock.now();
  std::erase_if(client.secrets,
                [now](const auto& secret) { return secret.expires && *secret.expires <= now; });
  if (client.secrets.size() >= most_secrets)
    co_return fail(Failure::conflict, fmt::format("'{}' has {} secrets that are alive; remove one first",
                                                  client.id, most_secrets));
  const auto secret =
      issuer::make_client_secret(now, lifetime ? std::optional<Instant>(now + *lifetime) : std::nullopt);
  client.secrets.push_back(secret.stored);
  GH_CO_CHECK(co_await to.server.clients().update(client));
  co_return reply(client, secret);
}

Task<Result<AdminReply>> remove_secret(const AdminServices& to, AdminInput& input) {
  GH_CO_TRY(Client client, co_await find_client(to, input.route("id")));
  const std::string text = input.route("number");
  std::size_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  if (number < 1 || number > client.secrets.size())
    co_return fail(Failure::not_found, fmt::format("'{}' has {} secrets; there is no number {}", client.id,
                                                   client.secrets.size(), text));
  client.secrets.erase(client.secrets.begin() + static_cast<std::ptrdiff_t>(number - 1));
  if (client.secrets.empty() && client.keys.empty())
    co_return fail(
        Failure::conflict,
        fmt::format("it is the last one of '{}', which would then prove nothing; add another first",
                    client.id));
  GH_CO_CHECK(co_await to.server.clients().update(client));
  co_return reply(client);
}

}  // namespace

Task<Result<void>> end_client(const AdminServices& to, std::string id, stores::SessionEnd reason) {
  stores::SessionSelection which{.by = stores::SessionSelection::By::client, .value = id};
  GH_CO_CHECK(co_await to.server.sessions().end(std::move(which), reason));
  co_return co_await to.server.revoke(revocation::DenyKind::client, std::move(id));
}

std::vector<AdminCommand> client_commands() {
  return {
      {"GET", "/clients", "", list_clients},
      {"POST",
       "/clients",
       "client.created",
       add_client,
       {"id", "name", "keys", "grants", "scopes", "audiences", "origins", "first_party", "may_introspect",
        "access_token_lifetime", "idle_lifetime", "absolute_lifetime", "generate_secret"}},
      {"GET", "/clients/{id}", "", show_client},
      {"DELETE", "/clients/{id}", "client.removed", remove_client},
      {"POST", "/clients/{id}/disable", "client.disabled", disable_client},
      {"POST", "/clients/{id}/enable", "client.enabled", enable_client},
      {"POST", "/clients/{id}/secrets", "client.secret_added", add_secret, {"lifetime"}},
      {"DELETE", "/clients/{id}/secrets/{number:int}", "client.secret_removed", remove_secret},
  };
}

}  // namespace gatehouse::admin
