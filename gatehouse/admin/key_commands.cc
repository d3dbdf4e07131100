// Keys — what the issuer signs with, and what it has signed with.
#include <fmt/format.h>

#include <utility>

#include "gatehouse/admin/admin_command.h"

namespace gatehouse::admin {
namespace {

using stores::StoredKey;

void write(json::Writer& writer, const StoredKey& key) {
  writer.begin_object().member("kid", key.id).member("purpose", key.purpose);
  writer.member("number", static_cast<std::int64_t>(key.number)).member("state", stores::name(key.state));
  writer.member("created", format_instant(key.created)).member("activates", format_instant(key.activates));
  if (key.retired) writer.member("retired", format_instant(*key.retired));
  if (key.removes) writer.member("removes", format_instant(*key.removes));
  if (!key.wrapping_key.empty()) writer.member("wrapping_key", key.wrapping_key);
  writer.end_object();
}

Task<Result<AdminReply>> list_keys(const AdminServices& to, AdminInput&) {
  GH_CO_TRY(const std::vector<StoredKey> keys, co_await to.store.keys().list());
  json::Writer writer;
  writer.begin_object().name("keys").begin_array();
  for (const StoredKey& key : keys) write(writer, key);
  co_return AdminReply{std::move(writer.end_array().end_object()).take()};
}

AdminReply active(std::string_view name, const std::string& kid, std::string subject) {
  json::Writer writer;
  writer.begin_object().member(name, kid).end_object();
  return {.json = std::move(writer).take(), .subject = std::move(subject)};
}

Task<Result<AdminReply>> rotate(const AdminServices& to, AdminInput& input) {
  const std::string wanted = input.text("algorithm");
  GH_CO_CHECK(input.fault());
  const auto& offered = to.server.keys().options().algorithms;
  std::optional<jose::Algorithm> algorithm;
  for (const jose::Algorithm one : offered)
    if (wanted.empty() || jose::name(one) == wanted) {
      algorithm = one;
      break;
    }
  if (!algorithm) co_return fail(Failure::malformed, fmt::format("this issuer has no keys for '{}'", wanted));
  GH_CO_TRY(std::string kid, co_await to.server.keys().rotate(*algorithm));
  co_return active("active", kid, kid);
}

Task<Result<AdminReply>> compromise(const AdminServices& to, AdminInput& input) {
  const std::string kid = input.route("kid");
  GH_CO_TRY(std::string successor, co_await to.server.compromise_key(kid));
  co_return active("active", successor, kid);
}

Task<Result<AdminReply>> rewrap(const AdminServices& to, AdminInput&) {
  GH_CO_TRY(const std::size_t count, co_await to.server.keys().rewrap());
  json::Writer writer;
  writer.begin_object().member("rewrapped", count).end_object();
  co_return AdminReply{std::move(writer).take()};
}

}  // namespace

std::vector<AdminCommand> key_commands() {
  return {
      {"GET", "/keys", "", list_keys},
      {"POST", "/keys/rotate", "key.rotated", rotate, {"algorithm"}},
      {"POST", "/keys/{kid}/compromise", "key.compromised", compromise},
      {"POST", "/keys/rewrap", "key.rewrapped", rewrap},
  };
}

}  // namespace gatehouse::admin
