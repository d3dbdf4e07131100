/// BearerSettings — the section `Jwt:` of the settings, as far as it says which tokens are accepted.
///
/// | setting | meaning |
/// |---|---|
/// | Authority | the issuer whose keys are fetched; then neither Issuer nor a signing key is needed |
/// | MetadataAddress, FetchBase, SnapshotFile | more about it, as AuthorityOptions has them |
/// | RequireHttpsMetadata | true unless said; false is for Development |
/// | Issuer, Audience | `iss` and `aud`; required, unless the lists say them |
/// | Issuers, Audiences | lists of further ones that are accepted |
/// | SigningKey, SigningKeyFile | an HMAC secret, PEM or a JWK; exactly one of the two; required |
/// | ClockSkew | a duration; 60s unless said |
/// | ValidAlgorithms | a list; unless said, every algorithm that the key fits |
/// | ValidTypes | a list of `typ`; JWT and at+jwt unless said |
/// | RoleClaimTypes | a list of claims, or paths such as realm_access.roles; role and roles unless said |
/// | ValidateIssuer, ValidateAudience, ValidateLifetime, RequireExpirationTime | true unless said; false is
/// warned about |
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "gatehouse/authentication/jwt_bearer_options.h"
#include "gatehouse/configuration/configuration.h"
#include "gatehouse/configuration/environment.h"
#include "gatehouse/configuration/faults.h"
#include "gatehouse/discovery/authority_options.h"
#include "gatehouse/jose/key.h"
#include "gatehouse/tokens/validation_parameters.h"

namespace gatehouse::settings {

struct BearerSettings {
  std::string issuer;                          ///< the first of those that are accepted
  std::string audience;                        ///< the first
  std::vector<std::string> issuers = {};       ///< the others
  std::vector<std::string> audiences = {};     ///< the others
  discovery::AuthorityOptions authority = {};  ///< nobody's unless said
  std::optional<jose::Key> key;                ///< empty only when there are faults, or an authority
  std::string key_setting;  ///< "Jwt:SigningKey" or "Jwt:SigningKeyFile", whichever brought it
  std::chrono::seconds clock_skew{60};
  std::vector<std::string> valid_algorithms = {};  ///< empty: the default; so in the next two
  std::vector<std::string> valid_types = {};
  std::vector<std::string> role_claim_types = {};
  bool validate_issuer = true;
  bool validate_audience = true;
  bool validate_lifetime = true;
  bool require_expiration_time = true;

  std::vector<std::string> warnings;  ///< what is allowed and unwise, one sentence each

  bool has_authority() const noexcept {
    return !authority.authority.empty() || !authority.metadata_address.empty();
  }

  tokens::TokenValidationParameters parameters() const;

  /// parameters() and the authority, for one scheme.
  void apply(authentication::JwtBearerOptions& options) const;
};

/// Every fault of the section joins `faults`: what is missing, unknown or unreadable, and outside Development
/// a secret that stands in a settings file, where version control keeps it for ever. Settings that are only
/// for an issuer are known here, and left to it.
BearerSettings read_bearer_settings(const configuration::Configuration& configuration,
                                    const configuration::Environment& environment,
                                    configuration::Faults& faults);

}  // namespace gatehouse::settings
