#include "gatehouse/jose/jws_json.h"

#include <algorithm>

#include "gatehouse/base/base64url.h"
#include "gatehouse/base/json.h"
#include "gatehouse/jose/jws.h"

namespace gatehouse::jose {
namespace {

constexpr std::size_t most_signatures = 16;

Result<std::string_view> text_of(const json::Value& object, std::string_view name) {
  const auto text = object.find_string(name);
  if (!text) return fail(Failure::malformed, std::string(name));
  return *text;
}

// No parameter may be in both headers (RFC 7515 §7.2.1), or two readers see two tokens; and what decides how
// the signature is checked has to be under it: `alg` always is (read_header).
Result<void> read_unprotected(const json::Value& object, const json::Value& protected_header,
                              Header& header) {
  const auto unprotected = object.find("header");
  if (!unprotected) return {};
  if (!unprotected->is_object()) return fail(Failure::malformed, "header");
  for (auto member = unprotected->begin(); member != unprotected->end(); ++member) {
    const std::string name(member.name());
    if (name == "crit" || name == "b64") return fail(Failure::crit_unsupported, name);
    if (name == "enc" || protected_header.find(name)) return fail(Failure::malformed, "header." + name);
    if (name != "kid") continue;
    if (!(*member).is_string()) return fail(Failure::malformed, "header.kid");
    header.kid = (*member).as_string();
    header.has_kid = true;
  }
  if (header.kid.size() > longest_kid) return fail(Failure::too_large, "kid");
  return {};
}

Result<JsonSignature> read_signature(const json::Value& object, std::string_view payload) {
  GH_TRY(const std::string_view segment, text_of(object, "protected"));
  GH_TRY(const std::string_view signature, text_of(object, "signature"));
  const auto octets = base64url::decode(segment);
  auto signature_octets = base64url::decode(signature);
  if (!octets || !signature_octets) return fail(Failure::malformed, "signature");

  json::Parser parser;  // the document is still held by another
  GH_TRY(const json::Value root, parser.parse(*octets));
  Result<JsonSignature> read(std::in_place);
  GH_TRY(read->header, read_header(root));
  if (!read->header.enc.empty()) return fail(Failure::malformed, "enc");
  GH_CHECK(read_unprotected(object, root, read->header));
  read->signing_input = std::string(segment) + '.' + std::string(payload);
  read->signature = *std::move(signature_octets);
  return read;
}

bool is_flattened(const json::Value& root) {
  return root.find("protected") || root.find("header") || root.find("signature");
}

Result<void> read_signatures(const json::Value& root, std::string_view payload, JsonJws& jws) {
  const auto list = root.find("signatures");
  if (!list) {
    GH_TRY(jws.signatures.emplace_back(), read_signature(root, payload));
    return {};
  }
  if (is_flattened(root) || !list->is_array() || list->size() == 0)
    return fail(Failure::malformed, "signatures");
  if (list->size() > most_signatures) return fail(Failure::too_large, "signatures");
  for (const json::Value entry : *list) {
    GH_TRY(jws.signatures.emplace_back(), read_signature(entry, payload));
  }
  return {};
}

bool is_allowed(Algorithm algorithm, const JsonVerificationOptions& options) {
  const AlgorithmTraits& row = traits(algorithm);
  const auto& listed = options.valid_algorithms;
  return listed.empty() ? !row.on_request : std::ranges::find(listed, row.name) != listed.end();
}

std::vector<const Key*> keys_for(const Header& header, Algorithm algorithm, const KeySet& keys,
                                 std::size_t most) {
  std::vector<const Key*> chosen;
  for (const Key& key : keys.find(header.kid)) chosen.push_back(&key);
  if (!header.kid.empty()) return chosen;
  for (const Key& key : keys.keys())
    if (chosen.size() < most && key.fits(algorithm)) chosen.push_back(&key);
  return chosen;
}

Result<void> verify_one(const JsonSignature& signature, const KeySet& keys,
                        const JsonVerificationOptions& options) {
  const auto algorithm = signature.header.algorithm();
  if (!algorithm || !is_allowed(*algorithm, options))
    return fail(Failure::alg_not_allowed, signature.header.alg);
  Result<void> verdict = fail(Failure::key_not_found, signature.header.kid);
  for (const Key* key : keys_for(signature.header, *algorithm, keys, options.maximum_keys_tried)) {
    verdict = check_strength(*key, *algorithm, options.key_strength);
    if (verdict) verdict = verify(signature.signing_input, signature.signature, *key, *algorithm);
    if (verdict) break;
  }
  return verdict;
}

// protected and signature of one signer, as members.
Result<void> write_signature(json::Writer& writer, std::string_view payload, const JsonSigner& signer) {
  json::Writer header;
  header.begin_object().member("alg", name(signer.algorithm));
  if (!signer.typ.empty()) header.member("typ", signer.typ);
  if (!signer.key.kid().empty()) header.member("kid", signer.key.kid());
  header.end_object();
  const std::string segment = base64url::encode(header.text());
  GH_TRY(const std::string signature,
         sign(segment + '.' + std::string(payload), signer.key, signer.algorithm));
  writer.member("protected", segment).member("signature", base64url::encode(signature));
  return {};
}

}  // namespace

Result<JsonJws> parse_jws_json(std::string_view text) {
  json::Parser parser;
  GH_TRY(const json::Value root, parser.parse(text));
  GH_TRY(const std::string_view payload, text_of(root, "payload"));
  auto octets = base64url::decode(payload);
  if (!octets) return fail(Failure::malformed, "payload");
  Result<JsonJws> jws(std::in_place);
  jws->payload = *std::move(octets);
  GH_CHECK(read_signatures(root, payload, *jws));
  return jws;
}

Result<std::vector<std::size_t>> verify(const JsonJws& jws, const KeySet& keys, RequiredSignatures required,
                                        const JsonVerificationOptions& options) {
  std::vector<std::size_t> verified;
  Result<void> first_failure;
  for (std::size_t i = 0; i < jws.signatures.size(); ++i) {
    auto verdict = verify_one(jws.signatures[i], keys, options);
    if (verdict)
      verified.push_back(i);
    else if (first_failure)
      first_failure = std::move(verdict);
  }
  const bool is_enough =
      required == RequiredSignatures::every_one ? first_failure.has_value() : !verified.empty();
  if (verified.empty() || !is_enough)
    return first_failure ? fail(Failure::no_signature) : std::unexpected(std::move(first_failure).error());
  return verified;
}

Result<std::string> sign_json(std::string_view payload, std::span<const JsonSigner> signers) {
  if (signers.empty()) return fail(Failure::configuration_invalid, "a JWS needs a signer");
  const std::string segment = base64url::encode(payload);
  json::Writer writer;
  writer.begin_object().member("payload", segment).name("signatures").begin_array();
  for (const JsonSigner& signer : signers) {
    writer.begin_object();
    GH_CHECK(write_signature(writer, segment, signer));
    writer.end_object();
  }
  writer.end_array().end_object();
  return std::move(writer).take();
}

Result<std::string> sign_json_flattened(std::string_view payload, const JsonSigner& signer) {
  const std::string segment = base64url::encode(payload);
  json::Writer writer;
  writer.begin_object().member("payload", segment);
  GH_CHECK(write_signature(writer, segment, signer));
  writer.end_object();
  return std::move(writer).take();
}

}  // namespace gatehouse::jose
