#include "gatehouse/jose/algorithm.h"

#include <array>

namespace gatehouse::jose {
namespace {

using enum Algorithm;

constexpr std::array<AlgorithmTraits, 12> table = {{
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
}};

consteval bool rows_follow_the_enum() {
  for (std::size_t i = 0; i < table.size(); ++i)
    if (static_cast<std::size_t>(table[i].algorithm) != i) return false;
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

}  // namespace gatehouse::jose
