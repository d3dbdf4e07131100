#include "gatehouse/jose/jwe.h"

#include <algorithm>
#include <array>

#include "gatehouse/base/base64url.h"
#include "gatehouse/base/json.h"
#include "gatehouse/base/random.h"
#include "gatehouse/jose/compression.h"
#include "gatehouse/jose/content_encryption.h"
#include "gatehouse/jose/key_management.h"

namespace gatehouse::jose {
namespace {

constexpr std::string_view deflate_name = "DEF";

std::optional<std::array<std::string_view, 5>> split(std::string_view compact) {
  std::array<std::string_view, 5> parts;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const std::size_t dot = compact.find('.');
    if ((dot == compact.npos) != (i + 1 == parts.size())) return std::nullopt;
    parts[i] = compact.substr(0, dot);
    if (dot != compact.npos) compact.remove_prefix(dot + 1);
  }
  return parts;
}

Result<std::string> decode(std::string_view part, const char* name) {
  auto octets = base64url::decode(part);
  if (!octets) return fail(Failure::malformed, name);
  return *std::move(octets);
}

bool is_allowed(std::string_view name, bool on_request, const DecryptionOptions& options) {
  const auto& listed = options.valid_algorithms;
  return listed.empty() ? !on_request : std::ranges::find(listed, name) != listed.end();
}

// Which operation of `key_ops` undoes what the algorithm does (RFC 7517 §4.3).
bool may_decrypt(const Key& key, KeyManagementMode mode) {
  switch (mode) {
    case KeyManagementMode::direct:
      return key.permits({"decrypt"});
    case KeyManagementMode::agreement:
    case KeyManagementMode::password:
      return key.permits({"deriveKey", "deriveBits", "unwrapKey"});
    default:
      return key.permits({"unwrapKey", "decrypt"});
  }
}

bool may_encrypt(const Key& key, KeyManagementMode mode) {
  switch (mode) {
    case KeyManagementMode::direct:
      return key.permits({"encrypt"});
    case KeyManagementMode::agreement:
    case KeyManagementMode::password:
      return key.permits({"deriveKey", "deriveBits", "wrapKey"});
    default:
      return key.permits({"wrapKey", "encrypt"});
  }
}

// Everything here is written in the token for all to see; no secret has been touched yet.
Result<Encryption> choose_algorithms(const Jwe& jwe, const Key& key, const DecryptionOptions& options) {
  const auto management = jwe.management();
  if (!management || !is_allowed(jwe.header.alg, traits(*management).on_request, options))
    return fail(Failure::decryption_failed, jwe.header.alg);
  const auto content = jwe.content();
  if (!content || !is_allowed(jwe.header.enc, false, options))
    return fail(Failure::decryption_failed, jwe.header.enc);
  const std::string& zip = jwe.header.zip;
  if (!zip.empty() && (zip != deflate_name || !is_allowed(deflate_name, true, options)))
    return fail(Failure::decompression_failed, zip);
  const Encryption algorithms{.management = traits(*management), .content = traits(*content)};
  if (!key.is_private() || !key.fits(*management, *content) || !may_decrypt(key, algorithms.management.mode))
    return fail(Failure::decryption_failed, jwe.header.alg);
  return algorithms;
}

void write_header(json::Writer& header, const Encryption& algorithms, const Key& key,
                  const EncryptionOptions& options) {
  header.member("alg", algorithms.management.name).member("enc", algorithms.content.name);
  if (!key.kid().empty()) header.member("kid", key.kid());
  if (!options.typ.empty()) header.member("typ", options.typ);
  if (!options.cty.empty()) header.member("cty", options.cty);
  if (options.compress) header.member("zip", deflate_name);
}

}  // namespace

Result<Jwe> parse_jwe(std::string_view compact, Leniency leniency) {
  const auto parts = split(compact);
  if (!parts) return fail(Failure::malformed, "segments");
  const auto& [header, encrypted_key, iv, ciphertext, tag] = *parts;
  if (header.empty() || iv.empty() || tag.empty()) return fail(Failure::malformed, "segments");
  Result<Jwe> jwe(std::in_place);
  GH_TRY(jwe->header_octets, decode(header, "header"));
  GH_TRY(jwe->encrypted_key, decode(encrypted_key, "encrypted_key"));
  GH_TRY(jwe->iv, decode(iv, "iv"));
  GH_TRY(jwe->ciphertext, decode(ciphertext, "ciphertext"));
  GH_TRY(jwe->tag, decode(tag, "tag"));
  GH_TRY(jwe->header, parse_header(jwe->header_octets, leniency));
  if (jwe->header.enc.empty() && leniency == Leniency::none) return fail(Failure::malformed, "header.enc");
  jwe->protected_header = header;
  return jwe;
}

Result<std::string> decrypt(const Jwe& jwe, const Key& key, const DecryptionOptions& options) {
  GH_TRY(const Encryption algorithms, choose_algorithms(jwe, key, options));
  thread_local json::Parser parser;
  GH_TRY(const json::Value header, parser.parse(jwe.header_octets));

  // A key that did not come out is replaced by one that opens nothing, so that the tag refuses this token as
  // it does any other, after the same steps.
  std::string random = random_octets(algorithms.content.key_octets);
  const Secret substitute(random);
  wipe(random);
  const auto unwrapped =
      unwrap_content_key(algorithms, key, header, jwe.encrypted_key, options.maximum_rounds);
  const bool is_whole = unwrapped && unwrapped->size() == algorithms.content.key_octets;
  auto content = open(algorithms.content, is_whole ? *unwrapped : substitute, jwe.iv, jwe.protected_header,
                      jwe.ciphertext, jwe.tag);
  if (!content) return fail(Failure::decryption_failed);
  if (jwe.header.zip.empty()) return *std::move(content);
  return inflate(*content, options.maximum_inflated);
}

Result<std::string> encrypt(std::string_view content, const Key& key, KeyManagement algorithm,
                            ContentEncryption encryption, const EncryptionOptions& options) {
  const Encryption algorithms{.management = traits(algorithm), .content = traits(encryption)};
  if (!key.fits(algorithm, encryption) || !may_encrypt(key, algorithms.management.mode))
    return fail(Failure::alg_not_allowed, std::string(algorithms.management.name));
  json::Writer header;
  header.begin_object();
  write_header(header, algorithms, key, options);
  const WrapOptions wrap{.party_u = options.party_u, .party_v = options.party_v, .rounds = options.rounds};
  GH_TRY(const WrappedKey wrapped, wrap_content_key(algorithms, key, wrap, header));
  header.end_object();

  std::string token = base64url::encode(header.text());
  const std::string iv = random_octets(algorithms.content.iv_octets);
  const std::string deflated = options.compress ? deflate(content) : std::string();
  const aes::Sealed sealed =
      seal(algorithms.content, wrapped.content_key, iv, token, options.compress ? deflated : content);
  for (const std::string_view part : {std::string_view(wrapped.encrypted_key), std::string_view(iv),
                                      std::string_view(sealed.ciphertext), std::string_view(sealed.tag)}) {
    token += '.';
    base64url::append(token, part);
  }
  return token;
}

}  // namespace gatehouse::jose
