#include "gatehouse/tokens/signature.h"

#include <algorithm>
#include <span>

#include "gatehouse/base/ascii.h"

namespace gatehouse::tokens {
namespace {

using jose::Key;

// A certificate is also named by its thumbprint, which the original compares without case when it is the kid.
bool is_named(const Key& key, const jose::Header& header) {
  if (!header.kid.empty())
    return key.kid() == header.kid || (key.has_certificate() && equals_ignoring_case(key.kid(), header.kid));
  return !header.x5t.empty() && key.has_certificate() && key.x5t() == header.x5t;
}

// An algorithm that is off by default verifies only where it is named.
bool is_allowed(jose::Algorithm algorithm, const TokenValidationParameters& parameters) {
  const jose::AlgorithmTraits& row = jose::traits(algorithm);
  const auto& listed = parameters.valid_algorithms;
  return listed.empty() ? !row.on_request : std::ranges::find(listed, row.name) != listed.end();
}

bool verifies(const jose::Jws& jws, const Key& key, jose::Algorithm algorithm,
              const TokenValidationParameters& parameters) {
  return key.fits(algorithm) && check_strength(key, algorithm, parameters.key_strength).has_value() &&
         jose::verify(jws.signing_input, jws.signature, key, algorithm).has_value();
}

// What came of trying keys.
struct Search {
  const Key* verified = nullptr;
  const Key* named = nullptr;  // the first of the token's kid
  bool has_tried = false;
};

// A known kid means that key and no other. A token without one, or with one nobody here knows, is tried with
// few keys, so that it cannot make a server verify it two hundred times.
Search search(const jose::Jws& jws, jose::Algorithm algorithm, const jose::KeySet& keys,
              const TokenValidationParameters& parameters) {
  const std::string& kid = jws.header->kid;
  Search found;
  std::size_t tried = 0;
  const auto holds = [&](const Key& key) {
    ++tried;
    found.has_tried = true;
    if (verifies(jws, key, algorithm, parameters)) found.verified = &key;
    return found.verified != nullptr;
  };
  for (const Key& key : keys.find(kid)) {  // none for an empty one
    if (!found.named) found.named = &key;
    if (holds(key)) return found;
  }
  const bool tries_all = parameters.try_all_issuer_signing_keys;
  if (!tries_all && (found.named || !(kid.empty() || keys.has_nameless()))) return found;
  for (const Key& key : keys.keys()) {
    if (tried >= parameters.maximum_keys_tried) break;
    const bool was_tried = found.named && key.kid() == kid;
    const bool may_be_tried = kid.empty() || key.kid().empty() || tries_all;
    if (may_be_tried && !was_tried && key.fits(algorithm) && holds(key)) return found;
  }
  return found;
}

// The first key of that name is the only one tried; without one, all of them where that is allowed.
SignatureVerdict original_verdict(const jose::Jws& jws, const jose::KeySet& keys,
                                  const TokenValidationParameters& parameters) {
  const jose::Header& header = *jws.header;
  const auto algorithm = header.algorithm();
  const auto holds = [&](const Key& key) {
    return algorithm && is_allowed(*algorithm, parameters) && verifies(jws, key, *algorithm, parameters);
  };
  const auto all = std::span(keys.keys());
  const auto named = std::ranges::find_if(all, [&](const Key& key) { return is_named(key, header); });
  if (named != all.end()) {
    if (holds(*named)) return {.key = &*named};
    if (!header.kid.empty()) return {.key = fail(Failure::signature_invalid)};
    return {.key = fail(Failure::key_not_found)};
  }
  const auto tried = parameters.try_all_issuer_signing_keys ? all : std::span<const Key>();
  const auto found = std::ranges::find_if(tried, holds);
  if (found != tried.end()) return {.key = &*found};
  return {.key = fail(Failure::key_not_found, header.kid),
          .asks_claims_first = !header.kid.empty() && !tried.empty()};
}

}  // namespace

SignatureVerdict verify_signature(const jose::Jws& jws, const jose::KeySet& keys,
                                  const TokenValidationParameters& parameters) {
  if (parameters.profile == Profile::aspnet_core) return original_verdict(jws, keys, parameters);

  const jose::Header& header = *jws.header;
  const auto algorithm = header.algorithm();
  if (!algorithm || !is_allowed(*algorithm, parameters))
    return {.key = fail(Failure::alg_not_allowed, header.alg)};
  const Search found = search(jws, *algorithm, keys, parameters);
  if (found.verified) return {.key = found.verified};
  if (found.named) {
    const auto fits = [&](const Key& other) { return other.fits(*algorithm); };
    if (!fits(*found.named))  // an algorithm of ours, under the wrong key; or none of ours at all
      return {.key = std::ranges::any_of(keys.keys(), fits) ? fail(Failure::signature_invalid)
                                                            : fail(Failure::alg_not_allowed, header.alg)};
    if (auto strong = check_strength(*found.named, *algorithm, parameters.key_strength); !strong)
      return {.key = std::unexpected(std::move(strong).error())};
    return {.key = fail(Failure::signature_invalid)};
  }
  // With one key tried for a token that names none, the signature is what is wrong; nothing is to be fetched.
  if (header.kid.empty() && found.has_tried) return {.key = fail(Failure::signature_invalid)};
  return {.key = fail(Failure::key_not_found, header.kid), .asks_claims_first = !header.kid.empty()};
}

}  // namespace gatehouse::tokens
