/// JWE — encrypted compact tokens (RFC 7516): take apart, decrypt, encrypt.
///
/// Encryption with a public key says nothing of who encrypted: what comes out is to be believed only when it
/// is signed. The JSON forms of a JWE are refused.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/base/result.h"
#include "gatehouse/jose/encryption_algorithm.h"
#include "gatehouse/jose/header.h"
#include "gatehouse/jose/key.h"

namespace gatehouse::jose {

/// A compact JWE taken apart, nothing decrypted yet. Views point into the text given to parse_jwe.
struct Jwe {
  Header header;              ///< `alg`, `enc`, `kid`, `cty` … as written, none of it trusted
  std::string header_octets;  ///< the decoded header, for what only the algorithms read: `epk`, `p2c` …
  std::string_view protected_header;  ///< the same as received: what the tag covers besides the content
  std::string encrypted_key;          ///< decoded; empty with dir and plain ECDH-ES
  std::string iv;                     ///< decoded
  std::string ciphertext;             ///< decoded
  std::string tag;                    ///< decoded

  std::optional<KeyManagement> management() const noexcept { return parse_key_management(header.alg); }
  std::optional<ContentEncryption> content() const noexcept { return parse_content_encryption(header.enc); }
};

/// Splits and decodes `compact`, which is five base64url parts (RFC 7516 §7.1). Fails with malformed (also
/// without `enc`, iv or tag), or as parse_header.
Result<Jwe> parse_jwe(std::string_view compact, Leniency leniency = Leniency::none);

/// What a recipient lets a token choose.
struct DecryptionOptions {
  /// Names of `alg`, `enc` and `zip`. Empty: every algorithm but RSA1_5, the PBES2 family and DEF, which work
  /// only where they are named.
  std::vector<std::string> valid_algorithms = {};
  std::uint64_t maximum_rounds = 10'000;      ///< of PBES2
  std::size_t maximum_inflated = 256 * 1024;  ///< octets that a compressed content may grow to
};

/// The content. Fails with decryption_failed for every reason that lies in the key, the encrypted key, the
/// content or its tag, and after the same work: what went wrong is told to nobody (RFC 7516 §11.5). An
/// algorithm that is unknown, not allowed or not this key's is decryption_failed as well; its name is the
/// subject. Fails with decompression_failed for a `zip` that is not allowed, and for content that does not
/// inflate within its cap.
Result<std::string> decrypt(const Jwe& jwe, const Key& key, const DecryptionOptions& options = {});

struct EncryptionOptions {
  std::string typ = {};
  std::string cty = {};  ///< "JWT" around a signed token (RFC 7519 §5.2)
  bool compress =
      false;  ///< `zip` DEF; the length of compressed secrets gives them away to who can add to them
  std::string party_u = {};       ///< octets of `apu` (RFC 7518 §4.6.1.2)
  std::string party_v = {};       ///< octets of `apv`
  std::uint64_t rounds = 10'000;  ///< of PBES2
};

/// The compact form, for who holds the private part of `key`; `kid` comes from the key. Every call makes a
/// new content key and a new iv. Fails with alg_not_allowed when the algorithms do not fit the key, weak_key
/// for RSA below 2048 bits, or internal.
Result<std::string> encrypt(std::string_view content, const Key& key, KeyManagement algorithm,
                            ContentEncryption encryption, const EncryptionOptions& options = {});

}  // namespace gatehouse::jose
