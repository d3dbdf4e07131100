// The payload of a token that is signed as it should be: read, judged and mapped in both profiles.

#include "gatehouse/tokens/claim_mapping.h"
#include "gatehouse/tokens/validate.h"
#include "tests/fuzz/fuzz.h"

namespace gatehouse {
namespace {

const jose::Key& key() {
  static const jose::Key secret = jose::Key::symmetric(Secret("kJ8v2QpXz7LmN4sT9wYb3RcF6hGd1AeU0iOq"), "k1");
  return secret;
}

tokens::TokenValidationParameters with_key(tokens::TokenValidationParameters parameters) {
  parameters.valid_issuer = "https://issuer.example";
  parameters.valid_audience = "api://orders";
  parameters.issuer_signing_key = key();
  parameters.role_claim_types.emplace_back("realm_access.roles");
  return parameters;
}

const tokens::TokenValidator& ours() {
  static const auto validator = tokens::TokenValidator::make(with_key({})).value();
  return validator;
}

const tokens::TokenValidator& originals() {
  static const auto validator =
      tokens::TokenValidator::make(with_key(tokens::TokenValidationParameters::aspnet_core())).value();
  return validator;
}

void judge(std::string_view text) {
  constexpr Instant now{Seconds(1'780'272'000)};
  const std::string token = jose::sign_compact(text, key(), jose::Algorithm::HS256).value();
  for (const tokens::TokenValidator* validator : {&ours(), &originals()}) {
    const auto validated = validator->validate(token, now);
    if (!validated) continue;
    promise(validated->claims.issuer() == "https://issuer.example" &&
            validated->claims.expires().has_value());
    const auto identity = tokens::to_identity(*validated, validator->parameters());
    for (const claims::Claim& claim : identity.claims) promise(!claim.issuer.empty());
  }
}

}  // namespace
}  // namespace gatehouse

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  gatehouse::judge(gatehouse::text_of(data, size));
  return 0;
}
