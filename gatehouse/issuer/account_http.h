/// Account requests — the JSON that applications of ours send, and what they are answered, with the names of
/// ASP.NET Core's MapIdentityApi where it has any.
#pragma once

#include <string>

#include "gatehouse/base/result.h"
#include "gatehouse/http/request.h"
#include "gatehouse/http/response.h"
#include "gatehouse/issuer/grant_service.h"

namespace gatehouse::issuer {

/// The members that are known. Absent ones, and those of another type, are empty.
struct AccountRequest {
  std::string email, password, client_id, refresh_token, current, fresh, scope, device, token;
  bool all = false;
};

/// Fails with malformed when the body is no JSON object, or is not said to be one, and with too_large beyond
/// `most_octets` and for a name or password beyond 256; the subject is a sentence for the caller.
Result<AccountRequest> read_account_request(const http::Request& request,
                                            std::size_t most_octets = std::size_t{8} * 1024);

/// {"tokenType","accessToken","expiresIn","refreshToken"}.
http::Response to_account_response(const GrantedTokens& granted);

/// 401 where OAuth has 400, as the clients of MapIdentityApi expect; the body says whether to log in again.
http::Response to_account_response(const RefusedGrant& refusal);

// Never cached, as all of them.
http::Response account_bad_request(const Error& error);  ///< 400, described by its subject
http::Response account_problem(const Error& error);      ///< as results::problem
http::Response account_unauthorized();

}  // namespace gatehouse::issuer
