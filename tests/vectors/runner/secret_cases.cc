#include <fmt/format.h>

#include "gatehouse/hosting/jwt_settings.h"
#include "tests/vectors/runner/cases.h"

namespace gatehouse::vectors {

// As a setting: text as it is, octets as the JWK that holds them. The start has to stop, without saying the
// secret.
Differences judge_secret(const Json& attack) {
  const Json& input = attack.at("input");
  const bool is_text = input.contains("secret");
  const std::string secret = is_text ? input.at("secret") : input.at("secret_b64u");
  const std::string setting = is_text ? secret : Json{{"kty", "oct"}, {"k", secret}}.dump();

  configuration::Faults faults;
  const auto read = configuration::ConfigurationBuilder(faults)
                        .add_arguments({"--Jwt:Issuer=https://issuer.example", "--Jwt:Audience=api://orders",
                                        "--Jwt:SigningKey=" + setting,
                                        "--Jwt:Algorithm=" + input.at("alg").get<std::string>()})
                        .build();
  hosting::read_jwt_settings(read, configuration::Environment("Production"), faults);
  if (faults.all().size() != 1) return {fmt::format("{} faults stopped the start", faults.all().size())};
  const std::string& message = faults.all().front().message;
  if (secret.size() > 8 && message.contains(secret)) return {"the message shows the secret"};
  return {};
}

}  // namespace gatehouse::vectors
