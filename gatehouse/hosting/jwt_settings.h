/// JwtSettings — the section `Jwt:` of an application that issues its own tokens.
///
/// | setting | meaning |
/// |---|---|
/// | those of BearerSettings | the signing key has to be a secret or a private key |
/// | Algorithm, KeyId | where the key's own will not do |
/// | AccessTokenLifetime | a duration; 10m unless said |
#pragma once

#include <chrono>
#include <optional>

#include "gatehouse/issuer/signing_credentials.h"
#include "gatehouse/settings/bearer_settings.h"

namespace gatehouse::hosting {

struct JwtSettings : settings::BearerSettings {
  std::optional<issuer::SigningCredentials> credentials = {};  ///< empty only when there are faults
  std::chrono::seconds access_token_lifetime{600};

  /// The key, for `issuer_signing_key`.
  std::optional<jose::Key> signing_key() const;
};

/// Every fault of the section joins `faults`, as settings::read_bearer_settings has it.
JwtSettings read_jwt_settings(const configuration::Configuration& configuration,
                              const configuration::Environment& environment, configuration::Faults& faults);

}  // namespace gatehouse::hosting
