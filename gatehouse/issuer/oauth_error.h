/// OAuth errors — what a token endpoint says when it does not give a token (RFC 6749 §5.2).
///
/// Trouble of ours is never `invalid_grant` and never 401: clients throw their tokens away on those.
#pragma once

#include <string>
#include <string_view>

#include "gatehouse/base/error.h"
#include "gatehouse/http/response.h"

namespace gatehouse::issuer {

enum class OAuthErrorCode : std::uint8_t {
  invalid_request,
  invalid_client,
  invalid_grant,
  unauthorized_client,
  unsupported_grant_type,
  invalid_scope,
  invalid_target,  ///< RFC 8707 §2
};

std::string_view name(OAuthErrorCode code) noexcept;  ///< "invalid_grant"

struct OAuthError {
  OAuthErrorCode code = OAuthErrorCode::invalid_request;
  std::string description = {};  ///< for the client's developer; never what the client sent
  std::string reason = {};       ///< `gh_reason` of an invalid_grant: "replay", "stale"
  bool has_tried_basic = false;  ///< of an invalid_client: 401 then names the scheme (RFC 6749 §5.2)
};

/// 400, or 401 for invalid_client; never cached. An invalid_grant says whether the user has to log in again.
http::Response to_response(const OAuthError& error);

/// The answer to a failure of the infrastructure: 503 `temporarily_unavailable` with Retry-After, the subject
/// staying here; to throttled: the same with 429; 400 invalid_request for input, described by it.
http::Response to_oauth_response(const Error& error);

/// With `Cache-Control: no-store` (RFC 6749 §5.1).
http::Response never_cached(http::Response response);

}  // namespace gatehouse::issuer
