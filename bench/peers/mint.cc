// mint     a key and tokens of each algorithm, as JSON, for every contender of ./dev bench peers

#include <iostream>
#include <nlohmann/json.hpp>

#include "bench/tokens.h"
#include "gatehouse/base/clock.h"

namespace gatehouse::peers {
namespace {

using Json = nlohmann::json;
using namespace bench;
using jose::Algorithm;
using jose::Key;

Json case_of(Algorithm algorithm, std::int64_t now) {
  const Key key = key_for(algorithm);
  const bool is_secret = key.type() == jose::KeyType::oct;
  const std::int64_t later = now + 86'400;
  const std::string good = token_of(algorithm, {.expires = later});
  return {{"algorithm", name(algorithm)},
          {"jwk", is_secret ? std::string(key.private_jwk().reveal()) : key.public_jwk()},
          {"pem", key.public_pem()},
          {"secret", is_secret ? secret : ""},
          {"issuer", issuer},
          {"audience", audience},
          {"good", good},
          {"bad",
           {{"forged", forged(good)},
            {"issuer", token_of(algorithm, {.issuer = "https://another.example", .expires = later})},
            {"audience", token_of(algorithm, {.audience = "api://others", .expires = later})},
            {"expired", token_of(algorithm, {.expires = now - 3600})}}}};
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
