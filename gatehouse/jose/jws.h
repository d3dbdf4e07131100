/// JWS — signed compact tokens (RFC 7515): take apart, verify, sign.
///
/// Nothing here knows about claims, clocks or HTTP. `parse_jws` trusts nothing and `verify` decides one
/// question only: did the holder of this key sign these bytes?
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "gatehouse/base/result.h"
#include "gatehouse/base/small_octets.h"
#include "gatehouse/jose/header.h"
#include "gatehouse/jose/key.h"

namespace gatehouse::jose {

/// A compact JWS taken apart, its signature not yet checked. Views point into the text given to parse_jws.
struct Jws {
  std::shared_ptr<const Header> header;  ///< never null; tokens whose headers are the same text share it
  std::string_view signing_input;        ///< base64url(header) "." base64url(payload), exactly as received
  std::string_view payload;              ///< still base64url; decoded only once the signature holds
  SmallOctets<512> signature;            ///< decoded; 64 octets for ES256, 256 for RS256 with a 2048-bit key
  bool is_signed = true;                 ///< false when the third part is empty
};

/// Splits `compact`, which is three base64url parts (RFC 7515 §7.1), and reads its header and
/// signature. Fails with malformed, or as parse_header. An empty signature is read; `verify`
/// refuses it. With Leniency::original a signature that is no base64url reads as no octets at all,
/// and fails where signatures are compared.
Result<Jws> parse_jws(std::string_view compact, Leniency leniency = Leniency::none);

/// Checks `signature` over `signing_input` under `algorithm`, which must be one that `key` fits (RFC 7515
/// §5.2). Fails with alg_not_allowed when it does not fit, and signature_invalid. Any wrong HMAC takes the
/// same time. Thread-safe; the contexts it prepares are kept per thread and key, and go with the key.
Result<void> verify(std::string_view signing_input, std::string_view signature, const Key& key,
                    Algorithm algorithm);

/// Signs with `key` under `algorithm`: raw octets, r||s for ECDSA (RFC 7518 §3.4).
/// Fails with alg_not_allowed, weak_key, or key_invalid when the key is public only.
Result<std::string> sign(std::string_view signing_input, const Key& key, Algorithm algorithm);

/// The whole compact form: header {"alg","typ","kid"} as given, payload, signature. `kid` comes from the key.
Result<std::string> sign_compact(std::string_view payload, const Key& key, Algorithm algorithm,
                                 std::string_view typ = "JWT");

}  // namespace gatehouse::jose
