#include "gatehouse/jose/algorithm.h"

#include <array>

namespace gatehouse::jose {
namespace {

using enum Algorithm;

constexpr std::array<AlgorithmTraits, 16> table = {{
    {HS256, "HS256", KeyType::oct, Curve::none, 32, 32},
    {HS384, "HS384", KeyType::oct, Curve::none, 48, 48},
    {HS512, "HS512", KeyType::oct, Curve::none, 64, 64},
    {RS256, "RS256", KeyType::rsa, Curve::none, 32, 0},
    {RS384, "RS384", KeyType::rsa, Curve::none, 48, 0},
    {RS512, "RS512", KeyType::rsa, Curve::none, 64, 0},
    {PS256, "PS256", KeyType::rsa, Curve::none, 32, 0},
    {PS384, "PS384", KeyType::rsa, Curve::none, 48, 0},
    {PS512, "PS512", KeyType::rsa, Curve::none, 64, 0},
    {ES256, "ES256", KeyType::ec, Curve::p256, 32, 64},
    {ES384, "ES384", KeyType::ec, Curve::p384, 48, 96},
    {ES512, "ES512", KeyType::ec, Curve::p521, 64, 132},
    {ES256K, "ES256K", KeyType::ec, Curve::secp256k1, 32, 64, true},
    {EdDSA, "EdDSA", KeyType::okp, Curve::none, 0, 0},
    {Ed25519, "Ed25519", KeyType::okp, Curve::ed25519, 0, 0},
    {Ed448, "Ed448", KeyType::okp, Curve::ed448, 0, 0},
}};

constexpr std::array<CurveTraits, 9> curve_table = {{
    {Curve::none, "", KeyType::oct, 0, "", 0},
    {Curve::p256, "P-256", KeyType::ec, 32, "prime256v1", 64},
    {Curve::p384, "P-384", KeyType::ec, 48, "secp384r1", 96},
    {Curve::p521, "P-521", KeyType::ec, 66, "secp521r1", 132},
    {Curve::secp256k1, "secp256k1", KeyType::ec, 32, "secp256k1", 64},
    {Curve::ed25519, "Ed25519", KeyType::okp, 32, "ED25519", 64},
    {Curve::ed448, "Ed448", KeyType::okp, 57, "ED448", 114},
    {Curve::x25519, "X25519", KeyType::okp, 32, "X25519", 0},
    {Curve::x448, "X448", KeyType::okp, 56, "X448", 0},
}};

consteval bool rows_follow_the_enum() {
  for (std::size_t i = 0; i < table.size(); ++i)
    if (static_cast<std::size_t>(table[i].algorithm) != i) return false;
  for (std::size_t i = 0; i < curve_table.size(); ++i)
    if (static_cast<std::size_t>(curve_table[i].curve) != i) return false;
  return true;
}
static_assert(rows_follow_the_enum());

}  // namespace

const AlgorithmTraits& traits(Algorithm algorithm) noexcept {
  return table[static_cast<std::size_t>(algorithm)];
}

std::optional<Algorithm> parse_algorithm(std::string_view name) noexcept {
  for (const AlgorithmTraits& row : table)
    if (row.name == name) return row.algorithm;
  return std::nullopt;
}

std::span<const AlgorithmTraits> algorithms() noexcept { return table; }

const CurveTraits& traits(Curve curve) noexcept { return curve_table[static_cast<std::size_t>(curve)]; }

std::span<const CurveTraits> curves() noexcept { return std::span(curve_table).subspan(1); }

}  // namespace gatehouse::jose
