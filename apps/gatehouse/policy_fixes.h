/// Policy fixes — what a policy missed in a token, and what would mend that.
#pragma once

#include <string>
#include <vector>

#include "gatehouse/authorization/guard.h"
#include "gatehouse/tokens/explain.h"

namespace gatehouse::program {

/// "CanReadOrders needs scope orders.read, token has orders.write"; empty when nothing is missing.
std::string missing_for(const authorization::RouteDecision& decided, const claims::ClaimsPrincipal& user);

/// Of a refused route, the likeliest first.
std::vector<tokens::Fix> policy_fixes(const authorization::RouteDecision& decided, const tokens::Token& token,
                                      const tokens::TokenValidationParameters& parameters);

}  // namespace gatehouse::program
