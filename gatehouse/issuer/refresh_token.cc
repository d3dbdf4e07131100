#include "gatehouse/issuer/refresh_token.h"

#include <fmt/format.h>

#include <utility>

#include "gatehouse/base/base64url.h"
#include "gatehouse/base/digest.h"
#include "gatehouse/jose/sealed.h"

namespace gatehouse::issuer {
namespace {

constexpr std::string_view prefix = "grt_";  // by which scanners find one that leaked
constexpr char version = 1;
constexpr std::size_t session_octets = 16;
constexpr std::size_t secret_octets = 32;
constexpr std::size_t tag_octets = 16;
constexpr std::size_t head_octets = 2 + session_octets + 4;
constexpr std::size_t token_octets = head_octets + secret_octets + tag_octets;
static_assert(prefix.size() + (token_octets * 8 + 5) / 6 == refresh_token_length);

std::string in_big_endian(std::uint32_t number) {
  return {static_cast<char>(number >> 24), static_cast<char>(number >> 16), static_cast<char>(number >> 8),
          static_cast<char>(number)};
}

std::uint32_t from_big_endian(std::string_view octets) {
  std::uint32_t number = 0;
  for (const char octet : octets) number = number << 8 | static_cast<unsigned char>(octet);
  return number;
}

std::string tag_of(const Secret& key, std::string_view octets) {
  return hmac_sha256(key.reveal(), octets).substr(0, tag_octets);
}

// HKDF-Expand (RFC 5869 §2.3) to one block: the secret is uniform already.
Secret successor_key(const RefreshToken& predecessor) {
  std::string info("gatehouse refresh successor");
  info.append(predecessor.session).append(in_big_endian(predecessor.generation)).push_back('\1');
  std::string key = hmac_sha256(predecessor.secret.reveal(), info);
  Secret secret(key);
  wipe(key);
  return secret;
}

}  // namespace

Result<RefreshTokenFormat> RefreshTokenFormat::make(RefreshTagKeys keys) {
  if (!keys.keys.contains(keys.current))
    return fail(
        Failure::configuration_invalid,
        fmt::format("refresh_tag_keys has no key {}, which is the current one; add it", keys.current));
  for (const auto& [number, key] : keys.keys)
    if (key.size() < 32)
      return fail(Failure::configuration_invalid,
                  fmt::format("refresh_tag_keys: key {} has {} octets; 32 is the least", number, key.size()));
  return RefreshTokenFormat(std::move(keys));
}

std::string RefreshTokenFormat::write(const RefreshToken& token) const {
  std::string octets{version, static_cast<char>(keys_.current)};
  octets.append(token.session).append(in_big_endian(token.generation)).append(token.secret.reveal());
  octets.append(tag_of(keys_.keys.at(keys_.current), octets));
  std::string text = std::string(prefix) + base64url::encode(octets);
  wipe(octets);
  return text;
}

Result<RefreshToken> RefreshTokenFormat::read(std::string_view text) const {
  if (text.size() != refresh_token_length || !text.starts_with(prefix)) return fail(Failure::malformed);
  auto octets = base64url::decode(text.substr(prefix.size()));
  if (!octets || octets->size() != token_octets || octets->front() != version)
    return fail(Failure::malformed);
  const auto key = keys_.keys.find(static_cast<std::uint8_t>((*octets)[1]));
  if (key == keys_.keys.end()) return fail(Failure::malformed);

  const std::string_view all = *octets;
  const std::string_view signed_part = all.substr(0, head_octets + secret_octets);
  if (!equal_in_constant_time(tag_of(key->second, signed_part), all.substr(signed_part.size())))
    return fail(Failure::malformed);
  RefreshToken token{.session = std::string(all.substr(2, session_octets)),
                     .generation = from_big_endian(all.substr(2 + session_octets, 4)),
                     .secret = Secret(all.substr(head_octets, secret_octets))};
  wipe(*octets);
  return token;
}

std::string hash_of(const Secret& secret) { return sha256(secret.reveal()); }

std::string seal_successor(const RefreshToken& predecessor, const Secret& successor) {
  return jose::seal(successor_key(predecessor), successor.reveal(), predecessor.session).value();
}

Result<Secret> open_successor(const RefreshToken& predecessor, std::string_view sealed) {
  return jose::open_sealed(successor_key(predecessor), sealed, predecessor.session);
}

}  // namespace gatehouse::issuer
