/// Tokens — the keys and tokens that the benchmarks judge: one issuer, one audience, one secret.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gatehouse/base/base64url.h"
#include "gatehouse/jose/jws.h"
#include "gatehouse/tokens/token_descriptor.h"
#include "gatehouse/tokens/validate.h"
#include "tests/support/test_keys.h"

namespace gatehouse::bench {

constexpr Instant now{Seconds(1'780'272'000)};
constexpr std::string_view issuer = "https://issuer.example";
constexpr std::string_view audience = "api://orders";
inline const std::string secret = "kJ8v2QpXz7LmN4sT9wYb3RcF6hGd1AeU0iOq";

inline jose::Key key_for(jose::Algorithm algorithm) {
  switch (jose::traits(algorithm).key_type) {
    case jose::KeyType::rsa:
      return jose::Key::from_pem(test_keys::rsa, "k1").value();
    case jose::KeyType::ec:
      return jose::Key::from_pem(test_keys::p256, "k1").value();
    case jose::KeyType::okp:
      return jose::Key::from_pem(test_keys::ed25519, "k1").value();
    case jose::KeyType::oct:
      break;
  }
  return jose::Key::symmetric(Secret(secret), "k1");
}

/// What a token says of itself, where it is not the good one.
struct Said {
  std::string_view issuer = bench::issuer;
  std::string_view audience = bench::audience;
  std::int64_t expires = to_unix_seconds(now) + 3600;
};

/// Ten claims, and as much padding as makes a signing input of 490 octets.
inline std::string token_of(jose::Algorithm algorithm, const Said& said = {}) {
  std::string token;
  for (std::size_t padding = 0; token.empty() || token.rfind('.') < 490; ++padding) {
    const std::string claims = fmt::format(
        R"({{"iss":"{}","aud":"{}","sub":"4f6d2c1e-7f0b-4d0e-9a53-3f1f5a0c7b11","jti":"Zk3mW9c2QeK1x7TnVb5yRg",)"
        R"("iat":1780267000,"nbf":1780267000,"exp":{},"role":"Admin","scope":["orders.read","orders.write"],)"
        R"("name":"{}"}})",
        said.issuer, said.audience, said.expires, std::string(padding, 'n'));
    token = jose::sign_compact(claims, key_for(algorithm), algorithm).value();
  }
  return token;
}

/// The claims of a token that the issuer of an application would write.
inline tokens::TokenDescriptor descriptor() {
  return {.issuer = std::string(issuer),
          .audiences = {std::string(audience)},
          .subject = "4f6d2c1e-7f0b-4d0e-9a53-3f1f5a0c7b11",
          .issued_at = now,
          .not_before = now,
          .expires = now + Seconds(600),
          .claims = {{"role", "Admin"}, {"scope", "orders.read orders.write"}}};
}

inline tokens::TokenValidationParameters parameters(std::vector<jose::Key> keys) {
  return {.valid_issuer = std::string(issuer),
          .valid_audience = std::string(audience),
          .issuer_signing_keys = std::move(keys)};
}

inline tokens::TokenValidator validator_for(std::vector<jose::Key> keys) {
  return tokens::TokenValidator::make(parameters(std::move(keys))).value();
}

inline std::string forged(std::string token) {
  char& last = token[token.size() - 4];
  last = last == 'A' ? 'B' : 'A';
  return token;
}

inline std::string_view input_of(std::string_view token) { return token.substr(0, token.rfind('.')); }
inline std::string signature_of(std::string_view token) {
  return base64url::decode(token.substr(token.rfind('.') + 1)).value();
}

}  // namespace gatehouse::bench
