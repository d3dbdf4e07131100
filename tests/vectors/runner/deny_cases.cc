// A token that is good but for being on a deny list, to an endpoint that asks and to one that does not.
#include "gatehouse/authorization/guard.h"
#include "gatehouse/revocation/deny_list_check.h"
#include "tests/vectors/runner/cases.h"

namespace gatehouse::vectors {

using authorization::Guard;
using authorization::GuardBuilder;

Differences judge_denied(AttackHosts& hosts, const Json& attack) {
  const Json& input = attack.at("input");
  const Json& expect = attack.at("expect");
  const std::string issuer = hosts.setup.issuer();
  const Instant now = hosts.setup.clock();
  const auto list = std::make_shared<revocation::DenyList>();
  for (const auto& [member, kind] : {std::pair("revoked_jti", revocation::DenyKind::token),
                                     std::pair("revoked_sid", revocation::DenyKind::session),
                                     std::pair("revoked_sub", revocation::DenyKind::subject),
                                     std::pair("revoked_client", revocation::DenyKind::client),
                                     std::pair("revoked_kid", revocation::DenyKind::key)})
    if (input.contains(member))
      list->add(revocation::make_deny_entry(kind, issuer, input.at(member), now), now).value();
  list->heard(issuer, Instant::max()).value();

  GuardBuilder builder;
  auto clock = std::make_shared<testing::FakeClock>();
  clock->set(now);
  builder.use_clock(clock);
  builder.add_authentication("Bearer").add_jwt_bearer([&](authentication::JwtBearerOptions& options) {
    options.token_validation_parameters = hosts.setup.parameters(attack.at("profile"));
  });
  builder.add_authorization([&](authorization::AuthorizationOptions& options) {
    options.revocation_check = revocation::DenyListCheck::make(list).value();
  });
  builder.protect("GET", "/enforced").require_not_revoked();
  builder.protect("GET", "/other").require_authorization();
  const Guard guard = builder.build().value();

  Differences differences;
  const std::string token = input.at("token");
  const std::string authorization = "Bearer " + token;
  const auto verdict = guard.wait({.target = "/enforced", .authorization = authorization});
  const Error* failure = verdict.denial && verdict.denial->error ? &*verdict.denial->error : nullptr;
  judge_failure(expect, verdict.allowed() ? nullptr : failure, differences);
  if (expect.contains("status") && !allows(expect.at("status"), verdict.status))
    differences.push_back("answered " + std::to_string(verdict.status));
  // Elsewhere only the token itself decides.
  const auto elsewhere = guard.wait({.target = "/other", .authorization = authorization});
  const Error* why = elsewhere.denial && elsewhere.denial->error ? &*elsewhere.denial->error : nullptr;
  if (why && (why->kind == Failure::revoked || why->kind == Failure::claim_missing))
    differences.emplace_back("an endpoint that asks no list decides by it");
  return differences;
}

}  // namespace gatehouse::vectors
