// Records — how the issuer stands, and what has happened to it.
#include <map>
#include <utility>

#include "gatehouse/admin/admin_command.h"
#include "gatehouse/base/base64url.h"

namespace gatehouse::admin {
namespace {

Task<Result<AdminReply>> show_status(const AdminServices& to, AdminInput&) {
  GH_CO_TRY(const auto keys, co_await to.store.keys().list());
  GH_CO_TRY(const std::size_t sessions, co_await to.store.sessions().count());
  GH_CO_TRY(const auto clients, co_await to.server.clients().list());
  auto count = [&users = to.users] { return users.count(); };
  GH_CO_TRY(const std::size_t users, co_await run_blocking(to.pool, std::move(count)));

  const auto signs = to.server.keys().signing_credentials();
  std::map<std::string_view, int> states;
  for (const stores::StoredKey& key : keys)
    if (key.purpose.starts_with("sign:")) ++states[stores::name(key.state)];
  const Instant now = to.clock.now();
  json::Writer writer;
  writer.begin_object().member("issuer", to.server.issuer()).member("now", format_instant(now));
  writer.member("clock_behind", std::chrono::duration_cast<Seconds>(
                                    std::max(to.store.latest() - now, Instant::duration::zero()))
                                    .count());
  writer.member("signs", signs.has_value());
  if (!signs) writer.member("why_not", describe(signs.error()));
  writer.name("signing_keys").begin_object();
  for (const auto& [state, number] : states) writer.member(state, number);
  writer.end_object();
  writer.member("users", users).member("clients", clients.size()).member("sessions", sessions);
  co_return AdminReply{std::move(writer.end_object()).take()};
}

void write(json::Writer& writer, const stores::AuditEntry& entry) {
  const stores::AuditEvent& event = entry.event;
  writer.begin_object().member("seq", entry.sequence).member("at", format_instant(event.at));
  writer.member("event", event.event);
  const std::pair<const char*, const std::string&> members[] = {
      {"actor", event.actor}, {"subject", event.subject}, {"client", event.client},
      {"sid", event.sid},     {"address", event.address}, {"reason", event.reason}};
  for (const auto& [name, value] : members)
    if (!value.empty()) writer.member(name, value);
  writer.member("hash", base64url::encode(entry.hash)).end_object();
}

Task<Result<AdminReply>> list_audit(const AdminServices& to, AdminInput& input) {
  const std::uint64_t after = input.number("after");
  const std::size_t most = input.most();
  GH_CO_CHECK(input.fault());
  GH_CO_TRY(const auto entries, co_await to.store.audit().after(after, most));
  json::Writer writer;
  writer.begin_object().name("entries").begin_array();
  for (const stores::AuditEntry& entry : entries) write(writer, entry);
  co_return AdminReply{std::move(writer.end_array().end_object()).take()};
}

Task<Result<AdminReply>> verify_audit(const AdminServices& to, AdminInput&) {
  GH_CO_TRY(const stores::AuditVerdict verdict, co_await stores::verify_chain(to.store.audit()));
  json::Writer writer;
  writer.begin_object().member("entries", verdict.entries);
  writer.member("newest_hash", base64url::encode(verdict.newest_hash)).name("first_broken");
  verdict.first_broken ? writer.value(*verdict.first_broken) : writer.null();
  co_return AdminReply{std::move(writer.end_object()).take()};
}

}  // namespace

std::vector<AdminCommand> record_commands() {
  return {
      {"GET", "/status", "", show_status},
      {"GET", "/audit", "", list_audit},
      {"GET", "/audit/verify", "", verify_audit},
  };
}

}  // namespace gatehouse::admin
