// Sessions and revocations — what comes to an end before its time.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "gatehouse/admin/admin_command.h"

namespace gatehouse::admin {
namespace {

using revocation::DenyKind;
using stores::SessionEnd;
using stores::SessionSelection;

void write(json::Writer& writer, const stores::Session& session) {
  writer.begin_object().member("sid", session.sid).member("client", session.client_id);
  writer.member("scope", session.scope).member("created", format_instant(session.created));
  writer.member("last_refresh", format_instant(session.rotated.value_or(session.created)));
  writer.member("expires", format_instant(std::min(session.idle_expires, session.absolute_expires)));
  writer.member("address", session.address).member("device", session.device).end_object();
}

Task<Result<AdminReply>> list_sessions(const AdminServices& to, AdminInput& input) {
  GH_CO_TRY(const stores::User user, co_await find_user(to, input.route("who")));
  GH_CO_TRY(const auto sessions, co_await to.server.sessions().list(user.id));
  json::Writer writer;
  writer.begin_object().name("sessions").begin_array();
  for (const stores::Session& session : sessions) write(writer, session);
  co_return AdminReply{std::move(writer.end_array().end_object()).take()};
}

Task<Result<void>> end_session(const AdminServices& to, std::string sid) {
  SessionSelection which{.by = SessionSelection::By::sid, .value = sid};
  GH_CO_TRY(const auto ended, co_await to.server.sessions().end(std::move(which), SessionEnd::admin));
  if (ended.empty())
    co_return fail(Failure::not_found, fmt::format("there is no session '{}' that is alive", sid));
  co_return Result<void>();
}

AdminReply revoked(std::string_view kind, std::string value) {
  json::Writer writer;
  writer.begin_object().member("kind", kind).member("value", value).end_object();
  return {.json = std::move(writer).take(), .subject = std::move(value)};
}

Task<Result<AdminReply>> revoke_session(const AdminServices& to, AdminInput& input) {
  const std::string sid = input.route("sid");
  GH_CO_CHECK(co_await end_session(to, sid));
  co_return revoked("sid", sid);
}

// An access token is revoked by its own name; a refresh token with the session that it carries on.
Task<Result<AdminReply>> revoke_token(const AdminServices& to, std::string text) {
  if (const auto token = to.server.tokens().validate(text)) {
    const auto id = token->claims.find_string("jti");
    if (!id) co_return fail(Failure::malformed, "the token has no jti; revoke its session or its user");
    std::string value(*id);
    GH_CO_CHECK(co_await to.server.revoke(DenyKind::token, value));
    co_return revoked("jti", std::move(value));
  }
  const auto found = co_await to.server.sessions().find(std::move(text));
  if (!found && found.error().kind == Failure::not_found)
    co_return fail(Failure::not_found, "that is no token of this issuer, or it is over already");
  if (!found) co_return std::unexpected(found.error());
  GH_CO_CHECK(co_await end_session(to, found->session.sid));
  co_return revoked("sid", found->session.sid);
}

Task<Result<AdminReply>> revoke(const AdminServices& to, AdminInput& input) {
  const std::string kind = input.text("kind");
  const std::string value = input.text("value");
  std::string token = input.text("token");
  GH_CO_CHECK(input.fault());
  if (!token.empty()) co_return co_await revoke_token(to, std::move(token));
  const auto known = revocation::find_deny_kind(kind);
  if (!known || *known == DenyKind::key || value.empty())
    co_return fail(
        Failure::malformed,
        "'kind' has to be jti, sid, sub or client, and 'value' not empty; a key is compromised instead");
  if (*known == DenyKind::session) {
    GH_CO_CHECK(co_await end_session(to, value));
  } else if (*known == DenyKind::subject) {
    GH_CO_TRY(const stores::User user, co_await find_user(to, value));
    GH_CO_CHECK(co_await sign_out(to, user.id, SessionEnd::admin));
  } else if (*known == DenyKind::client) {
    GH_CO_CHECK(co_await end_client(to, value, SessionEnd::admin));
  } else {
    GH_CO_CHECK(co_await to.server.revoke(*known, value));
  }
  co_return revoked(kind, value);
}

}  // namespace

std::vector<AdminCommand> session_commands() {
  return {
      {"GET", "/users/{who}/sessions", "", list_sessions},
      {"DELETE", "/sessions/{sid}", "session.revoked", revoke_session},
      {"POST", "/revocations", "revoked", revoke, {"kind", "value", "token"}},
  };
}

}  // namespace gatehouse::admin
