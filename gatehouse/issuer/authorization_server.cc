#include "gatehouse/issuer/authorization_server.h"

#include <fmt/format.h>

#include <tuple>
#include <utility>

#include "gatehouse/issuer/password_policy.h"
#include "gatehouse/issuer/scope.h"

namespace gatehouse::issuer {
namespace {

constexpr std::size_t clean_up_batch = 500;
constexpr std::size_t forgetting_batch = 5000;
constexpr Seconds kept_after_end = std::chrono::days(7);
constexpr std::string_view feed_scope = "gatehouse.feed";

Task<http::Response> unauthorized() { co_return never_cached(http::results::unauthorized()); }
Task<http::Response> forbidden() { co_return never_cached(http::results::status(403)); }

std::unexpected<Error> refuse(std::string why) {
  return fail(Failure::configuration_invalid, std::move(why));
}

Result<void> check(const AuthorizationServerOptions& options) {
  const std::string& issuer = options.issuer;
  const bool is_url = issuer.starts_with("https://") || issuer.starts_with("http://");
  if (!is_url || issuer.ends_with('/') || issuer.find_first_of("?# ") != issuer.npos)
    return refuse(
        fmt::format("issuer '{}' has to be a URL without query, fragment or a slash at the end, as "
                    "https://id.example.com",
                    issuer));
  const Seconds lifetime = options.access_token_lifetime;
  if (lifetime < Seconds(60) || lifetime > options.keys.readers.longest_token)
    return refuse(fmt::format("access_token_lifetime {} s has to be from 60 s to longest_token, {} s",
                              lifetime.count(), options.keys.readers.longest_token.count()));
  const RotationOptions& rotation = options.sessions.rotation;
  if (rotation.grace < Seconds(0) || rotation.grace > Seconds(300))
    return refuse(fmt::format("grace {} s has to be from 0 s to 300 s", rotation.grace.count()));
  return {};
}

revocation::DenyLifetimes lifetimes_of(const AuthorizationServerOptions& options) {
  return {.token = options.keys.readers.longest_token + options.keys.readers.clock_skew};
}

AssertionRules rules_of(const AuthorizationServerOptions& options) {
  return {.audiences = {options.issuer, options.issuer + "/connect/token"}};
}

Result<std::function<Result<void>(std::string_view, const stores::User&)>> usual_password_rules() {
  auto policy = PasswordPolicy::make();
  if (!policy) policy = PasswordPolicy::make({.blocklist = {}});
  if (!policy) return std::unexpected(policy.error());
  return [policy = *std::move(policy)](std::string_view password, const stores::User& user) {
    return policy.check(password, {.email = user.email});
  };
}

std::string path_of(const std::string& issuer) {
  const std::size_t path = issuer.find('/', issuer.find("://") + 3);
  return path == std::string::npos ? std::string() : issuer.substr(path);
}

}  // namespace

Task<Result<std::unique_ptr<AuthorizationServer>>> AuthorizationServer::open(
    stores::Store& store, stores::UserStore& users, LoginService& login, KeyWrapper wrapper,
    AuthorizationServerOptions options, const Clock& clock) {
  GH_CO_CHECK(check(options));
  GH_CO_CHECK(options.external.check());
  if (!options.accounts.password_rules) {
    GH_CO_TRY(options.accounts.password_rules, usual_password_rules());
  }
  options.sessions.longest_token = options.keys.readers.longest_token;
  options.sessions.clock_skew = options.keys.readers.clock_skew;
  auto pool = std::make_unique<WorkerPool>("issuer", 2, 1000);
  GH_CO_TRY(auto keys, co_await KeyRing::open(store.keys(), std::move(wrapper), options.keys, *pool, clock));
  std::unique_ptr<AuthorizationServer> server(new AuthorizationServer(
      store, users, login, std::move(pool), std::move(keys), std::move(options), clock));
  GH_CO_CHECK(co_await server->feed_->catch_up());
  if (server->options_.post_after) server->feed_->follow();
  co_return server;
}

AuthorizationServer::AuthorizationServer(stores::Store& store, stores::UserStore& users, LoginService& login,
                                         std::unique_ptr<WorkerPool> pool, std::unique_ptr<KeyRing> keys,
                                         AuthorizationServerOptions options, const Clock& clock)
    : store_(store),
      clock_(clock),
      options_(std::move(options)),
      pool_(std::move(pool)),
      keys_(std::move(keys)),
      feed_(DenyFeed::make({.issuer = options_.issuer, .lifetimes = lifetimes_of(options_)},
                           store.revocations(), deny_list_, options_.post_after, clock)),
      known_clients_(store.clients(), clock),
      catalog_(known_clients_, clock),
      cross_origin_(catalog_),
      throttle_(options_.throttle, options_.accounts.trusted_proxies, clock),
      clients_(known_clients_, assertions_, rules_of(options_), throttle_, clock),
      sessions_(
          store.sessions(), [this] { return keys_->refresh_format(); }, session_options(), clock),
      tokens_(
          {.issuer = options_.issuer, .audience = {}, .lifetime = options_.access_token_lifetime},
          [this] { return keys_->signing_credentials(); }, clock),
      grants_(sessions_, users, tokens_, *pool_),
      validator_(options_.issuer, *keys_, clock),
      live_tokens_(
          validator_, [this](const tokens::Token& token, Instant now) { return is_revoked(token, now); },
          sessions_, clock),
      exchange_({.tokens = live_tokens_,
                 .clients = known_clients_,
                 .users = users,
                 .pool = *pool_,
                 .issue = tokens_,
                 .audit = audit()}),
      token_endpoint_(clients_, grants_, exchange_, throttle_),
      revocation_endpoints_(clients_, sessions_, *feed_, validator_, live_tokens_),
      first_party_(known_clients_, options_.accounts.default_client, throttle_),
      account_endpoints_({.login = login,
                          .grants = grants_,
                          .sessions = sessions_,
                          .clients = first_party_,
                          .users = users,
                          .tokens = live_tokens_,
                          .audit = audit(),
                          .pool = *pool_,
                          .throttle = throttle_},
                         options_.accounts),
      browser_endpoints_(account_endpoints_, sessions_, path_of(options_.issuer)),
      external_endpoints_({.clients = first_party_,
                           .grants = grants_,
                           .logins = store.external_logins(),
                           .users = users,
                           .pool = *pool_,
                           .key = [this] { return keys_->device_key(); },
                           .audit = audit(),
                           .throttle = throttle_,
                           .clock = clock},
                          options_.external) {}

SessionOptions AuthorizationServer::session_options() {
  SessionOptions options = options_.sessions;
  options.on_ended = [this](std::vector<std::string> sids, stores::SessionEnd reason) {
    return announce(std::move(sids), reason);
  };
  return options;
}

// What was ended is in the store: when this fails, the next look at the log makes up for it.
Task<void> AuthorizationServer::announce(std::vector<std::string> sids, stores::SessionEnd reason) {
  std::ignore = co_await feed_->catch_up();
  for (std::string& sid : sids) {
    stores::AuditEvent event{
        .event = "session.ended", .sid = std::move(sid), .reason = std::string(name(reason))};
    co_await record(std::move(event));
  }
}

Task<void> AuthorizationServer::record(stores::AuditEvent event) {
  event.at = clock_.now();
  const auto written = co_await store_.audit().append(std::move(event));
  if (!written && options_.on_audit_failure) options_.on_audit_failure(written.error());
}

bool AuthorizationServer::is_revoked(const tokens::Token& token, Instant now) const {
  return deny_list_->find(revocation::marks_of(token), now).has_value();
}

// A follower shows a token of ours with the scope for it.
http::Handler AuthorizationServer::for_followers(http::Handler handler) const {
  return [this, handler = std::move(handler)](http::HttpContext& context) -> Task<http::Response> {
    const auto token = validator_.validate(bearer_token(context.request));
    if (!token || is_revoked(*token, clock_.now())) return unauthorized();
    const auto scope = read_scope(token->claims.find_string("scope").value_or(""));
    if (!scope || !has_name(*scope, feed_scope)) return forbidden();
    return handler(context);
  };
}

Task<Result<void>> AuthorizationServer::revoke(revocation::DenyKind kind, std::string value) {
  GH_CO_CHECK(co_await feed_->revoke(kind, value));
  stores::AuditEvent event{
      .event = fmt::format("revoked.{}", name(kind)), .actor = "operator", .subject = std::move(value)};
  co_await record(std::move(event));
  co_return Result<void>();
}

Task<Result<std::string>> AuthorizationServer::compromise_key(std::string id) {
  GH_CO_TRY(std::string successor, co_await keys_->compromise(id));
  GH_CO_CHECK(co_await feed_->revoke(revocation::DenyKind::key, id));
  stores::AuditEvent event{.event = "key.compromised", .actor = "operator", .subject = std::move(id)};
  co_await record(std::move(event));
  co_return successor;
}

std::vector<AuthorizationServer::Route> AuthorizationServer::routes() {
  const std::string path = path_of(options_.issuer);
  std::vector<Route> routes;
  const auto add = [&](const char* method, std::string pattern, http::Handler handler) {
    routes.push_back({.method = method, .pattern = std::move(pattern), .handler = std::move(handler)});
  };
  const auto calls = [](auto& endpoints, auto handle) -> http::Handler {
    return [&endpoints, handle](http::HttpContext& context) { return (endpoints.*handle)(context); };
  };
  // For servers, and for pages of the issuer's own origin.
  const auto add_own = [&](const char* method, std::string_view pattern, auto& endpoints, auto handle) {
    add(method, path + std::string(pattern), calls(endpoints, handle));
  };
  // For pages of other origins too, whose browsers ask first.
  const auto add_shared = [&](const char* method, std::string_view pattern, auto& endpoints, auto handle) {
    add(method, path + std::string(pattern), cross_origin_.readable(calls(endpoints, handle)));
    add("OPTIONS", path + std::string(pattern), cross_origin_.preflight(method));
  };
  const auto add_public = [&](std::string pattern, http::Handler handler) {
    add("GET", pattern, std::move(handler));
    add("OPTIONS", std::move(pattern), make_public_preflight());
  };
  add_shared("POST", "/connect/token", token_endpoint_, &TokenEndpoint::handle);
  add_shared("POST", "/connect/revoke", revocation_endpoints_, &RevocationEndpoints::revoke);
  add_own("POST", "/connect/introspect", revocation_endpoints_, &RevocationEndpoints::introspect);
  add_shared("POST", "/connect/logout", account_endpoints_, &AccountEndpoints::log_out);
  add_shared("POST", "/login", account_endpoints_, &AccountEndpoints::log_in);
  if (!options_.external.issuers.empty()) {
    add_shared("POST", "/login/external", external_endpoints_, &ExternalLoginEndpoints::log_in);
    add_shared("POST", "/login/external/nonce", external_endpoints_, &ExternalLoginEndpoints::give_nonce);
  }
  add_shared("POST", "/refresh", account_endpoints_, &AccountEndpoints::refresh);
  add_shared("POST", "/logout", account_endpoints_, &AccountEndpoints::log_out);
  add_own("POST", "/session/login", browser_endpoints_, &BrowserEndpoints::log_in);
  add_own("POST", "/session/refresh", browser_endpoints_, &BrowserEndpoints::refresh);
  add_own("POST", "/session/logout", browser_endpoints_, &BrowserEndpoints::log_out);
  add_shared("GET", "/me/sessions", account_endpoints_, &AccountEndpoints::list_sessions);
  add_shared("DELETE", "/me/sessions/{sid}", account_endpoints_, &AccountEndpoints::end_session);
  add_shared("POST", "/me/password", account_endpoints_, &AccountEndpoints::change_password);

  add("GET", path + "/feeds/deny", for_followers(feed_->feed_endpoint()));
  add("GET", path + "/feeds/deny/snapshot", for_followers(feed_->snapshot_endpoint()));

  const IssuerMetadata metadata{
      .issuer = options_.issuer,
      .grants = {"client_credentials", "refresh_token", std::string(token_exchange_grant)},
      .scopes = {},
      .has_deny_feed = true};
  add_public(path + "/.well-known/openid-configuration", make_metadata_endpoint(metadata, *keys_, catalog_));
  add_public(authorization_server_metadata_path(options_.issuer),
             make_metadata_endpoint(metadata, *keys_, catalog_));
  add_public(path + "/.well-known/jwks.json", make_key_set_endpoint(*keys_));
  return routes;
}

Task<Result<void>> AuthorizationServer::maintain() {
  GH_CO_CHECK(co_await keys_->refresh());
  GH_CO_CHECK(co_await feed_->catch_up());
  const Instant now = clock_.now();
  const Instant too_old = now - options_.sessions.rotation.recovery_time;
  GH_CO_TRY(successors_seen_,
            co_await store_.sessions().forget_successors(too_old, successors_seen_, forgetting_batch));
  co_return co_await clean_up();
}

// In steps, so that who logs in or refreshes comes in between.
Task<Result<void>> AuthorizationServer::clean_up() {
  const Instant begun = clock_.now();
  for (;;) {
    GH_CO_TRY(const std::size_t sessions,
              co_await store_.sessions().remove_expired(begun - kept_after_end, clean_up_batch));
    GH_CO_TRY(const std::size_t revocations,
              co_await store_.revocations().remove_over(begun, clean_up_batch));
    const bool is_clean = sessions < clean_up_batch && revocations < clean_up_batch;
    const bool is_long = clock_.now() - begun >= options_.keys.readers.poll / 2;
    if (is_clean || is_long) co_return Result<void>();
  }
}

}  // namespace gatehouse::issuer
