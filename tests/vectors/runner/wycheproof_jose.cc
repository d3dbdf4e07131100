#include "tests/vectors/runner/wycheproof_jose.h"

#include <algorithm>

#include "tests/vectors/runner/jose_reading.h"

namespace gatehouse::vectors {
namespace {

// A token as text: some are given as the JSON that a compact interface has to refuse.
std::string token_of(const Json& test, const char* member) {
  return test.at(member).is_string() ? test.at(member).get<std::string>() : test.at(member).dump();
}

Json keys_of(const Json& group, const char* side) {
  const Json& keys = group.contains(side) ? group.at(side) : group.at("private");
  return keys.contains("keys") ? keys.at("keys") : Json::array({keys});
}

// Choices, in docs/security/choices.md: base64url has no other characters in it, and a key with an `alg` is
// for no other algorithm.
bool is_refused_by_choice(const std::string& token, const Json& keys) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
  if (token.find_first_not_of(alphabet) != token.npos) return true;
  const std::string alg = header_of(token).value("alg", "");
  return std::ranges::all_of(keys,
                             [&](const Json& jwk) { return jwk.contains("alg") && jwk.at("alg") != alg; });
}

Differences judge_result(const Json& test, const std::string& token, const Json& keys,
                         const Result<std::string>& verdict) {
  if (verdict && test.at("result") == "invalid") return {"ACCEPTED what must be refused"};
  if (test.at("result") == "valid") {
    const bool is_refused = is_refused_by_choice(token, keys);
    if (verdict && is_refused) return {"ACCEPTED what must be refused"};
    if (!verdict && !is_refused) return {refusal(verdict)};
  }
  if (verdict && test.contains("pt") && *verdict != unhex(test.at("pt"))) return {"opens to something else"};
  return {};
}

// A set is read as one that somebody publishes, whose secrets are none; one of secrets alone is our own.
Result<std::vector<jose::Key>> verification_keys(const Json& keys) {
  const auto is_secret = [](const Json& jwk) { return jwk.value("kty", "") == "oct"; };
  if (!keys.contains("keys") || std::ranges::all_of(keys.at("keys"), is_secret)) return read_keys(keys);
  GH_TRY(const jose::KeySet set, jose::KeySet::parse(keys.dump()));
  return set.keys();
}

// What an application that expects the test's token would name: `alg` of the keys, and `enc` of the test.
std::vector<std::string> expected_algorithms(const Json& keys, const Json& test) {
  std::vector<std::string> names;
  for (const auto& row : jose::content_encryptions())
    if (test.value("enc", std::string(row.name)) == row.name) names.emplace_back(row.name);
  for (const Json& jwk : keys) names.push_back(jwk.value("alg", ""));
  return names;
}

}  // namespace

Differences judge_json_web_signature(const Json& group, const Json& test) {
  const std::string token = token_of(test, "jws");
  const auto verify = [&]() -> Result<std::string> {
    GH_TRY(const auto keys,
           verification_keys(group.contains("public") ? group.at("public") : group.at("private")));
    return open_compact_jws(token, keys);
  };
  return judge_result(test, token, keys_of(group, "public"), verify());
}

Differences judge_json_web_encryption(const Json& group, const Json& test) {
  const std::string token = token_of(test, "jwe");
  const Json keys = keys_of(group, "private");
  const auto decrypt = [&]() -> Result<std::string> {
    GH_TRY(const auto own, read_keys(keys));
    return open_jwe(token, own, expected_algorithms(keys, test));
  };
  return judge_result(test, token, keys, decrypt());
}

Differences judge_json_web_crypto(const Json& group, const Json& test) {
  return test.contains("jwe") ? judge_json_web_encryption(group, test)
                              : judge_json_web_signature(group, test);
}

}  // namespace gatehouse::vectors
