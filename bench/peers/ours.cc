#include "bench/peers/contender.h"
#include "gatehouse/tokens/claim_mapping.h"
#include "gatehouse/tokens/validate.h"

namespace gatehouse::peers {
namespace {

tokens::TokenValidator validator_for(const Case& one) {
  return tokens::TokenValidator::make({.valid_issuer = one.issuer,
                                       .valid_audience = one.audience,
                                       .issuer_signing_key = jose::Key::from_jwk(one.jwk).value(),
                                       .valid_algorithms = {one.algorithm},
                                       .clock_skew = Seconds(0)})
      .value();
}

}  // namespace

Contender ours() {
  return {.name = "Gatehouse", .prepare = [](const Case& one) -> Judge {
            return [validator = validator_for(one), clock = SystemClock()](const std::string& token) {
              const auto result = validator.validate(token, clock.now());
              return result && result->claims.subject().has_value();
            };
          }};
}

Contender ours_with_identity() {
  return {.name = "Gatehouse", .prepare = [](const Case& one) -> Judge {
            return [validator = validator_for(one), clock = SystemClock()](const std::string& token) {
              const auto result = validator.validate(token, clock.now());
              return result && !tokens::to_identity(*result, validator.parameters()).claims.empty();
            };
          }};
}

}  // namespace gatehouse::peers
