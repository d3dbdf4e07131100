/// RefreshToken — the text that a client keeps: which session, which generation, a secret, and a tag.
///
/// The tag says that this issuer made it, so that garbage costs one HMAC and no question to the store, and an
/// old generation stays provable without being kept. The store has only the hash of the secret: neither the
/// store nor the tag key alone makes a token (RFC 9700 §4.14.2; docs/adr/0009-refresh-families.md).
///
///   "grt_" + base64url(version 1 | tag key 1 | session 16 | generation 4 | secret 32 | tag 16)
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "gatehouse/base/result.h"
#include "gatehouse/base/secret.h"

namespace gatehouse::issuer {

struct RefreshToken {
  std::string session;           ///< 16 octets: the key of its row, never shown anywhere else
  std::uint32_t generation = 0;  ///< how often the session had been refreshed when it was made
  Secret secret;                 ///< 32 random octets
};

inline constexpr std::size_t refresh_token_length = 98;  ///< characters

/// Keys for the tags, by a number of one octet. New tokens get the one of `current`; the others are there for
/// tokens that are still alive.
struct RefreshTagKeys {
  std::uint8_t current = 0;
  std::map<std::uint8_t, Secret> keys;  ///< each of 32 octets or more
};

class RefreshTokenFormat {
 public:
  /// Fails with configuration_invalid when a key is too short or the current one is not there.
  static Result<RefreshTokenFormat> make(RefreshTagKeys keys);

  std::string write(const RefreshToken& token) const;

  /// Fails with malformed for what this issuer has not made, whatever is wrong with it.
  Result<RefreshToken> read(std::string_view text) const;

 private:
  explicit RefreshTokenFormat(RefreshTagKeys keys) : keys_(std::move(keys)) {}

  RefreshTagKeys keys_;
};

/// What the store keeps of a secret: its SHA-256. Nothing slower is needed for 256 random bits (OWASP ASVS
/// 6.5.2).
std::string hash_of(const Secret& secret);

/// The successor's secret, sealed so that only who has the predecessor's can open it: a retry gets the same
/// token again, and the store cannot make one.
std::string seal_successor(const RefreshToken& predecessor, const Secret& successor);

/// Fails with decryption_failed when `predecessor` has another secret than the one it was sealed with.
Result<Secret> open_successor(const RefreshToken& predecessor, std::string_view sealed);

}  // namespace gatehouse::issuer
