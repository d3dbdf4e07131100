/// Claim mapping — from a validated token to the identity that policies read.
#pragma once

#include <string_view>

#include "gatehouse/claims/claims_identity.h"
#include "gatehouse/tokens/validate.h"

namespace gatehouse::tokens {

/// The long URI of a short JWT name, or `name` itself; the original's table of 73 names.
std::string_view map_inbound(std::string_view name) noexcept;

/// One claim a string, number or boolean; one for each element of an array. Each claim's issuer is the
/// token's `iss`. Value types, dates, objects as source text, and the inbound map follow the original under
/// Profile::aspnet_core; the plain profile keeps names as they are.
claims::ClaimsIdentity to_identity(const Token& token, const TokenValidationParameters& parameters);

}  // namespace gatehouse::tokens
