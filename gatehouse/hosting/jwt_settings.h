/// JwtSettings — the section `Jwt:` of the settings, read and checked.
///
/// | setting | meaning |
/// |---|---|
/// | Issuer, Audience | `iss` and `aud` of tokens, made and accepted; required |
/// | SigningKey, SigningKeyFile | an HMAC secret, a PEM private key or a JWK; exactly one of the two;
/// required | | Algorithm, KeyId | where the key's own will not do | | AccessTokenLifetime, ClockSkew |
/// durations: 10m and 60s unless said | | ValidateIssuer, ValidateAudience, ValidateLifetime,
/// RequireExpirationTime | true unless said; false is warned about |
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "gatehouse/configuration/configuration.h"
#include "gatehouse/configuration/environment.h"
#include "gatehouse/configuration/faults.h"
#include "gatehouse/issuer/signing_credentials.h"

namespace gatehouse::hosting {

struct JwtSettings {
  std::string issuer;
  std::string audience;
  std::optional<issuer::SigningCredentials> credentials;  ///< empty only when there are faults
  std::chrono::seconds access_token_lifetime{600};
  std::chrono::seconds clock_skew{60};
  bool validate_issuer = true;
  bool validate_audience = true;
  bool validate_lifetime = true;
  bool require_expiration_time = true;

  std::vector<std::string> warnings;  ///< what is allowed and unwise, one sentence each

  /// The key, for `issuer_signing_key`.
  std::optional<jose::Key> signing_key() const;
};

/// Every fault of the section joins `faults`: what is missing, unknown or unreadable, and outside Development
/// a secret that stands in a settings file, where version control keeps it for ever.
JwtSettings read_jwt_settings(const configuration::Configuration& configuration,
                              const configuration::Environment& environment, configuration::Faults& faults);

}  // namespace gatehouse::hosting
