#include "gatehouse/tokens/signature.h"

#include <algorithm>
#include <vector>

#include "gatehouse/base/ascii.h"

namespace gatehouse::tokens {
namespace {

using jose::Key;

// Which keys a token may be tried with, and why not others.
struct Candidates {
  std::vector<const Key*> keys;
  bool kid_matched = false;
};

// A certificate is also named by its thumbprint, which the original compares without case when it is the kid.
bool is_named(const Key& key, const jose::Header& header) {
  if (!header.kid.empty())
    return key.kid() == header.kid || (key.has_certificate() && equals_ignoring_case(key.kid(), header.kid));
  return !header.x5t.empty() && key.has_certificate() && key.x5t() == header.x5t;
}

Candidates original_candidates(const jose::Header& header, const jose::KeySet& keys, bool try_all) {
  Candidates chosen;
  for (const Key& key : keys.keys()) {
    if (!is_named(key, header)) continue;
    chosen.keys.push_back(&key);
    chosen.kid_matched = !header.kid.empty();
    return chosen;  // the first of that name is the only one tried
  }
  if (try_all)
    for (const Key& key : keys.keys()) chosen.keys.push_back(&key);
  return chosen;
}

// A known kid means that key and no other. A token without one, or with one nobody here knows, is tried with
// few keys, so that it cannot make a server verify it two hundred times.
Candidates candidates(const jose::Header& header, jose::Algorithm algorithm, const jose::KeySet& keys,
                      const TokenValidationParameters& parameters) {
  Candidates chosen;
  chosen.keys = keys.find(header.kid);  // none for an empty one
  chosen.kid_matched = !chosen.keys.empty();
  if (chosen.kid_matched && !parameters.try_all_issuer_signing_keys) return chosen;
  for (const Key& key : keys.keys()) {
    if (chosen.keys.size() >= parameters.maximum_keys_tried) break;
    const bool is_chosen_already = chosen.kid_matched && key.kid() == header.kid;
    const bool may_be_tried =
        header.kid.empty() || key.kid().empty() || parameters.try_all_issuer_signing_keys;
    if (may_be_tried && !is_chosen_already && key.fits(algorithm)) chosen.keys.push_back(&key);
  }
  return chosen;
}

// An algorithm that is off by default verifies only where it is named.
bool is_allowed(jose::Algorithm algorithm, const TokenValidationParameters& parameters) {
  const jose::AlgorithmTraits& row = jose::traits(algorithm);
  const auto& listed = parameters.valid_algorithms;
  return listed.empty() ? !row.on_request : std::ranges::find(listed, row.name) != listed.end();
}

bool verifies(const jose::Jws& jws, const Key& key, const TokenValidationParameters& parameters) {
  const auto algorithm = jws.header.algorithm();
  return algorithm && is_allowed(*algorithm, parameters) && key.fits(*algorithm) &&
         check_strength(key, *algorithm, parameters.key_strength).has_value() &&
         jose::verify(jws.signing_input, jws.signature, key, *algorithm).has_value();
}

const Key* first_that_verifies(const jose::Jws& jws, const Candidates& chosen,
                               const TokenValidationParameters& parameters) {
  const auto found =
      std::ranges::find_if(chosen.keys, [&](const Key* key) { return verifies(jws, *key, parameters); });
  return found == chosen.keys.end() ? nullptr : *found;
}

SignatureVerdict original_verdict(const jose::Jws& jws, const jose::KeySet& keys,
                                  const TokenValidationParameters& parameters) {
  const Candidates chosen = original_candidates(jws.header, keys, parameters.try_all_issuer_signing_keys);
  if (chosen.keys.empty()) return {.key = fail(Failure::key_not_found, jws.header.kid)};
  if (const Key* key = first_that_verifies(jws, chosen, parameters)) return {.key = key};
  if (chosen.kid_matched) return {.key = fail(Failure::signature_invalid)};
  return {.key = fail(Failure::key_not_found, jws.header.kid), .asks_claims_first = !jws.header.kid.empty()};
}

}  // namespace

SignatureVerdict verify_signature(const jose::Jws& jws, const jose::KeySet& keys,
                                  const TokenValidationParameters& parameters) {
  if (parameters.profile == Profile::aspnet_core) return original_verdict(jws, keys, parameters);

  const auto algorithm = jws.header.algorithm();
  if (!algorithm || !is_allowed(*algorithm, parameters))
    return {.key = fail(Failure::alg_not_allowed, jws.header.alg)};
  const Candidates chosen = candidates(jws.header, *algorithm, keys, parameters);
  if (const Key* key = first_that_verifies(jws, chosen, parameters)) return {.key = key};
  if (chosen.kid_matched) {
    const Key& key = *chosen.keys.front();
    const auto fits = [&](const Key& other) { return other.fits(*algorithm); };
    if (!fits(key))  // an algorithm of ours, under the wrong key; or none of ours at all
      return {.key = std::ranges::any_of(keys.keys(), fits) ? fail(Failure::signature_invalid)
                                                            : fail(Failure::alg_not_allowed, jws.header.alg)};
    if (auto strong = check_strength(key, *algorithm, parameters.key_strength); !strong)
      return {.key = std::unexpected(std::move(strong).error())};
    return {.key = fail(Failure::signature_invalid)};
  }
  // With one key tried for a token that names none, the signature is what is wrong; nothing is to be fetched.
  if (jws.header.kid.empty() && !chosen.keys.empty()) return {.key = fail(Failure::signature_invalid)};
  return {.key = fail(Failure::key_not_found, jws.header.kid), .asks_claims_first = !jws.header.kid.empty()};
}

}  // namespace gatehouse::tokens
