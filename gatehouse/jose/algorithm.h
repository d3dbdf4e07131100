/// Algorithm — the JWS algorithms of RFC 7518 §3, RFC 8037, RFC 8812 and RFC 9864, and the curves of their
/// keys, as rows of two tables.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace gatehouse::jose {

enum class Algorithm : std::uint8_t {
  HS256,
  HS384,
  HS512,
  RS256,
  RS384,
  RS512,
  PS256,
  PS384,
  PS512,
  ES256,
  ES384,
  ES512,
  ES256K,
  EdDSA,  ///< Ed25519 or Ed448, as the key's curve says (RFC 8037 §3.1)
  Ed25519,
  Ed448
};

enum class KeyType : std::uint8_t { oct, rsa, ec, okp };  ///< `kty` (RFC 7518 §6.1, RFC 8037 §2)

/// `crv` (RFC 7518 §6.2.1.1, RFC 8037 §2, RFC 8812 §3.1)
enum class Curve : std::uint8_t { none, p256, p384, p521, secp256k1, ed25519, ed448, x25519, x448 };

struct CurveTraits {
  Curve curve;
  std::string_view name;         ///< as in `crv`
  KeyType key_type;              ///< ec or okp
  std::size_t octets;            ///< of a coordinate (ec) or of a key (okp)
  const char* openssl_name;      ///< of the group (ec) or of the key type (okp)
  std::size_t signature_octets;  ///< 0 where nothing signs
};

struct AlgorithmTraits {
  Algorithm algorithm;
  std::string_view name;  ///< as in the `alg` header, compared octet for octet
  KeyType key_type;
  Curve curve;  ///< the only curve it may be used with; none where the key's own decides, or has none
  std::size_t hash_octets;       ///< 32, 48 or 64; 0 where the algorithm brings its own
  std::size_t signature_octets;  ///< 0 where the key says: RSA and EdDSA
  bool on_request = false;       ///< off unless an application names it
};

const AlgorithmTraits& traits(Algorithm algorithm) noexcept;
std::optional<Algorithm> parse_algorithm(
    std::string_view name) noexcept;  ///< nothing for "none" and the unknown
inline std::string_view name(Algorithm algorithm) noexcept { return traits(algorithm).name; }
std::span<const AlgorithmTraits> algorithms() noexcept;  ///< every row, in the order of the enum

const CurveTraits& traits(Curve curve) noexcept;
std::span<const CurveTraits> curves() noexcept;  ///< every row but `none`'s, in the order of the enum

}  // namespace gatehouse::jose
