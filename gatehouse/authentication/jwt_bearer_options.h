/// JwtBearerOptions — everything an application may say about one bearer scheme.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "gatehouse/authentication/jwt_bearer_events.h"
#include "gatehouse/authentication/scheme.h"
#include "gatehouse/authentication/token_sources.h"
#include "gatehouse/base/clock.h"
#include "gatehouse/base/result.h"
#include "gatehouse/discovery/issuers.h"
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
  /// The issuer whose keys verify tokens, "https://login.example.com": its metadata and keys are fetched from
  /// there, and kept fresh. Empty: the keys are those of token_validation_parameters.
  std::string authority = {};
  std::string audience = {};  ///< joins the valid audiences when none is named there

  tokens::TokenValidationParameters token_validation_parameters = {};
  /// More about `authority`: another address of its document, how often it is asked, and so on.
  discovery::AuthorityOptions authority_options = {};
  /// Several issuers, each with authority or keys, audience, algorithms, skew and mapping of its own; a token
  /// is judged by the one that its `iss` names. When there are any, what is said above is not used.
  std::vector<discovery::IssuerOptions> issuers = {};
  discovery::IssuerResolver issuer_resolver = {};  ///< asked about an issuer that nobody has named: tenants
  std::size_t most_resolved_issuers = 1000;        ///< tenants whose keys are kept

  /// Octets for tokens that were accepted before, of all threads together; 0 validates every token anew. Kept
  /// is what the signature and the claims say: lifetime, keys, hooks and policies are asked again with every
  /// request.
  std::size_t validated_token_cache_size = 32 << 20;

  JwtBearerEvents events = {};  ///< hooks; each one left empty does nothing

  TokenSources token_sources =
      {};  ///< besides the Authorization header; ignored in the compatibility profile

  std::string challenge = "Bearer";  ///< first words of WWW-Authenticate (RFC 6750 §3), written as they are
  std::string realm = {};            ///< `realm` of the challenge; empty: none
  ErrorDetails error_details = ErrorDetails::code;
  bool save_token = false;  ///< keep the raw token in the ticket's properties

  SchemeForwarding forwarding = {};

  // The host's, unless set.
  std::shared_ptr<discovery::Backchannel> backchannel = {};  ///< fetches what an authority publishes
  std::shared_ptr<const Clock> clock = {};                   ///< says when to fetch

  /// Besides the host's log lines: for metrics and alerts. On the backchannel's thread; must not throw.
  std::function<void(const discovery::ConfigurationEvent&)> on_configuration_event = {};

  /// The original's values in one call: the compatibility profile.
  static JwtBearerOptions aspnet_core();

  /// Run once by WebApplicationBuilder::build(). Fails with configuration_invalid naming the field and the
  /// fix.
  Result<void> validate() const;
};

}  // namespace gatehouse::authentication
