// evaluate/N     a policy of three requirements, as the middleware has it: compiled, one of N
// transformation a claims transformation that adds one claim, and none/… the same request without it
//
// ./dev bench policy --benchmark_repetitions=9 --benchmark_enable_random_interleaving=true

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <cstdlib>

#include "bench/tokens.h"
#include "gatehouse/authorization/guard.h"
#include "gatehouse/authorization/middleware.h"

namespace gatehouse::authorization {
namespace {

class FixedClock final : public Clock {
 public:
  Instant now() const override { return bench::now; }
};

// Ten claims, as a token brings them; what the policies ask for stands last.
claims::ClaimsPrincipal user() {
  claims::ClaimsIdentity identity{.authentication_type = "Bearer",
                                  .name_claim_types = {"name", "sub"},
                                  .role_claim_types = {"role", "roles"}};
  for (const char* type : {"iss", "aud", "sub", "jti", "iat", "nbf", "exp", "name"})
    identity.claims.push_back({.type = type, .value = "value"});
  identity.claims.push_back({.type = "role", .value = "Admin"});
  identity.claims.push_back({.type = "scope", .value = "orders.read orders.write"});
  return claims::ClaimsPrincipal(std::move(identity));
}

http::RouteTable routes(std::int64_t count, AuthorizationOptions& options) {
  http::RouteTable table;
  for (std::int64_t i = 0; i < count; ++i) {
    const std::string name = fmt::format("Policy{}", i);
    options.add_policy(name, [](PolicyBuilder& policy) {
      policy.require_authenticated_user().require_role("Admin").require_scope("orders.write");
    });
    table.add("GET", fmt::format("/resource{}", i), {}).metadata.add(AuthorizeData{.policy = name});
  }
  return table;
}

void evaluate_one_of(benchmark::State& state) {
  AuthorizationOptions options;
  const http::RouteTable table = routes(state.range(0), options);
  const CompiledPolicies policies(options, table);
  const claims::ClaimsPrincipal somebody = user();
  bool allowed = true;
  std::size_t next = 0;
  for (auto _ : state) {
    const http::Endpoint* endpoint = table.endpoints()[next].get();
    next = next + 1 == table.endpoints().size() ? 0 : next + 1;
    const Decision decision = evaluate(**policies.of(endpoint).policy, somebody, policies.handlers());
    allowed &= decision.is_allowed();
    benchmark::DoNotOptimize(decision);
  }
  if (!allowed) state.SkipWithError("somebody was turned away");
}

void guarded_request(benchmark::State& state, bool transforms) {
  const jose::Key key = jose::Key::symmetric(Secret("kJ8v2QpXz7LmN4sT9wYb3RcF6hGd1AeU0iOq"), "k1");
  GuardBuilder builder;
  builder.use_clock(std::make_shared<const FixedClock>());
  builder.add_authentication("Bearer").add_jwt_bearer([&](authentication::JwtBearerOptions& options) {
    options.token_validation_parameters = bench::parameters({key});
  });
  if (transforms)
    builder.add_claims_transformation([](authentication::ClaimsTransformationContext& context) {
      context.add_claim({.type = "tenant", .value = "blue"});
    });
  builder.protect("GET", "/orders").require_authorization();
  const Guard guard = builder.build().value();
  const std::string authorization =
      "Bearer " + tokens::write(bench::descriptor(), key, jose::Algorithm::HS256).value();
  bool allowed = true;
  for (auto _ : state)
    allowed &= guard.check({.target = "/orders", .authorization = authorization}).allowed();
  if (!allowed) state.SkipWithError("somebody was turned away");
}

BENCHMARK(evaluate_one_of)->Name("evaluate")->Arg(1)->Arg(10)->Arg(100)->Arg(1000)->Arg(10000);
BENCHMARK_CAPTURE(guarded_request, request, false)->Name("guard/plain");
BENCHMARK_CAPTURE(guarded_request, request, true)->Name("guard/transformation");

}  // namespace
}  // namespace gatehouse::authorization

BENCHMARK_MAIN();
