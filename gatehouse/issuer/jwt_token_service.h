/// JwtTokenService — makes access tokens for users who are known already.
///
/// It asks nobody anything: call it only after a login succeeded.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/result.h"
#include "gatehouse/issuer/signing_credentials.h"

namespace gatehouse::issuer {

struct JwtTokenOptions {
  std::string issuer;
  std::string audience;
  Seconds lifetime{600};           ///< ten minutes: a stolen token is good for no longer
  Seconds longest_lifetime{3600};  ///< whatever a client has
};

/// What an access token of RFC 9068 says besides who made it and when.
struct AccessToken {
  std::string subject;  ///< the user, or the client itself when it acts for nobody
  std::string client_id;
  std::string audience;
  std::string scope;  ///< names separated by blanks; empty: none
  std::string sid;    ///< of the session; empty: there is none
  std::vector<std::string> roles;
  std::string amr;                       ///< separated by blanks; empty: nobody authenticated
  std::optional<Instant> authenticated;  ///< when the user did
  std::optional<Seconds> lifetime;       ///< instead of the service's
  std::optional<Instant> expires_by;     ///< whatever the lifetime
  std::string act;                       ///< JSON of who acts for the subject (RFC 8693 §4.1); empty: nobody
};

/// A token and what became of the defaults.
struct IssuedToken {
  std::string text;
  std::string id;  ///< its `jti`
  Instant expires;
};

class JwtTokenService {
 public:
  /// What to sign with now; a failure is the answer to whoever wanted a token.
  using Credentials = std::function<Result<SigningCredentials>()>;

  /// `clock` must outlive the service.
  JwtTokenService(JwtTokenOptions options, SigningCredentials credentials, const Clock& clock);
  JwtTokenService(JwtTokenOptions options, Credentials credentials, const Clock& clock);

  /// A signed access token: `nbf` now, `exp` a lifetime later, a random `jti`, the key's `kid`; claims `role`
  /// and, as JSON arrays, `scope` and several roles. Fails as tokens::write does.
  Result<std::string> create_access_token(std::string_view user_id, std::string_view role,
                                          const std::vector<std::string>& scopes = {}) const;
  Result<std::string> create_access_token(std::string_view user_id, const std::vector<std::string>& roles,
                                          const std::vector<std::string>& scopes) const;

  /// A token of type at+jwt with the claims of RFC 9068 §2.2. Fails as tokens::write does.
  Result<IssuedToken> create(const AccessToken& token) const;

  Seconds lifetime() const noexcept { return options_.lifetime; }
  Instant now() const { return clock_.now(); }  ///< by the clock that tokens are issued by

 private:
  JwtTokenOptions options_;
  Credentials credentials_;
  const Clock& clock_;
};

}  // namespace gatehouse::issuer
