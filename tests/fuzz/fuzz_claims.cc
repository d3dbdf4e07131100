// The payload of a token that is signed as it should be: read, judged and mapped in both profiles. What is
// accepted is for us, from whom we know and alive; without its signature it is nothing.

#include <algorithm>

#include "gatehouse/base/base64url.h"
#include "gatehouse/jose/jws.h"
#include "gatehouse/tokens/claim_mapping.h"
#include "gatehouse/tokens/explain.h"
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

constexpr Instant now{Seconds(1'780'272'000)};

bool accepts(const tokens::TokenValidator& validator, const std::string& token) {
  const auto validated = validator.validate(token, now);
  const auto explained = tokens::explain(token, validator, now);
  promise(explained.is_accepted() == validated.has_value());
  promise(validated || *explained.failure() == validated.error());
  if (!validated) return false;
  const auto& audiences = validated->claims.audiences();
  promise(validated->claims.issuer() == "https://issuer.example");
  promise(std::ranges::find(audiences, "api://orders") != audiences.end());
  promise(validated->claims.expires() &&
          *validated->claims.expires() >= now - validator.parameters().clock_skew);
  const auto identity = tokens::to_identity(*validated, validator.parameters());
  for (const claims::Claim& claim : identity.claims) promise(!claim.issuer.empty());
  return true;
}

// The signature of `token` on a header that says that there is none, or no signature at all.
void judge_unsigned(std::string_view token) {
  constexpr std::string_view none = "eyJhbGciOiJub25lIn0";  // {"alg":"none"}
  const std::string_view rest = token.substr(token.find('.'));
  const std::string kept = std::string(none) + std::string(rest);
  const std::string without = kept.substr(0, kept.rfind('.') + 1);
  const std::string stripped(token.substr(0, token.rfind('.') + 1));
  for (const std::string& forged : {kept, without, stripped})
    promise(!ours().validate(forged, now) && !originals().validate(forged, now));
}

void judge(std::string_view text) {
  const std::string token = jose::sign_compact(text, key(), jose::Algorithm::HS256).value();
  const auto jws = jose::parse_jws(token);
  promise(jws && base64url::decode(jws->payload) == text);
  const bool by_ours = accepts(ours(), token);
  const bool by_originals = accepts(originals(), token);
  promise(!by_ours || by_originals);  // ours is the stricter one
  if (by_originals) judge_unsigned(token);
}

}  // namespace
}  // namespace gatehouse

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  gatehouse::judge(gatehouse::text_of(data, size));
  return 0;
}
