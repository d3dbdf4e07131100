/// JWS in JSON form — one payload, one signature or several (RFC 7515 §7.2).
///
/// A form of its own: nothing here reads a compact token, and parse_jws reads nothing of this. Bearer tokens
/// are compact; this is for documents that several parties sign.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/base/result.h"
#include "gatehouse/jose/header.h"
#include "gatehouse/jose/key_set.h"

namespace gatehouse::jose {

/// One signature, not checked yet.
struct JsonSignature {
  Header header;  ///< what is protected; `kid` also from the unprotected header, as it only finds a key
  std::string signing_input;  ///< base64url(protected header) "." base64url(payload)
  std::string signature;      ///< decoded octets
};

struct JsonJws {
  std::string payload;                    ///< decoded octets; to be believed once `verify` says so
  std::vector<JsonSignature> signatures;  ///< at least one, in order
};

/// Reads the general form ("signatures") or the flattened one ("signature"). Fails with malformed (also when
/// both are there, when a header parameter is in both headers, and when `alg` is not protected), too_large
/// (more than 16 signatures), or as parse_header: `crit` and `b64` are refused wherever they stand.
Result<JsonJws> parse_jws_json(std::string_view text);

/// How many of the signatures have to hold. There is no default: one good signature says nothing of the
/// others.
enum class RequiredSignatures : std::uint8_t { at_least_one, every_one };

struct JsonVerificationOptions {
  std::vector<std::string> valid_algorithms =
      {};  ///< empty: every one that a key fits and that is on by default
  KeyStrength key_strength = {};
  std::size_t maximum_keys_tried = 4;  ///< for a signature that names no key
};

/// Which signatures hold, as indexes into `jws.signatures`, in order; never empty. A signature is tried with
/// the keys of its `kid`, or with few when it names none. Fails with what is wrong with the first signature
/// that does not hold: alg_not_allowed, key_not_found or signature_invalid.
Result<std::vector<std::size_t>> verify(const JsonJws& jws, const KeySet& keys, RequiredSignatures required,
                                        const JsonVerificationOptions& options = {});

struct JsonSigner {
  Key key;
  Algorithm algorithm;
  std::string typ = {};
};

/// The general form with one signature a signer; all headers are protected. Fails as jose::sign, and with
/// configuration_invalid when there is no signer.
Result<std::string> sign_json(std::string_view payload, std::span<const JsonSigner> signers);

/// The flattened form. Fails as jose::sign.
Result<std::string> sign_json_flattened(std::string_view payload, const JsonSigner& signer);

}  // namespace gatehouse::jose
