#include <fmt/format.h>

#include "gatehouse/tokens/validate.h"
#include "tests/vectors/runner/cases.h"
#include "tests/vectors/runner/jose_reading.h"

namespace gatehouse::vectors {
namespace {

Instant clock_of(const Json& json) { return Instant(Seconds(json.at("clock").get<std::int64_t>())); }

const Json& key_named(const Json& keys, const std::string& kid) {
  for (const Json& jwk : keys.at("keys"))
    if (jwk.at("kid") == kid) return jwk;
  throw std::runtime_error("keys.json has no key " + kid);
}

// The keys that the case names, in order.
std::vector<jose::Key> named_keys(const Json& names, const Json& keys, bool is_private) {
  std::vector<jose::Key> found;
  for (const Json& kid : names.is_array() ? names : Json::array({names})) {
    const Json& jwk = key_named(keys, kid.get<std::string>());
    found.push_back(read_key(is_private ? jwk : public_part(jwk)).value());
  }
  return found;
}

// Every name in the token that is off unless an application names it, with those that are on.
std::vector<std::string> encryption_names(const Json& one) {
  std::vector<std::string> names;
  for (const char* member : {"alg", "enc", "zip"})
    if (one.contains(member) && one.at(member).is_string()) names.push_back(one.at(member));
  return names;
}

std::vector<jose::Key> decryption_keys(const Json& one, const Json& keys) {
  if (one.contains("password")) return {jose::Key::symmetric(Secret(one.at("password").get<std::string>()))};
  return named_keys(one.at("key"), keys, true);
}

// As a bearer token, by everything that a validator looks at.
Result<void> validate(const Json& one, const Json& file, const Json& keys) {
  const Json& wanted = file.at("validation");
  tokens::TokenValidationParameters parameters{.valid_issuer = wanted.at("issuer"),
                                               .valid_audience = wanted.at("audience")};
  const bool is_nested = one.at("kind") == "nested";
  parameters.issuer_signing_keys = named_keys(one.at(is_nested ? "inner_key" : "key"), keys, false);
  if (is_nested) {
    parameters.token_decryption_keys = decryption_keys(one, keys);
    parameters.valid_encryption_algorithms = encryption_names(one);
  }
  GH_TRY(const auto validator, tokens::TokenValidator::make(std::move(parameters)));
  GH_CHECK(validator.validate(one.at("token").get<std::string>(), clock_of(wanted)));
  return {};
}

Result<std::string> content_of(const Json& one, const Json& keys) {
  const std::string token = one.at("token"), kind = one.at("kind");
  if (kind.starts_with("jws")) return open_jws(token, named_keys(one.at("key"), keys, false));
  GH_TRY(std::string content, open_jwe(token, decryption_keys(one, keys), encryption_names(one)));
  if (kind != "nested") return content;
  return open_jws(content, named_keys(one.at("inner_key"), keys, false));
}

// Choice (docs/security/choices.md): GCM has an iv of 96 bits (RFC 7518 §5.3), and no other is read.
bool is_refused_by_choice(const std::string& token) {
  const auto jwe = jose::parse_jwe(token);
  if (!jwe || !jwe->content()) return false;
  const auto& row = jose::traits(*jwe->content());
  return row.hash_octets == 0 && jwe->iv.size() != row.iv_octets;
}

Differences judge_token(const Json& one, const Json& file, const Json& keys) {
  const std::string kind = one.at("kind");
  Differences differences;
  if (kind == "jws" || kind == "nested")
    judge_verdict(one.at("expect"), validate(one, file, keys), differences);
  const auto content = content_of(one, keys);
  if (is_refused_by_choice(one.at("token").get<std::string>()))
    return content ? Differences{"ACCEPTED what must be refused"} : Differences{};
  judge_verdict(one.at("expect"), content, differences);
  if (content && Json::parse(*content) != one.at("claims")) differences.push_back("the claims are others");
  return differences;
}

}  // namespace

Cases cases_of_tokens(const Json& file, Json keys) {
  const auto shared = std::make_shared<const Json>(std::move(keys));
  Cases cases;
  for (const Json& one : file.at("cases"))
    cases.push_back({one.at("id"), [&, shared] { return judge_token(one, file, *shared); }});
  return cases;
}

}  // namespace gatehouse::vectors
