/// Algorithm — the JWS algorithms of RFC 7518 §3, as rows of one table.
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
  ES512
};

enum class KeyType : std::uint8_t { oct, rsa, ec };          ///< `kty` (RFC 7518 §6.1)
enum class Curve : std::uint8_t { none, p256, p384, p521 };  ///< `crv` (RFC 7518 §6.2.1.1)

struct AlgorithmTraits {
  Algorithm algorithm;
  std::string_view name;  ///< as in the `alg` header, compared octet for octet
  KeyType key_type;
  Curve curve;                   ///< the only curve it may be used with; none unless `ec`
  std::size_t hash_octets;       ///< 32, 48 or 64
  std::size_t signature_octets;  ///< 0 for RSA, where the modulus says
};

const AlgorithmTraits& traits(Algorithm algorithm) noexcept;
std::optional<Algorithm> parse_algorithm(
    std::string_view name) noexcept;  ///< nothing for "none" and the unknown
inline std::string_view name(Algorithm algorithm) noexcept { return traits(algorithm).name; }
std::span<const AlgorithmTraits> algorithms() noexcept;  ///< every row, in the order of the enum

}  // namespace gatehouse::jose
