/// Guard — authentication and authorization for a server that is not ours, lifted into one namespace.
///
/// For a program that has its own web server; gatehouse.h is for one that uses ours.
#pragma once

#include "gatehouse/authentication/jwt_bearer_options.h"
#include "gatehouse/authorization/guard.h"
#include "gatehouse/base/json.h"
#include "gatehouse/claims/claims_principal.h"

namespace gatehouse {

using authentication::JwtBearerOptions;
using authorization::AuthorizationOptions;
using authorization::AuthorizeData;
using authorization::Guard;
using authorization::GuardBuilder;
using authorization::GuardRequest;
using authorization::PolicyBuilder;
using authorization::WhenStale;
using Verdict = authorization::GuardVerdict;
using claims::ClaimsPrincipal;
using tokens::TokenValidationParameters;

}  // namespace gatehouse
