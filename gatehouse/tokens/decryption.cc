#include "gatehouse/tokens/decryption.h"

#include <fmt/format.h>

#include <algorithm>

#include "gatehouse/base/ascii.h"

namespace gatehouse::tokens {
namespace {

using jose::Key;

constexpr std::string_view deflate_name = "DEF";

std::vector<const Key*> original_candidates(const jose::Header& header, const jose::KeySet& keys,
                                            bool try_all) {
  std::vector<const Key*> chosen;
  if (const Key* named = keys.find_first(header.kid)) return {named};
  if (try_all)
    for (const Key& key : keys.keys()) chosen.push_back(&key);
  return chosen;
}

// As with signatures: a known kid means that key, and a token that names none cannot have them all tried.
std::vector<const Key*> candidates(const jose::Jwe& jwe, const jose::KeySet& keys,
                                   const TokenValidationParameters& parameters) {
  const std::string& kid = jwe.header.kid;
  if (parameters.profile == Profile::aspnet_core)
    return original_candidates(jwe.header, keys, parameters.try_all_token_decryption_keys);
  std::vector<const Key*> chosen;
  for (const Key& key : keys.find(kid)) chosen.push_back(&key);  // none for an empty kid
  const bool kid_matched = !chosen.empty();
  if (kid_matched && !parameters.try_all_token_decryption_keys) return chosen;
  const auto management = jwe.management();
  const auto content = jwe.content();
  if (!management || !content) return chosen;
  for (const Key& key : keys.keys()) {
    if (chosen.size() >= parameters.maximum_keys_tried) break;
    const bool may_be_tried = kid.empty() || key.kid().empty() || parameters.try_all_token_decryption_keys;
    const bool is_chosen_already = kid_matched && key.kid() == kid;
    if (may_be_tried && !is_chosen_already && key.fits(*management, *content)) chosen.push_back(&key);
  }
  return chosen;
}

Result<std::string> open_with_one_of(const std::vector<const Key*>& keys, const jose::Jwe& jwe,
                                     const jose::DecryptionOptions& options) {
  Result<std::string> content = fail(Failure::decryption_failed, jwe.header.kid);
  for (const Key* key : keys) {
    content = jose::decrypt(jwe, *key, options);
    // What has come out and does not inflate was opened by the right key.
    if (content || content.error().kind != Failure::decryption_failed) break;
  }
  return content;
}

// RFC 7519 §5.2: whoever nests a token says so.
bool holds_a_token(const jose::Header& header) {
  return equals_ignoring_case(header.cty, "JWT") || equals_ignoring_case(header.cty, "application/jwt");
}

bool is_known(std::string_view name) {
  return name == deflate_name || jose::parse_key_management(name) || jose::parse_content_encryption(name);
}

bool opens_something(const Key& key) {
  if (!key.is_private()) return false;
  for (const auto& management : jose::key_managements())
    for (const auto& content : jose::content_encryptions())
      if (key.fits(management.algorithm, content.algorithm)) return true;
  return false;
}

// What the original has: one list for signatures and encryption, and nothing off but what it never built.
std::vector<std::string> original_algorithms(const TokenValidationParameters& parameters) {
  std::vector<std::string> names = parameters.valid_algorithms;
  if (names.empty()) {
    for (const auto& row : jose::key_managements())
      if (row.mode != jose::KeyManagementMode::password) names.emplace_back(row.name);
    for (const auto& row : jose::content_encryptions()) names.emplace_back(row.name);
  }
  names.emplace_back(deflate_name);
  return names;
}

}  // namespace

jose::DecryptionOptions decryption_options(const TokenValidationParameters& parameters) {
  const bool original =
      parameters.profile == Profile::aspnet_core && parameters.valid_encryption_algorithms.empty();
  return {
      .valid_algorithms = original ? original_algorithms(parameters) : parameters.valid_encryption_algorithms,
      .maximum_rounds = parameters.maximum_pbes2_rounds,
      .maximum_inflated = parameters.maximum_inflated_size};
}

Result<void> check_decryption(const TokenValidationParameters& parameters, const std::vector<Key>& keys) {
  for (const std::string& name : parameters.valid_encryption_algorithms)
    if (!is_known(name))
      return fail(
          Failure::configuration_invalid,
          fmt::format(
              "valid_encryption_algorithms names '{}', which is no algorithm of a JWE; use names such "
              "as RSA-OAEP-256 and A256GCM",
              name));
  for (const Key& key : keys)
    if (!opens_something(key))
      return fail(
          Failure::configuration_invalid,
          fmt::format("token_decryption_keys holds the key '{}', which can decrypt nothing: it has to be "
                      "private, and its `use`, `alg` and `key_ops` those of encryption",
                      key.kid()));
  return {};
}

Result<std::string> open_encrypted(std::string_view text, const jose::KeySet& keys,
                                   const jose::DecryptionOptions& options,
                                   const TokenValidationParameters& parameters) {
  const bool original = parameters.profile == Profile::aspnet_core;
  GH_TRY(const jose::Jwe jwe,
         jose::parse_jwe(text, original ? jose::Leniency::original : jose::Leniency::none));
  if (jwe.ciphertext.empty()) return fail(Failure::malformed, "segments");
  if (!original && !holds_a_token(jwe.header)) return fail(Failure::malformed, "header.cty");

  std::optional<jose::KeySet> resolved;
  if (parameters.token_decryption_key_resolver)
    resolved.emplace(parameters.token_decryption_key_resolver(jwe.header));
  GH_TRY(std::string content,
         open_with_one_of(candidates(jwe, resolved ? *resolved : keys, parameters), jwe, options));
  if (content.size() > parameters.maximum_token_size)
    return fail(Failure::too_large, fmt::format("{} characters", content.size()));
  // One envelope around one signed token: envelopes within envelopes only make a server work.
  if (std::ranges::count(content, '.') == 4) return fail(Failure::no_signature, "encrypted twice");
  return content;
}

}  // namespace gatehouse::tokens
