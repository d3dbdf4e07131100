#include "gatehouse/issuer/account_endpoints.h"

#include <fmt/format.h>

#include <utility>

#include "gatehouse/base/ascii.h"
#include "gatehouse/base/digest.h"
#include "gatehouse/base/json.h"
#include "gatehouse/issuer/account_http.h"
#include "gatehouse/issuer/login_http.h"
#include "gatehouse/issuer/user_lookup.h"

namespace gatehouse::issuer {
namespace {

using stores::SessionEnd;
using stores::SessionSelection;

http::Response no_content() { return never_cached(http::results::no_content()); }

// What was typed as a name may be a password by mistake: the log gets no more than tells two apart.
std::string short_hash(std::string_view name) {
  std::string text = "sha256:";
  for (const char octet : sha256(to_lower(name)).substr(0, 4))
    text += fmt::format("{:02x}", static_cast<unsigned char>(octet));
  return text;
}

}  // namespace

Task<std::expected<AccountEndpoints::Started, http::Response>> AccountEndpoints::start_session(
    const http::Request& from) {
  auto body = read_account_request(from);
  if (!body) co_return std::unexpected(account_bad_request(body.error()));
  if (body->email.empty() || body->password.empty())
    co_return std::unexpected(
        account_bad_request({Failure::malformed, "email and password have to be strings"}));
  const auto client = co_await to_.clients.find(std::move(body->client_id), from);
  if (!client) co_return std::unexpected(client.error());
  auto attempt =
      make_login_request(std::move(body->email), std::move(body->password), from, options_.trusted_proxies);
  const std::string who = short_hash(attempt.email);
  auto known = co_await to_.login.login(std::move(attempt));
  if (!known) {
    stores::AuditEvent event{.event = "login.failed",
                             .subject = who,
                             .client = client->id,
                             .address = to_.throttle.address_of(from),
                             .reason = std::string(code(known.error().kind))};
    co_await to_.audit(std::move(event));
    co_return std::unexpected(never_cached(login_refusal(known.error())));
  }
  GrantRequest request{.scope = std::move(body->scope),
                       .audience = {},
                       .address = to_.throttle.address_of(from),
                       .device = std::move(body->device),
                       .request_id = {}};
  auto granted = co_await to_.grants.start(*client, std::move(known->user), std::move(request));
  if (!granted) co_return std::unexpected(to_account_response(granted.error()));
  stores::AuditEvent event{.event = "login.succeeded",
                           .actor = granted->session.user_id,
                           .client = client->id,
                           .sid = granted->session.sid,
                           .address = to_.throttle.address_of(from)};
  co_await to_.audit(std::move(event));
  co_return Started{.granted = *std::move(granted), .device_token = std::move(known->device_token)};
}

Task<std::expected<GrantedTokens, http::Response>> AccountEndpoints::renew_session(
    const http::Request& from, std::string client_id, std::string refresh_token) {
  const auto client = co_await to_.clients.find(std::move(client_id), from);
  if (!client) co_return std::unexpected(client.error());
  GrantRequest request{
      .scope = {}, .audience = {}, .address = to_.throttle.address_of(from), .device = {}, .request_id = {}};
  auto granted = co_await to_.grants.refresh(*client, std::move(refresh_token), std::move(request));
  if (!granted && granted.error().is_guess) to_.throttle.failed(from, client->id);
  if (!granted) co_return std::unexpected(to_account_response(granted.error()));
  co_return *std::move(granted);
}

void AccountEndpoints::remember(http::Response& response, const Started& started) const {
  remember_device(response, started.device_token, to_.login.device_lifetime());
}

Task<http::Response> AccountEndpoints::log_in(http::HttpContext& context) {
  const auto started = co_await start_session(context.request);
  if (!started) co_return started.error();
  http::Response response = to_account_response(started->granted);
  remember(response, *started);
  co_return response;
}

Task<http::Response> AccountEndpoints::refresh(http::HttpContext& context) {
  auto body = read_account_request(context.request);
  if (!body) co_return account_bad_request(body.error());
  const auto granted =
      co_await renew_session(context.request, std::move(body->client_id), std::move(body->refresh_token));
  co_return granted ? to_account_response(*granted) : granted.error();
}

Task<std::expected<AccountEndpoints::Caller, http::Response>> AccountEndpoints::find_caller(
    http::HttpContext& context) {
  const auto token = co_await to_.tokens.find(std::string(bearer_token(context.request)));
  if (!token && is_trouble(token.error())) co_return std::unexpected(account_problem(token.error()));
  if (token) {
    std::string client_id(token->claims.find_string("client_id").value_or(""));
    co_await to_.clients.note(context, std::move(client_id));
  }
  const auto sid = token ? token->claims.find_string("sid") : std::nullopt;
  // Sessions are the user's own: whoever acts for the user has no say in them.
  if (!sid || token->claims.find("act")) co_return std::unexpected(account_unauthorized());
  co_return Caller{.user_id = std::string(token->claims.subject().value_or("")), .sid = std::string(*sid)};
}

Task<std::expected<AccountEndpoints::Caller, http::Response>> AccountEndpoints::find_caller_by_refresh_token(
    http::HttpContext& context, std::string token) {
  const auto found = co_await to_.sessions.find(std::move(token));
  if (!found && found.error().kind != Failure::not_found)
    co_return std::unexpected(account_problem(found.error()));
  if (!found) co_return std::unexpected(account_unauthorized());
  co_await to_.clients.note(context, found->session.client_id);
  co_return Caller{.user_id = found->session.user_id, .sid = found->session.sid};
}

Task<http::Response> AccountEndpoints::log_out(http::HttpContext& context) {
  AccountRequest body;
  if (!context.request.body.empty()) {
    auto read = read_account_request(context.request);
    if (!read) co_return account_bad_request(read.error());
    body = *std::move(read);
  }
  auto by_token = body.refresh_token.empty()
                      ? find_caller(context)
                      : find_caller_by_refresh_token(context, std::move(body.refresh_token));
  const auto caller = co_await std::move(by_token);
  if (!caller) co_return caller.error();
  SessionSelection which{.by = SessionSelection::By::sid, .value = caller->sid};
  if (body.all) which = {.by = SessionSelection::By::user, .value = caller->user_id};
  const auto ended = co_await to_.sessions.end(std::move(which), SessionEnd::logout);
  co_return ended ? no_content() : account_problem(ended.error());
}

Task<http::Response> AccountEndpoints::list_sessions(http::HttpContext& context) {
  const auto caller = co_await find_caller(context);
  if (!caller) co_return caller.error();
  const auto sessions = co_await to_.sessions.list(caller->user_id);
  if (!sessions) co_return account_problem(sessions.error());
  json::Writer writer;
  writer.begin_array();
  for (const stores::Session& session : *sessions) {
    writer.begin_object().member("sid", session.sid).member("client", session.client_id);
    writer.member("created", format_instant(session.created));
    if (session.rotated) writer.member("last_refresh", format_instant(*session.rotated));
    writer.member("ip", session.address).member("device", session.device);
    writer.member("current", session.sid == caller->sid).end_object();
  }
  co_return never_cached(http::results::ok(std::move(writer.end_array()).take()));
}

Task<http::Response> AccountEndpoints::end_session(http::HttpContext& context) {
  const auto caller = co_await find_caller(context);
  if (!caller) co_return caller.error();
  SessionSelection which{.by = SessionSelection::By::sid,
                         .value = std::string(context.route.get("sid")),
                         .user_id = caller->user_id};
  const auto ended = co_await to_.sessions.end(std::move(which), SessionEnd::logout);
  if (!ended) co_return account_problem(ended.error());
  co_return ended->empty() ? never_cached(http::results::not_found()) : no_content();
}

// The epoch goes up first: whoever proves the old password at this moment gets a session that never
// refreshes.
Task<Result<std::uint32_t>> AccountEndpoints::set_password(stores::User user, std::string password) {
  const auto hash = co_await to_.login.hash(std::move(password));
  if (!hash) co_return std::unexpected(hash.error());
  auto job = [this, user = std::move(user), hash = *hash]() -> Result<std::uint32_t> {
    GH_CHECK(to_.users.raise_epoch(user.id));
    GH_CHECK(to_.users.set_password_hash(user.id, hash));
    GH_TRY(const stores::User changed, to_.users.find_by_id(user.id));
    return changed.epoch;
  };
  co_return co_await run_blocking(to_.pool, std::move(job));
}

Task<http::Response> AccountEndpoints::change_password(http::HttpContext& context) {
  auto body = read_account_request(context.request);
  if (!body) co_return account_bad_request(body.error());
  if (body->current.empty() || body->fresh.empty())
    co_return account_bad_request({Failure::malformed, "current and new have to be strings"});
  const auto caller = co_await find_caller(context);
  if (!caller) co_return caller.error();
  const auto user = co_await find_user(to_.users, to_.pool, caller->user_id);
  if (!user)
    co_return user.error().kind == Failure::not_found ? account_unauthorized()
                                                      : account_problem(user.error());
  if (options_.password_rules)
    if (const auto rules = options_.password_rules(body->fresh, *user); !rules)
      co_return account_bad_request(rules.error());

  auto attempt =
      make_login_request(user->email, std::move(body->current), context.request, options_.trusted_proxies);
  const auto proven = co_await to_.login.login(std::move(attempt));
  if (!proven) co_return never_cached(login_refusal(proven.error()));
  const auto epoch = co_await set_password(*user, std::move(body->fresh));
  if (!epoch) co_return account_problem(epoch.error());
  const auto kept = co_await to_.sessions.keep(caller->sid, *epoch);
  if (!kept) co_return account_problem(kept.error());
  SessionSelection others{
      .by = SessionSelection::By::user, .value = caller->user_id, .except_sid = caller->sid};
  const auto ended = co_await to_.sessions.end(std::move(others), SessionEnd::password_change);
  stores::AuditEvent event{.event = "user.password_changed",
                           .actor = caller->user_id,
                           .subject = caller->user_id,
                           .sid = caller->sid,
                           .address = to_.throttle.address_of(context.request)};
  co_await to_.audit(std::move(event));
  co_return ended ? no_content() : account_problem(ended.error());
}

}  // namespace gatehouse::issuer
