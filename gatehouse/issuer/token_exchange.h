/// Token exchange — a service that was called with a user's token gets a narrower one of its own, to call
/// the next service in the same user's name (RFC 8693).
///
/// Never more than the token that was shown: not in scope, in roles or in time, and it goes when the session
/// goes. Who acts is written into it, behind whoever acted before. docs/adr/0012 has the attacks.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "gatehouse/http/form.h"
#include "gatehouse/issuer/audit.h"
#include "gatehouse/issuer/grant_service.h"
#include "gatehouse/issuer/live_tokens.h"

namespace gatehouse::issuer {

inline constexpr std::string_view token_exchange_grant = "urn:ietf:params:oauth:grant-type:token-exchange";
inline constexpr std::string_view access_token_type = "urn:ietf:params:oauth:token-type:access_token";

/// How long a chain of actors may become.
inline constexpr int most_actors = 4;

struct ExchangeRequest {
  std::string subject_token;
  std::string actor_token;  ///< empty: the client acts itself
  std::string audience;     ///< of `audience` or `resource`; empty: the client's first
  std::string scope;        ///< empty: all that is left
};

/// Fails with invalid_request: what is missing, a type other than access_token, `audience` and `resource`
/// that differ (RFC 8693 §2.1).
std::expected<ExchangeRequest, OAuthError> read_exchange_request(const http::Form& form);

/// What was shown, each of them ours and alive.
struct ShownTokens {
  const tokens::ClaimSet& subject;
  const tokens::ClaimSet* actor = nullptr;
  const stores::User* user = nullptr;  ///< whose the subject is; null: a client's own
};

/// What the new token is to say. Pure. Fails with unauthorized_client for a public client, invalid_request
/// for tokens that this client may not exchange (RFC 8693 §2.2.2), invalid_scope and invalid_target.
std::expected<AccessToken, OAuthError> decide_exchange(const stores::Client& client,
                                                       const ExchangeRequest& request,
                                                       const ShownTokens& shown);

class TokenExchange {
 public:
  struct Services {
    LiveTokens& tokens;
    stores::ClientStore& clients;
    stores::UserStore& users;
    WorkerPool& pool;  ///< where `users` is asked
    const JwtTokenService& issue;
    Audit audit;
  };

  /// All must outlive it.
  explicit TokenExchange(Services services) : to_(std::move(services)) {}

  /// The client has been authenticated, and has the grant. Fails as decide_exchange, and with invalid_request
  /// for a token that is not ours, is over or was withdrawn, or whose user or client may no longer.
  Task<GrantService::Answer> exchange(const stores::Client& client, ExchangeRequest request,
                                      std::string address);

 private:
  Task<GrantService::Answer> try_exchange(const stores::Client& client, ExchangeRequest request,
                                          stores::AuditEvent& event);
  Task<std::expected<std::optional<stores::User>, RefusedGrant>> find_owner(const tokens::ClaimSet& subject);

  Services to_;
};

}  // namespace gatehouse::issuer
