/// AuthorizationServer — an issuer, whole: its keys, its sessions and its endpoints over one store (RFC 6749
/// §1.1).
///
/// Knows no sockets: a host maps `routes()` and calls `maintain()` now and then.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "gatehouse/http/endpoint.h"
#include "gatehouse/issuer/account_endpoints.h"
#include "gatehouse/issuer/browser_endpoints.h"
#include "gatehouse/issuer/client_authentication.h"
#include "gatehouse/issuer/client_cache.h"
#include "gatehouse/issuer/client_catalog.h"
#include "gatehouse/issuer/cross_origin.h"
#include "gatehouse/issuer/deny_feed.h"
#include "gatehouse/issuer/external_login_endpoints.h"
#include "gatehouse/issuer/key_ring.h"
#include "gatehouse/issuer/metadata_endpoints.h"
#include "gatehouse/issuer/revocation_endpoints.h"
#include "gatehouse/issuer/token_endpoint.h"
#include "gatehouse/issuer/token_exchange.h"
#include "gatehouse/revocation/deny_list.h"
#include "gatehouse/stores/store.h"
#include "gatehouse/tokens/memory_replay_cache.h"

namespace gatehouse::issuer {

struct AuthorizationServerOptions {
  std::string issuer;                  ///< its URL: https, without query, fragment or a slash at the end
  Seconds access_token_lifetime{600};  ///< 60 to 3600
  KeyRingOptions keys;
  SessionOptions sessions;
  AccountOptions accounts;
  ExternalLoginOptions external;    ///< users of other issuers who may log in
  RequestThrottleOptions throttle;  ///< of guessed secrets and tokens; LoginService has that of passwords
  /// Told when the audit log could not be written to; nobody's request fails for it. Must not throw.
  std::function<void(const Error& error)> on_audit_failure;
  /// How the feed of revocations waits: hosting::Backchannel's. Empty: followers are answered at once, and
  /// what other processes put into the store is seen when maintain() is called.
  PostAfter post_after;
};

class AuthorizationServer {
 public:
  struct Route {
    std::string method;
    std::string pattern;
    http::Handler handler;
  };

  /// What is given must outlive the server. Fails with configuration_invalid, naming the option and the fix,
  /// and as KeyRing::open does.
  static Task<Result<std::unique_ptr<AuthorizationServer>>> open(stores::Store& store,
                                                                 stores::UserStore& users,
                                                                 LoginService& login, KeyWrapper wrapper,
                                                                 AuthorizationServerOptions options,
                                                                 const Clock& clock);

  /// Every endpoint, each of which authenticates its callers itself. They refer to the server.
  std::vector<Route> routes();

  /// Rotates what is due and cleans up what is over; to be called every `options.keys.readers.poll`. Fails as
  /// the store does; the next call goes on.
  Task<Result<void>> maintain();

  KeyRing& keys() noexcept { return *keys_; }

  /// The clients of the store, as this process sees them: changes made here count at once.
  stores::ClientStore& clients() noexcept { return known_clients_; }

  /// What was withdrawn, for the policies of this process that require_not_revoked().
  std::shared_ptr<revocation::DenyList> deny_list() const noexcept { return deny_list_; }

  /// Withdraws all tokens of a kind that exist now: of a user, a client, a session, a key, or one. Fails as
  /// DenyFeed::revoke.
  Task<Result<void>> revoke(revocation::DenyKind kind, std::string value);

  /// The key is used and believed no more, here and by every follower of the feed. Fails as
  /// KeyRing::compromise; the name of the key that takes its place.
  Task<Result<std::string>> compromise_key(std::string id);

  SessionService& sessions() noexcept { return sessions_; }
  const std::string& issuer() const noexcept { return options_.issuer; }

  /// Writes down what was done now. Nobody fails for it: see on_audit_failure.
  Task<void> record(stores::AuditEvent event);

  /// Whether a token is one of this issuer; what was revoked is not looked at.
  const IssuedTokenValidator& tokens() const noexcept { return validator_; }

  /// A token for whom it says, who is not asked whether they may have it. Fails as JwtTokenService::create.
  Result<IssuedToken> issue(const AccessToken& token) const { return tokens_.create(token); }

 private:
  AuthorizationServer(stores::Store& store, stores::UserStore& users, LoginService& login,
                      std::unique_ptr<WorkerPool> pool, std::unique_ptr<KeyRing> keys,
                      AuthorizationServerOptions options, const Clock& clock);

  SessionOptions session_options();
  Task<Result<void>> clean_up();
  Task<void> announce(std::vector<std::string> sids, stores::SessionEnd reason);
  Audit audit() {
    return [this](stores::AuditEvent event) { return record(std::move(event)); };
  }
  http::Handler for_followers(http::Handler handler) const;
  bool is_revoked(const tokens::Token& token, Instant now) const;

  stores::Store& store_;
  const Clock& clock_;
  AuthorizationServerOptions options_;
  std::unique_ptr<WorkerPool> pool_;
  std::unique_ptr<KeyRing> keys_;
  std::shared_ptr<revocation::DenyList> deny_list_ = std::make_shared<revocation::DenyList>();
  std::shared_ptr<DenyFeed> feed_;
  tokens::MemoryReplayCache assertions_;
  ClientCache known_clients_;
  ClientCatalog catalog_;
  CrossOrigin cross_origin_;
  RequestThrottle throttle_;
  ClientAuthenticator clients_;
  SessionService sessions_;
  JwtTokenService tokens_;
  GrantService grants_;
  IssuedTokenValidator validator_;
  LiveTokens live_tokens_;
  TokenExchange exchange_;
  TokenEndpoint token_endpoint_;
  RevocationEndpoints revocation_endpoints_;
  FirstPartyClients first_party_;
  AccountEndpoints account_endpoints_;
  BrowserEndpoints browser_endpoints_;
  ExternalLoginEndpoints external_endpoints_;
  std::string successors_seen_;  // where forgetting goes on
};

}  // namespace gatehouse::issuer
