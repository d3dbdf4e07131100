// Mints a token and validates it, with the rooms of tokens alone.
#include <gatehouse/jose/key.h>
#include <gatehouse/tokens/claim_mapping.h>
#include <gatehouse/tokens/token_descriptor.h>
#include <gatehouse/tokens/validate.h>

#include <chrono>
#include <cstdio>
#include <string>

using namespace gatehouse;

int main() {
  const auto key = jose::Key::symmetric(Secret("a secret of the test, as long as HS256 asks for"), "one");
  const auto now = std::chrono::time_point_cast<Instant::duration>(std::chrono::system_clock::now());
  const auto text = tokens::write({.issuer = "https://issuer.example",
                                   .audiences = {"api://orders"},
                                   .subject = "ada",
                                   .issued_at = now,
                                   .not_before = now,
                                   .expires = now + std::chrono::minutes(10)},
                                  key, jose::Algorithm::HS256);
  if (!text) return 1;

  const auto validator = tokens::TokenValidator::make({.valid_issuer = "https://issuer.example",
                                                       .valid_audience = "api://orders",
                                                       .issuer_signing_key = key});
  if (!validator) return 2;
  const auto token = validator->validate(*text, now);
  if (!token) return 3;
  const auto late = validator->validate(*text, now + std::chrono::minutes(12));
  if (late || late.error().kind != Failure::expired) return 4;

  const auto user = tokens::to_identity(*token, validator->parameters());
  std::printf("validated a token for %s\n", user.name()->c_str());
}
