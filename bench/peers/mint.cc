// mint     a key and tokens of each algorithm, as JSON, for every contender of ./dev bench peers

#include <fmt/format.h>

#include <iostream>
#include <nlohmann/json.hpp>

#include "gatehouse/base/clock.h"
#include "gatehouse/jose/jws.h"
#include "tests/support/test_keys.h"

namespace gatehouse::peers {
namespace {

using Json = nlohmann::json;
using jose::Algorithm;
using jose::Key;

constexpr std::string_view issuer = "https://issuer.example";
constexpr std::string_view audience = "api://orders";
const std::string secret = "kJ8v2QpXz7LmN4sT9wYb3RcF6hGd1AeU0iOq";

Key key_for(Algorithm algorithm) {
  switch (jose::traits(algorithm).key_type) {
    case jose::KeyType::rsa:
      return Key::from_pem(test_keys::rsa, "k1").value();
    case jose::KeyType::ec:
      return Key::from_pem(test_keys::p256, "k1").value();
    case jose::KeyType::okp:
      return Key::from_pem(test_keys::ed25519, "k1").value();
    case jose::KeyType::oct:
      break;
  }
  return Key::symmetric(Secret(secret), "k1");
}

// Ten claims, and as much padding as makes a signing input of 490 octets.
std::string token_of(Algorithm algorithm, std::string_view iss, std::string_view aud, std::int64_t expires) {
  std::string token;
  for (std::size_t padding = 0; token.empty() || token.rfind('.') < 490; ++padding) {
    const std::string claims = fmt::format(
        R"({{"iss":"{}","aud":"{}","sub":"4f6d2c1e-7f0b-4d0e-9a53-3f1f5a0c7b11","jti":"Zk3mW9c2QeK1x7TnVb5yRg",)"
        R"("iat":1780267000,"nbf":1780267000,"exp":{},"role":"Admin","scope":["orders.read","orders.write"],)"
        R"("name":"{}"}})",
        iss, aud, expires, std::string(padding, 'n'));
    token = jose::sign_compact(claims, key_for(algorithm), algorithm).value();
  }
  return token;
}

std::string forged(std::string token) {
  char& last = token[token.size() - 4];
  last = last == 'A' ? 'B' : 'A';
  return token;
}

Json case_of(Algorithm algorithm, std::int64_t now) {
  const Key key = key_for(algorithm);
  const bool is_secret = key.type() == jose::KeyType::oct;
  const std::int64_t later = now + 86'400;
  const std::string good = token_of(algorithm, issuer, audience, later);
  return {{"algorithm", name(algorithm)},
          {"jwk", is_secret ? std::string(key.private_jwk().reveal()) : key.public_jwk()},
          {"pem", key.public_pem()},
          {"secret", is_secret ? secret : ""},
          {"issuer", issuer},
          {"audience", audience},
          {"good", good},
          {"bad",
           {{"forged", forged(good)},
            {"issuer", token_of(algorithm, "https://another.example", audience, later)},
            {"audience", token_of(algorithm, issuer, "api://others", later)},
            {"expired", token_of(algorithm, issuer, audience, now - 3600)}}}};
}

}  // namespace
}  // namespace gatehouse::peers

int main() {
  using namespace gatehouse;
  const auto now = std::chrono::duration_cast<Seconds>(SystemClock().now().time_since_epoch()).count();
  nlohmann::json cases = nlohmann::json::array();
  for (const auto algorithm : {jose::Algorithm::HS256, jose::Algorithm::RS256, jose::Algorithm::PS256,
                               jose::Algorithm::ES256, jose::Algorithm::EdDSA})
    cases.push_back(peers::case_of(algorithm, now));
  std::cout << cases.dump(1) << '\n';
}
