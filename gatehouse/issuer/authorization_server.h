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
#include "gatehouse/issuer/client_authentication.h"
#include "gatehouse/issuer/key_ring.h"
#include "gatehouse/issuer/metadata_endpoints.h"
#include "gatehouse/issuer/revocation_endpoints.h"
#include "gatehouse/issuer/token_endpoint.h"
#include "gatehouse/stores/store.h"
#include "gatehouse/tokens/memory_replay_cache.h"

namespace gatehouse::issuer {

struct AuthorizationServerOptions {
  std::string issuer;                  ///< its URL: https, without query, fragment or a slash at the end
  Seconds access_token_lifetime{600};  ///< 60 to 3600
  KeyRingOptions keys;
  SessionOptions sessions;
  AccountOptions accounts;
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
  SessionService& sessions() noexcept { return sessions_; }

 private:
  AuthorizationServer(stores::Store& store, stores::UserStore& users, LoginService& login,
                      std::unique_ptr<WorkerPool> pool, std::unique_ptr<KeyRing> keys,
                      AuthorizationServerOptions options, const Clock& clock);

  stores::Store& store_;
  const Clock& clock_;
  AuthorizationServerOptions options_;
  std::unique_ptr<WorkerPool> pool_;
  std::unique_ptr<KeyRing> keys_;
  tokens::MemoryReplayCache assertions_;
  ClientAuthenticator clients_;
  SessionService sessions_;
  JwtTokenService tokens_;
  GrantService grants_;
  IssuedTokenValidator validator_;
  TokenEndpoint token_endpoint_;
  RevocationEndpoints revocation_endpoints_;
  AccountEndpoints account_endpoints_;
  std::string successors_seen_;  // where forgetting goes on
};

}  // namespace gatehouse::issuer
