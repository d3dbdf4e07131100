#include "gatehouse/tokens/validation_parameters.h"

#include "gatehouse/claims/claims_identity.h"

namespace gatehouse::tokens {

TokenValidationParameters TokenValidationParameters::aspnet_core() {
  TokenValidationParameters original;
  original.ignore_trailing_slash_when_validating_audience = true;
  original.clock_skew = Seconds(300);
  original.validate_issuer_signing_key = false;
  original.try_all_issuer_signing_keys = true;
  original.try_all_token_decryption_keys = true;
  original.key_strength = {.rsa_bits = 1024};
  original.valid_types = {};
  original.name_claim_types = {std::string(claims::claim_types::name)};
  original.role_claim_types = {std::string(claims::claim_types::role)};
  original.map_inbound_claims = true;
  original.maximum_token_size = 256'000;
  original.maximum_keys_tried = static_cast<std::size_t>(-1);
  original.profile = Profile::aspnet_core;
  return original;
}

}  // namespace gatehouse::tokens
