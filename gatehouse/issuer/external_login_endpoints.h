/// ExternalLoginEndpoints — users log in with a token of another issuer (single sign-on), and get a session
/// of ours. JSON, answered as POST /login.
#pragma once

#include <expected>
#include <functional>
#include <string>
#include <vector>

#include "gatehouse/base/secret.h"
#include "gatehouse/base/worker_pool.h"
#include "gatehouse/http/http_context.h"
#include "gatehouse/issuer/audit.h"
#include "gatehouse/issuer/external_login.h"
#include "gatehouse/issuer/first_party_clients.h"
#include "gatehouse/issuer/grant_service.h"
#include "gatehouse/stores/external_login_store.h"
#include "gatehouse/stores/user_store.h"
#include "gatehouse/tokens/memory_replay_cache.h"

namespace gatehouse::issuer {

struct ExternalLoginOptions {
  std::vector<ExternalIssuer> issuers;  ///< none: there is no such login
  ExternalValidator validate;           ///< make_external_validator()'s
  Seconds nonce_lifetime{600};          ///< for a user to sign in there

  /// Fails with configuration_invalid, naming the option and the fix.
  Result<void> check() const;
};

class ExternalLoginEndpoints {
 public:
  struct Services {
    FirstPartyClients& clients;
    GrantService& grants;
    stores::ExternalLoginStore& logins;
    stores::UserStore& users;
    WorkerPool& pool;             ///< where `users` is asked
    std::function<Secret()> key;  ///< of nonces, the same in every process; 32 octets
    Audit audit;
    RequestThrottle& throttle;
    const Clock& clock;
  };

  /// All must outlive it.
  ExternalLoginEndpoints(Services services, ExternalLoginOptions options)
      : to_(std::move(services)), options_(std::move(options)) {}

  /// POST /login/external/nonce {"client_id"?} → {"nonce","expiresIn"}: for the authorization request there;
  /// good for one login, by that client.
  Task<http::Response> give_nonce(http::HttpContext& context);

  /// POST /login/external {"token","client_id"?,"scope"?,"device"?} → as /login. 401 for a token that is not
  /// good, was used, or stands for no user who may log in; 429 as FirstPartyClients; 503 when the other
  /// issuer or the store does not answer.
  Task<http::Response> log_in(http::HttpContext& context);

 private:
  struct Proven {
    const ExternalIssuer* issuer;
    ExternalIdentity identity;
  };

  Task<Result<Proven>> prove(const std::string& token, const std::string& client_id);
  Result<void> use_up(const std::string& token, const ExternalIdentity& identity,
                      const std::string& client_id, Instant until);
  Task<Result<stores::User>> find_user_of(const Result<Proven>& proven);  ///< who may log in
  Task<Result<stores::User>> find_or_link(const Proven& proven);
  Task<Result<stores::User>> find_by_email(const Proven& proven);
  Task<void> record(std::string event, const http::Request& request, stores::AuditEvent rest);

  Services to_;
  ExternalLoginOptions options_;
  tokens::MemoryReplayCache used_;
};

}  // namespace gatehouse::issuer
