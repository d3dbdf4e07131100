// No token of anybody else is accepted, whichever the algorithms and the profile, and the explanation names
// the failure that validation reports.

#include "gatehouse/tokens/explain.h"
#include "gatehouse/tokens/validate.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/test_keys.h"

namespace gatehouse {
namespace {

tokens::TokenValidationParameters with_keys(tokens::TokenValidationParameters parameters) {
  parameters.valid_issuer = "https://issuer.example";
  parameters.valid_audience = "api://orders";
  parameters.issuer_signing_keys = {jose::Key::generate(jose::Algorithm::HS256).value(),
                                    jose::Key::generate(jose::Algorithm::ES256).value(),
                                    jose::Key::generate(jose::Algorithm::EdDSA).value()};
  parameters.token_decryption_keys = {jose::Key::from_pem(test_keys::p256).value()};
  return parameters;
}

const tokens::TokenValidator& ours() {
  static const auto validator = tokens::TokenValidator::make(with_keys({})).value();
  return validator;
}

const tokens::TokenValidator& originals() {
  static const auto validator =
      tokens::TokenValidator::make(with_keys(tokens::TokenValidationParameters::aspnet_core())).value();
  return validator;
}

void judge(std::string_view text) {
  // The input cannot have been signed: these keys are made anew in each process.
  constexpr Instant now{Seconds(1'780'272'000)};
  for (const tokens::TokenValidator* validator : {&ours(), &originals()}) {
    const auto validated = validator->validate(text, now);
    promise(!validated);
    const auto explained = tokens::explain(text, *validator, now);
    promise(explained.failure() && *explained.failure() == validated.error());
  }
}

}  // namespace
}  // namespace gatehouse

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  gatehouse::judge(gatehouse::text_of(data, size));
  return 0;
}
