#include "gatehouse/base/base64url.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "gatehouse/base/base64url_paths.h"

namespace gatehouse::base64url {
namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::uint32_t invalid = 0x80000000;  // survives every OR of a group

// The value of a character, moved to its place in a group of four: one look-up a character, one test a group.
consteval std::array<std::uint32_t, 256> table(unsigned shift) {
  std::array<std::uint32_t, 256> values{};
  values.fill(invalid);
  for (std::uint32_t i = 0; i < 64; ++i) values[static_cast<unsigned char>(alphabet[i])] = i << shift;
  return values;
}
constexpr std::array<std::array<std::uint32_t, 256>, 4> tables = {table(18), table(12), table(6), table(0)};

std::uint32_t look_up(std::size_t place, char c) noexcept {
  return tables[place][static_cast<unsigned char>(c)];
}

}  // namespace

void append(std::string& out, std::string_view octets) {
  const std::size_t before = out.size();
  out.resize(before + (octets.size() * 4 + 2) / 3);
  char* to = out.data() + before;
  const auto octet = [&](std::size_t at) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(octets[at]));
  };
  std::size_t i = 0;
  for (; i + 3 <= octets.size(); i += 3) {
    const std::uint32_t group = octet(i) << 16 | octet(i + 1) << 8 | octet(i + 2);
    for (const unsigned shift : {18u, 12u, 6u, 0u}) *to++ = alphabet[group >> shift & 63];
  }
  const std::size_t rest = octets.size() - i;
  if (rest == 0) return;
  const std::uint32_t group = octet(i) << 16 | (rest == 2 ? octet(i + 1) << 8 : 0);
  *to++ = alphabet[group >> 18 & 63];
  *to++ = alphabet[group >> 12 & 63];
  if (rest == 2) *to++ = alphabet[group >> 6 & 63];
}

std::string encode(std::string_view octets) {
  std::string text;
  append(text, octets);
  return text;
}

bool decode_to(std::string_view text, char* out) noexcept {
  return text.size() >= vector_characters && has_vectors() ? decode_by_vectors(text, out)
                                                           : decode_portably(text, out);
}

bool decode_portably(std::string_view text, char* out) noexcept {
  const std::size_t rest = text.size() % 4;
  if (rest == 1) return false;
  const std::size_t whole = text.size() - rest;
  std::uint32_t faults = 0;
  for (std::size_t i = 0; i < whole; i += 4) {
    const std::uint32_t group =
        look_up(0, text[i]) | look_up(1, text[i + 1]) | look_up(2, text[i + 2]) | look_up(3, text[i + 3]);
    faults |= group;
    *out++ = static_cast<char>(group >> 16);
    *out++ = static_cast<char>(group >> 8);
    *out++ = static_cast<char>(group);
  }
  if (rest == 0) return (faults & invalid) == 0;
  const std::uint32_t group =
      look_up(0, text[whole]) | look_up(1, text[whole + 1]) | (rest == 3 ? look_up(2, text[whole + 2]) : 0);
  *out++ = static_cast<char>(group >> 16);
  if (rest == 3) *out++ = static_cast<char>(group >> 8);
  // Bits beyond the last octet: several texts would mean the same octets, and a signature would cover only
  // one of them.
  const std::uint32_t stray = rest == 2 ? 0xFFFF : 0xFF;
  return ((faults | group) & invalid) == 0 && (group & stray) == 0;
}

std::optional<std::string> decode(std::string_view text) {
  std::string octets(decoded_size(text.size()), '\0');
  if (!decode_to(text, octets.data())) return std::nullopt;
  return octets;
}

std::string encode_padded(std::string_view octets) {
  std::string text = encode(octets);
  std::ranges::replace(text, '-', '+');
  std::ranges::replace(text, '_', '/');
  text.append((4 - text.size() % 4) % 4, '=');
  return text;
}

}  // namespace gatehouse::base64url
