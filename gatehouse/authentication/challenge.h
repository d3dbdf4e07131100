/// Challenge — the WWW-Authenticate value of a 401 (RFC 6750 §3, RFC 9110 §11.6.1).
#pragma once

#include <string>
#include <string_view>

#include "gatehouse/authentication/jwt_bearer_options.h"
#include "gatehouse/base/error.h"

namespace gatehouse::authentication {

struct ChallengeParameters {
  std::string_view challenge = "Bearer";
  std::string_view realm = {};
  std::string_view error = {};
  std::string_view error_description = {};
  std::string_view error_uri = {};
  std::string_view scope = {};
};

/// `Bearer realm="…", error="…", error_description="…", error_uri="…", scope="…"`; what is empty is left out.
/// Every value is encoded: whatever a token or a hook put there, the header stays one header.
std::string make_challenge(const ChallengeParameters& parameters);

/// The value as RFC 6750 §3 allows it inside quotes: printable ASCII without '"' and '\', at most 256
/// characters.
std::string encode_challenge_value(std::string_view value);

/// The one sentence of ErrorDetails::code: the same whatever failed.
inline constexpr std::string_view invalid_token_sentence = "The access token is not accepted";

/// The failure in the original's words, with the value seen; empty where the original says nothing.
std::string describe_for_client(const Error& failure, const tokens::TokenValidationParameters& parameters);

}  // namespace gatehouse::authentication
