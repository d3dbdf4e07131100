/// ServiceClient — what a service asks an authorization server for on its own account: tokens for itself (RFC
/// 6749 §4.4), and whether a token that it was shown is still good (RFC 7662).
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/secret.h"
#include "gatehouse/discovery/backchannel.h"

namespace gatehouse::discovery {

struct ServiceClientOptions {
  std::string issuer;  ///< its URL; requests go to /connect/token and /connect/introspect behind it
  std::string token_endpoint = {};          ///< instead
  std::string introspection_endpoint = {};  ///< instead
  std::string client_id;
  Secret client_secret;
  std::string scope = {};     ///< of the tokens; empty: all that the client has
  std::string resource = {};  ///< whom they are for (RFC 8707); empty: the client's usual one
  Seconds early{60};          ///< a token is renewed that long before it ends
  bool require_https = true;  ///< false is for development only
};

/// Thread-safe.
class ServiceClient {
 public:
  /// `clock` must outlive it. Fails with configuration_invalid, naming the option and the fix.
  static Result<std::shared_ptr<ServiceClient>> make(ServiceClientOptions options,
                                                     std::shared_ptr<Backchannel> backchannel,
                                                     const Clock& clock);

  /// "Bearer …" of a token that is good for a while, for `Authorization`; a new one is asked for when there
  /// is none. Fails with unavailable when the server does not answer, and with credentials_invalid when it
  /// refuses, the subject being its error code. As revocation::DenyFeedClientOptions want it.
  Task<Result<std::string>> authorization();

  /// Whether the server calls the token active. Fails as authorization(). As DenyListCheckOptions want it.
  Task<Result<bool>> introspect(std::string token);

 private:
  ServiceClient(ServiceClientOptions options, Url token_endpoint, Url introspection_endpoint,
                std::shared_ptr<Backchannel> backchannel, const Clock& clock)
      : options_(std::move(options)),
        token_endpoint_(std::move(token_endpoint)),
        introspection_endpoint_(std::move(introspection_endpoint)),
        backchannel_(std::move(backchannel)),
        clock_(clock) {}

  Task<Result<std::string>> post(Url to, std::string form) const;

  ServiceClientOptions options_;
  Url token_endpoint_;
  Url introspection_endpoint_;
  std::shared_ptr<Backchannel> backchannel_;
  const Clock& clock_;
  std::mutex mutex_;  // of what follows
  std::string authorization_;
  Instant renew_ = Instant::min();
};

}  // namespace gatehouse::discovery
