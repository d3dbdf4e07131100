// Nothing that was not encrypted for these keys opens, and every way not to open is the same failure.

#include "gatehouse/base/base64url.h"
#include "gatehouse/jose/compression.h"
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

// Put together again, the parts are the text.
void judge_parts(std::string_view text, const jose::Jwe& jwe) {
  std::string whole(jwe.protected_header);
  for (const std::string* part : {&jwe.encrypted_key, &jwe.iv, &jwe.ciphertext, &jwe.tag}) {
    whole += '.';
    base64url::append(whole, *part);
  }
  promise(whole == text && base64url::encode(jwe.header_octets) == jwe.protected_header);
  promise(!jwe.header.alg.empty() && !jwe.header.enc.empty());
}

// The input as the content of a token of ours: it comes back, and under one changed character it does not.
void judge_content(std::string_view text) {
  static const jose::Key key = jose::Key::symmetric(Secret("Q7zL2mXv9KpT4sWb8RcF1hGd5AeU3iOy"));
  const bool compress = text.size() % 3 == 0;
  const auto encryption =
      text.size() % 2 == 0 ? jose::ContentEncryption::A128CBC_HS256 : jose::ContentEncryption::A256GCM;
  auto token = jose::encrypt(text, key, jose::KeyManagement::dir, encryption, {.compress = compress});
  promise(token.has_value());
  const auto jwe = jose::parse_jwe(*token);
  promise(jwe && jose::decrypt(*jwe, key, options) == text);

  const std::size_t at = text.size() * 31 % token->size();
  (*token)[at] = (*token)[at] == 'A' ? 'B' : 'A';
  const auto changed = jose::parse_jwe(*token);
  promise(!changed || !jose::decrypt(*changed, key, options));
}

void judge_deflated(std::string_view octets) {
  constexpr std::size_t most = 4096;
  const auto inflated = jose::inflate(octets, most);
  if (!inflated) return promise(inflated.error().kind == Failure::decompression_failed);
  promise(inflated->size() <= most && jose::inflate(jose::deflate(*inflated), most) == *inflated);
}

void judge(std::string_view text) {
  const auto jwe = jose::parse_jwe(text);
  if (!jwe) {
    promise(!text.empty() || !jose::parse_jwe(text, jose::Leniency::original));
    if (text.starts_with("ey")) return;  // content is better looked at where it is no token
    judge_content(text);
    return judge_deflated(text);
  }
  const auto lenient = jose::parse_jwe(text, jose::Leniency::original);
  promise(lenient && lenient->tag == jwe->tag && lenient->header.enc == jwe->header.enc);
  judge_parts(text, *jwe);
  for (const jose::Key& key : keys()) {
    const auto opened = jose::decrypt(*jwe, key, options);
    promise(!opened && (opened.error().kind == Failure::decryption_failed ||
                        opened.error().kind == Failure::decompression_failed));
  }
}

}  // namespace
}  // namespace gatehouse

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  gatehouse::judge(gatehouse::text_of(data, size));
  return 0;
}
