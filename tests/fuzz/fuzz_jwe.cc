// Nothing that was not encrypted for these keys opens, and every way not to open is the same failure.

#include "gatehouse/jose/jwe.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/test_keys.h"

namespace gatehouse {
namespace {

// Everything is on, capped low: what is off by default has to hold as well.
const jose::DecryptionOptions options{.valid_algorithms =
                                          [] {
                                            std::vector<std::string> names{"DEF"};
                                            for (const auto& row : jose::key_managements())
                                              names.emplace_back(row.name);
                                            for (const auto& row : jose::content_encryptions())
                                              names.emplace_back(row.name);
                                            return names;
                                          }(),
                                      .maximum_rounds = 10,
                                      .maximum_inflated = 64 * 1024};

const std::vector<jose::Key>& keys() {
  static const std::vector<jose::Key> all = {jose::Key::symmetric(Secret("0123456789abcdef")),
                                             jose::Key::symmetric(Secret("0123456789abcdef0123456789abcdef")),
                                             jose::Key::from_pem(test_keys::p256).value(),
                                             jose::Key::from_pem(test_keys::rsa).value()};
  return all;
}

void judge(std::string_view text) {
  const auto jwe = jose::parse_jwe(text);
  promise(!jwe || jose::parse_jwe(text, jose::Leniency::original));
  if (!jwe) return;
  for (const jose::Key& key : keys()) {
    const auto opened = jose::decrypt(*jwe, key, options);
    promise(opened || opened.error().kind == Failure::decryption_failed ||
            opened.error().kind == Failure::decompression_failed);
  }
}

}  // namespace
}  // namespace gatehouse

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  gatehouse::judge(gatehouse::text_of(data, size));
  return 0;
}
