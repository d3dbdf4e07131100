/// JwtBearerOptions — everything an application may say about one bearer scheme.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "gatehouse/authentication/jwt_bearer_events.h"
#include "gatehouse/authentication/scheme.h"
#include "gatehouse/authentication/token_sources.h"
#include "gatehouse/base/result.h"
#include "gatehouse/tokens/validation_parameters.h"

namespace gatehouse::authentication {

/// How much of the reason a 401 tells the client. The operator's log has all of it at every level.
enum class ErrorDetails : std::uint8_t {
  none,    ///< the bare challenge
  code,    ///< error="invalid_token" and one sentence, the same for every failure
  values,  ///< the failure with the values seen: for development, and what the original sends
};

/// A plain struct: fill it in once at the start, after which the host shares it as const.
/// Each default is the safe one; a field that weakens a check says so in its name.
struct JwtBearerOptions {
  std::string audience = {};  ///< joins the valid audiences when none is named there

  tokens::TokenValidationParameters token_validation_parameters = {};
  /// Several issuers, each with keys, audience, algorithms, skew and mapping of its own; a token is judged by
  /// the one that its `iss` names. When there are any, token_validation_parameters is not used.
  std::vector<tokens::TokenValidationParameters> issuers = {};
  JwtBearerEvents events = {};  ///< hooks; each one left empty does nothing

  TokenSources token_sources =
      {};  ///< besides the Authorization header; ignored in the compatibility profile

  std::string challenge = "Bearer";  ///< first words of WWW-Authenticate (RFC 6750 §3), written as they are
  std::string realm = {};            ///< `realm` of the challenge; empty: none
  ErrorDetails error_details = ErrorDetails::code;
  bool save_token = false;  ///< keep the raw token in the ticket's properties

  SchemeForwarding forwarding = {};

  /// The original's values in one call: the compatibility profile.
  static JwtBearerOptions aspnet_core();

  /// Run once by WebApplicationBuilder::build(). Fails with configuration_invalid naming the field and the
  /// fix.
  Result<void> validate() const;
};

}  // namespace gatehouse::authentication
