/// GuardSettings — a guard as settings say it: the sections `Jwt:` and `Authorization:`.
///
/// | setting | meaning |
/// |---|---|
/// | those of BearerSettings | which tokens are accepted |
/// | Authorization:Policies:NAME | a policy, as parse_policy reads it: "scope orders.read and role Admin" |
/// | Authorization:FallbackPolicy | the same, or a policy's name, for what no route covers |
/// | Authorization:Routes | a list of "GET /orders/{id}: CanReadOrders": a method (none: all), a pattern, and
/// a policy's name, a policy, or "anonymous" |
#pragma once

#include "gatehouse/authorization/guard.h"
#include "gatehouse/configuration/configuration.h"
#include "gatehouse/configuration/environment.h"
#include "gatehouse/configuration/faults.h"

namespace gatehouse::settings {

/// What is unwise and allowed, one sentence each, joins `warnings`; what is wrong joins `faults`.
authorization::GuardBuilder read_guard_settings(const configuration::Configuration& configuration,
                                                const configuration::Environment& environment,
                                                std::vector<std::string>& warnings,
                                                configuration::Faults& faults);

}  // namespace gatehouse::settings
