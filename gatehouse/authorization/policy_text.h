/// Policy text — a policy in one line, for settings and command lines.
#pragma once

#include <string_view>

#include "gatehouse/authorization/policy.h"
#include "gatehouse/base/result.h"

namespace gatehouse::authorization {

/// Requirements joined by " and ", all of which have to be met; each in the words that describe() uses:
///
///     authenticated
///     role Admin or Clerk
///     scope orders.read or orders.write
///     claim tenant, or claim tenant = blue or green
///     name ada
///
/// Fails with configuration_invalid; the subject quotes the part that is none of these.
Result<AuthorizationPolicy> parse_policy(std::string_view text);

}  // namespace gatehouse::authorization
