#include "gatehouse/issuer/external_login_endpoints.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "gatehouse/base/json.h"
#include "gatehouse/base/random.h"
#include "gatehouse/issuer/account_http.h"
#include "gatehouse/issuer/live_tokens.h"
#include "gatehouse/issuer/login_http.h"
#include "gatehouse/issuer/stamp.h"
#include "gatehouse/issuer/user_lookup.h"

namespace gatehouse::issuer {
namespace {

constexpr std::size_t largest_body = std::size_t{24} * 1024;  // a token has 16 KiB at most
constexpr std::string_view nonce_purpose = "gh_nonce/1";

// What the signature covers: of one token there may be several signatures that hold.
std::string signed_part(const std::string& token) { return token.substr(0, token.rfind('.')); }

}  // namespace

Result<void> ExternalLoginOptions::check() const {
  for (const ExternalIssuer& issuer : issuers) {
    GH_CHECK(issuer::check(issuer));
    if (std::ranges::count(issuers, issuer.issuer(), &ExternalIssuer::issuer) > 1)
      return fail(Failure::configuration_invalid,
                  fmt::format("two external issuers are '{}'", issuer.issuer()));
  }
  if (!issuers.empty() && !validate)
    return fail(Failure::configuration_invalid,
                "external issuers take a 'validate', as make_external_validator() makes it");
  return {};
}

Task<http::Response> ExternalLoginEndpoints::give_nonce(http::HttpContext& context) {
  auto body = read_account_request(context.request);
  if (!body) co_return account_bad_request(body.error());
  const auto client = co_await to_.clients.find(std::move(body->client_id), context.request);
  if (!client) co_return client.error();
  json::Writer writer;
  writer.begin_object().member("nonce", make_stamp(to_.key(), nonce_purpose, client->id, to_.clock.now()));
  writer.member("expiresIn", static_cast<std::int64_t>(options_.nonce_lifetime.count())).end_object();
  co_return never_cached(http::results::ok(std::move(writer).take()));
}

// Nothing is remembered of a token before all else about it is right.
Result<void> ExternalLoginEndpoints::use_up(const std::string& token, const ExternalIdentity& identity,
                                            const std::string& client_id, Instant until) {
  const Instant now = to_.clock.now();
  std::string once = identity.issuer + '\n' + signed_part(token);
  if (!identity.nonce.empty()) {
    const auto name =
        read_stamp(identity.nonce, to_.key(), nonce_purpose, client_id, now, options_.nonce_lifetime);
    if (!name) return fail(Failure::refused, "nonce");
    once = "nonce\n" + *name;
    until = now + options_.nonce_lifetime + Seconds(60);
  }
  if (used_.add(once, until, now)) return {};
  return used_.contains(once, now) ? fail(Failure::replayed, identity.nonce.empty() ? "token" : "nonce")
                                   : fail(Failure::overloaded, "logins that are remembered");
}

Task<Result<ExternalLoginEndpoints::Proven>> ExternalLoginEndpoints::prove(const std::string& token,
                                                                           const std::string& client_id) {
  GH_CO_TRY(const auto judged, co_await options_.validate(token));
  const auto claimed = judged.claims.issuer().value_or("");
  const auto issuer = std::ranges::find(options_.issuers, claimed, &ExternalIssuer::issuer);
  if (issuer == options_.issuers.end()) co_return fail(Failure::issuer_invalid, std::string(claimed));
  const Instant now = to_.clock.now();
  GH_CO_TRY(auto identity, read_external_identity(*issuer, judged, now));
  const Instant until = now + issuer->max_age + Seconds(180);  // it is too old by then
  GH_CO_CHECK(use_up(token, identity, client_id, until));
  co_return Proven{.issuer = &*issuer, .identity = std::move(identity)};
}

// By an address that the issuer may speak for; made, where it may do that too. Of two at once one is made.
Task<Result<stores::User>> ExternalLoginEndpoints::find_by_email(const Proven& proven) {
  if (proven.identity.email.empty())
    co_return fail(Failure::credentials_invalid, "no link, no verified email");
  stores::User fresh{.id = random_text(),
                     .email = proven.identity.email,
                     .password_hash = {},  // no password lets this user in
                     .roles = proven.issuer->new_user_roles,
                     .scopes = proven.issuer->new_user_scopes};
  auto job = [&users = to_.users, fresh = std::move(fresh),
              creates = proven.issuer->creates_users]() -> Result<stores::User> {
    auto known = users.find_by_email(fresh.email);
    if (known || known.error().kind != Failure::not_found) return known;
    if (!creates) return fail(Failure::credentials_invalid, "nobody has that email");
    const auto added = users.add(fresh);
    if (!added && added.error().kind == Failure::conflict) return users.find_by_email(fresh.email);
    if (!added) return std::unexpected(added.error());
    return fresh;
  };
  co_return co_await run_blocking(to_.pool, std::move(job));
}

// The link decides. An address is asked about only where there is none, and becomes one: afterwards it may be
// given to somebody else there, who is then another subject, and finds the user taken.
Task<Result<stores::User>> ExternalLoginEndpoints::find_or_link(const Proven& proven) {
  const ExternalIdentity& identity = proven.identity;
  const auto link = co_await to_.logins.find(identity.issuer, identity.subject);
  if (!link && link.error().kind != Failure::not_found) co_return std::unexpected(link.error());
  if (link) {
    auto user = co_await find_user(to_.users, to_.pool, link->user_id);
    if (user || user.error().kind != Failure::not_found) co_return user;
    GH_CO_CHECK(co_await to_.logins.remove(identity.issuer, identity.subject));  // of a user who is gone
  }
  GH_CO_TRY(auto user, co_await find_by_email(proven));
  if (user.disabled) co_return user;
  stores::ExternalLogin made{
      .issuer = identity.issuer, .subject = identity.subject, .user_id = user.id, .created = to_.clock.now()};
  const auto added = co_await to_.logins.add(std::move(made));
  if (added) co_return user;
  if (added.error().kind != Failure::conflict) co_return std::unexpected(added.error());
  const auto other = co_await to_.logins.find(identity.issuer, identity.subject);
  if (other && other->user_id == user.id) co_return user;  // another request was faster
  co_return fail(Failure::credentials_invalid, "the user has another login of that issuer");
}

Task<Result<stores::User>> ExternalLoginEndpoints::find_user_of(const Result<Proven>& proven) {
  if (!proven) co_return std::unexpected(proven.error());
  auto user = co_await find_or_link(*proven);
  if (user && user->disabled) co_return fail(Failure::credentials_invalid, "disabled");
  co_return user;
}

Task<void> ExternalLoginEndpoints::record(std::string event, const http::Request& request,
                                          stores::AuditEvent rest) {
  rest.event = std::move(event);
  rest.address = to_.throttle.address_of(request);
  co_await to_.audit(std::move(rest));
}

Task<http::Response> ExternalLoginEndpoints::log_in(http::HttpContext& context) {
  auto body = read_account_request(context.request, largest_body);
  if (!body) co_return account_bad_request(body.error());
  if (body->token.empty()) co_return account_bad_request({Failure::malformed, "token has to be a string"});
  const auto client = co_await to_.clients.find(std::move(body->client_id), context.request);
  if (!client) co_return client.error();

  const auto proven = co_await prove(body->token, client->id);
  auto user = co_await find_user_of(proven);
  if (!user) {
    if (is_trouble(user.error())) co_return never_cached(login_refusal(user.error()));
    to_.throttle.failed(context.request, client->id);
    stores::AuditEvent event{.subject = proven ? proven->issuer->name : std::string(),
                             .client = client->id,
                             .reason = std::string(code(user.error().kind))};
    co_await record("login.external_failed", context.request, std::move(event));
    co_return account_unauthorized();
  }
  GrantRequest request{.scope = std::move(body->scope),
                       .audience = {},
                       .address = to_.throttle.address_of(context.request),
                       .device = std::move(body->device),
                       .request_id = {},
                       .amr = proven->identity.amr,
                       .authenticated = proven->identity.authenticated};
  const auto granted = co_await to_.grants.start(*client, *std::move(user), std::move(request));
  if (!granted) co_return to_account_response(granted.error());
  stores::AuditEvent event{.actor = granted->session.user_id,
                           .subject = proven->issuer->name,
                           .client = client->id,
                           .sid = granted->session.sid};
  co_await record("login.external", context.request, std::move(event));
  co_return to_account_response(*granted);
}

}  // namespace gatehouse::issuer
