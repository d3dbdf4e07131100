#include <fmt/format.h>

#include "gatehouse/base/json_members.h"
#include "gatehouse/stores/client_store.h"

namespace gatehouse::stores {
namespace {

void write_list(json::Writer& writer, std::string_view name, const std::vector<std::string>& values) {
  if (values.empty()) return;
  writer.name(name).begin_array();
  for (const std::string& value : values) writer.value(value);
  writer.end_array();
}

void write_flag(json::Writer& writer, std::string_view name, bool flag) {
  if (flag) writer.member(name, true);
}

void write_seconds(json::Writer& writer, std::string_view name, const std::optional<Seconds>& value) {
  if (value) writer.member(name, static_cast<std::int64_t>(value->count()));
}

void write_secrets(json::Writer& writer, const std::vector<ClientSecret>& secrets) {
  if (secrets.empty()) return;
  writer.name("secrets").begin_array();
  for (const ClientSecret& secret : secrets) {
    writer.begin_object();
    if (!secret.hash.empty()) writer.member("hash", secret.hash);
    writer.member("created", format_instant(secret.created));
    if (secret.expires) writer.member("expires", format_instant(*secret.expires));
    writer.end_object();
  }
  writer.end_array();
}

std::vector<ClientSecret> read_secrets(json::MemberReader& client) {
  std::vector<ClientSecret> all;
  const auto found = client.find("secrets");
  if (!found) return all;
  if (!found->is_array()) return client.refuse("secrets", "a list of objects"), all;
  for (const json::Value value : *found) {
    if (!value.is_object()) return client.refuse("secrets", "a list of objects"), all;
    json::MemberReader one(value);
    all.push_back({.hash = one.text("hash"),
                   .created = one.instant("created").value_or(Instant()),
                   .expires = one.instant("expires")});
    if (one.fault()) client.refuse(*one.fault());
  }
  return all;
}

}  // namespace

std::string to_json(const Client& client) {
  json::Writer writer;
  writer.begin_object().member("id", client.id);
  if (!client.name.empty()) writer.member("name", client.name);
  write_secrets(writer, client.secrets);
  if (!client.keys.empty()) writer.name("keys").raw(client.keys);
  write_list(writer, "grants", client.grants);
  write_list(writer, "scopes", client.scopes);
  write_list(writer, "audiences", client.audiences);
  write_list(writer, "origins", client.origins);
  write_flag(writer, "first_party", client.is_first_party);
  write_flag(writer, "may_introspect", client.may_introspect);
  write_flag(writer, "disabled", client.is_disabled);
  write_seconds(writer, "access_token_lifetime", client.access_token_lifetime);
  write_seconds(writer, "idle_lifetime", client.idle_lifetime);
  write_seconds(writer, "absolute_lifetime", client.absolute_lifetime);
  return std::move(writer.end_object()).take();
}

Result<Client> client_from_json(std::string_view text) {
  json::Parser parser;
  GH_TRY(const json::Value root, parser.parse(text));
  if (!root.is_object()) return fail(Failure::malformed, "a client is a JSON object");
  json::MemberReader reader(root);
  Client client{.id = reader.text("id"),
                .name = reader.text("name"),
                .secrets = read_secrets(reader),
                .keys = {},
                .grants = reader.list("grants"),
                .scopes = reader.list("scopes"),
                .audiences = reader.list("audiences"),
                .origins = reader.list("origins"),
                .is_first_party = reader.flag("first_party"),
                .may_introspect = reader.flag("may_introspect"),
                .is_disabled = reader.flag("disabled"),
                .access_token_lifetime = reader.seconds("access_token_lifetime"),
                .idle_lifetime = reader.seconds("idle_lifetime"),
                .absolute_lifetime = reader.seconds("absolute_lifetime")};
  if (const auto keys = root.find("keys")) client.keys = keys->dump();
  if (reader.fault()) return fail(Failure::malformed, *reader.fault());
  if (client.id.empty()) return fail(Failure::malformed, "'id' has to be a string that is not empty");
  return client;
}

}  // namespace gatehouse::stores
