/// Standing — whether the tokens of a request still stand, asked before any requirement.
#pragma once

#include "gatehouse/authorization/revocation_check.h"
#include "gatehouse/http/http_context.h"

namespace gatehouse::authorization {

/// Whether every token that a scheme accepted in this request stands. A caller who is known by other means
/// has none that could be withdrawn. Fails as RevocationCheck::check; unavailable may be worth an
/// ask_standing().
Result<void> check_standing(const RevocationCheck& revocations, Seconds max_staleness,
                            const http::HttpContext& context);

/// The same, and asks the issuer about those that check() cannot judge. All are borrowed.
Task<Result<void>> ask_standing(const RevocationCheck& revocations, Seconds max_staleness,
                                const http::HttpContext& context);

}  // namespace gatehouse::authorization
