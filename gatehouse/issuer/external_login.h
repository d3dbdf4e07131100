/// External login — whom a token of another issuer stands for, and which user of ours that is.
///
/// Decisions only: whether the token is good was judged by the issuer's own keys before
/// (make_external_validator). docs/adr/0012 has the attacks.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/result.h"
#include "gatehouse/base/task.h"
#include "gatehouse/discovery/authority_options.h"
#include "gatehouse/discovery/backchannel.h"
#include "gatehouse/tokens/validate.h"

namespace gatehouse::issuer {

enum class ExternalTokenKind : std::uint8_t {
  id_token,      ///< for our client there, with a nonce of ours (OpenID Connect Core §3.1.3.7)
  access_token,  ///< for us as an API; says less of who stands before the screen
};

/// An issuer whose users may log in.
struct ExternalIssuer {
  std::string name;  ///< for the audit log
  /// Where its keys are; `issuer`, or else `authority`, is the `iss` of its tokens, compared exactly.
  discovery::AuthorityOptions authority;
  std::string audience;  ///< our client id there; of access tokens, what we are called as an API
  ExternalTokenKind kind = ExternalTokenKind::id_token;
  /// Clients there whose tokens count (`azp`, `client_id`). Of ID tokens, besides `audience`. Of access
  /// tokens each has to name one: a token that some other client got is no login here.
  std::vector<std::string> authorized_parties;
  /// It may say whose these e-mail addresses are: a user of ours with one of them is found by it, once, when
  /// the token says `email_verified`. Empty: users are found by links alone.
  std::vector<std::string> email_domains;
  bool creates_users = false;  ///< for a verified address of these domains that nobody has yet
  std::vector<std::string> new_user_roles;
  std::vector<std::string> new_user_scopes;
  Seconds max_age{300};  ///< since `iat`

  const std::string& issuer() const noexcept {
    return authority.issuer.empty() ? authority.authority : authority.issuer;
  }
};

/// Fails with configuration_invalid, naming the issuer, the option and the fix.
Result<void> check(const ExternalIssuer& issuer);

/// What a token says of whom it stands for.
struct ExternalIdentity {
  std::string issuer;
  std::string subject;
  std::string email;      ///< verified, and of a domain that the issuer may speak for; empty: none
  std::string nonce;      ///< of an ID token
  std::string amr;        ///< as the issuer says, separated by blanks
  Instant authenticated;  ///< `auth_time`; where it is not said, when the token was made
};

/// Fails with type_invalid, audience_invalid, refused (a party that is not authorized), claim_missing (sub,
/// iat, nonce), not_yet_valid, or expired beyond `max_age`; the subject is what was seen.
Result<ExternalIdentity> read_external_identity(const ExternalIssuer& issuer, const tokens::Token& token,
                                                Instant now);

/// Judges a token by its issuer's keys. Fails as validation does, and with metadata_unavailable when the
/// issuer does not answer.
using ExternalValidator = std::function<Task<Result<tokens::Token>>(std::string token)>;

/// One for all of `issuers`, whose keys it fetches and keeps fresh. Fails with configuration_invalid.
Result<ExternalValidator> make_external_validator(const std::vector<ExternalIssuer>& issuers,
                                                  std::shared_ptr<discovery::Backchannel> backchannel,
                                                  std::shared_ptr<const Clock> clock);

}  // namespace gatehouse::issuer
