/// Client authentication — which client asks, proven by a secret or a signed assertion (RFC 6749 §2.3, RFC
/// 7523 §2.2), or said by a public one.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/task.h"
#include "gatehouse/http/form.h"
#include "gatehouse/http/request.h"
#include "gatehouse/issuer/oauth_error.h"
#include "gatehouse/issuer/request_throttle.h"
#include "gatehouse/stores/client_store.h"
#include "gatehouse/tokens/replay_cache.h"

namespace gatehouse::issuer {

/// What a request says about its client. Not checked against anything.
struct ClientCredentials {
  enum class Method : std::uint8_t { none, client_secret_basic, client_secret_post, private_key_jwt };

  Method method = Method::none;
  std::string id;
  std::string secret;     ///< of the first two
  std::string assertion;  ///< of the last
};

/// Fails with invalid_client when there are none or they cannot be read, and with invalid_request when there
/// are several (RFC 6749 §2.3).
std::expected<ClientCredentials, OAuthError> read_client_credentials(const http::Request& request,
                                                                     const http::Form& form);

/// Whether `secret` is one of those of the client that are alive. Takes the same time for any wrong one, and
/// for a client that is not there.
bool verify_client_secret(const stores::Client* client, std::string_view secret, Instant now);

/// 256 random bits behind "gcs_", by which scanners find one that leaked; what the store gets is its hash.
struct NewClientSecret {
  std::string text;
  stores::ClientSecret stored;
};
NewClientSecret make_client_secret(Instant now, std::optional<Instant> expires = std::nullopt);

struct AssertionRules {
  std::vector<std::string> audiences;  ///< the issuer and its token endpoint
  Seconds longest_life{300};
  Seconds clock_skew{30};
};

/// What a client sent, and which one it is.
struct ClientRequest {
  http::Form form;
  stores::Client client;
};

class ClientAuthenticator {
 public:
  /// All must outlive it. `used` remembers assertions, each of which is good for once.
  ClientAuthenticator(stores::ClientStore& clients, tokens::TokenReplayCache& used, AssertionRules rules,
                      RequestThrottle& throttle, const Clock& clock)
      : clients_(clients), used_(used), rules_(std::move(rules)), throttle_(throttle), clock_(clock) {}

  /// The client, or what to answer: invalid_client for one that is unknown, disabled or not who it says, all
  /// alike, and counted by `throttle`; 429 when that was too often; 503 when the store does not answer.
  Task<std::expected<stores::Client, http::Response>> authenticate(const http::Request& request,
                                                                   const http::Form& form);

  /// The same of a request whose form has to be read first; invalid_request when it is none.
  Task<std::expected<ClientRequest, http::Response>> authenticate(const http::Request& request);

 private:
  bool proves(const stores::Client* client, const ClientCredentials& credentials) const;
  bool is_assertion_of(const stores::Client& client, const std::string& assertion) const;

  stores::ClientStore& clients_;
  tokens::TokenReplayCache& used_;
  AssertionRules rules_;
  RequestThrottle& throttle_;
  const Clock& clock_;
};

}  // namespace gatehouse::issuer
