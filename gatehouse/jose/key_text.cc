#include "gatehouse/jose/key_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <string>

#include "gatehouse/base/ascii.h"

namespace gatehouse::jose {
namespace {

std::unexpected<Error> refused(std::string why) {
  return fail(Failure::configuration_invalid, std::move(why));
}

// Letters and digits alone, whatever their case and what stands between them.
std::string folded(std::string_view text) {
  constexpr std::string_view kept = "abcdefghijklmnopqrstuvwxyz0123456789";
  std::string result = to_lower(text);
  std::erase_if(result, [&](char c) { return !kept.contains(c); });
  return result;
}

// Words that stand in documentation where a secret should: whoever copied one signs with a secret everybody
// knows.
bool is_placeholder(std::string_view secret) {
  static constexpr std::array<std::string_view, 16> words = {
      "replacewith",    "replaceme",   "changeme",    "changethis",   "yoursecret", "your256bitsecret",
      "yoursigningkey", "placeholder", "supersecret", "mysecret",     "secretkey",  "examplesecret",
      "topsecret",      "insertyour",  "dummysecret", "thisisasecret"};
  const std::string text = folded(secret);
  return std::ranges::any_of(words, [&](std::string_view word) { return text.contains(word); }) ||
         text == "secret" || text == "password";
}

// Secrets that standards and libraries print as examples, or a part of one.
bool is_published(std::string_view secret) {
  static constexpr std::array<std::string_view, 6> published = {
      "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow",  // RFC 7515
                                                                                                 // A.1
      "hJtXIZ2uSN5kbQfbtTNWbpdmhkV8FJG-Onbc6mxCcYg",                                             // RFC 7520
      "a-string-secret-at-least-256-bits-long", "a-valid-string-secret-that-is-at-least-384-bits-long",
      "a-valid-string-secret-that-is-at-least-512-bits-long-which-is-very-long",
      "qwertyuiopasdfghjklzxcvbnm123456"};
  return std::ranges::any_of(published, [&](std::string_view text) { return text.contains(secret); });
}

// A secret of thirty-two octets with a handful of different ones was typed, not drawn.
bool has_no_randomness(std::string_view secret) {
  const std::set<char> distinct(secret.begin(), secret.end());
  if (distinct.size() < 8) return true;
  // The same word again and again is no longer than the word.
  for (std::size_t period = 1; period <= secret.size() / 2; ++period)
    if (secret.substr(period) == secret.substr(0, secret.size() - period)) return true;
  return std::ranges::is_sorted(secret);
}

Result<Key> read_secret(std::string_view text) {
  if (is_blank(text)) return refused(fmt::format("the signing secret is empty; {}", how_to_make_a_secret));
  if (is_placeholder(text))
    return refused(
        fmt::format("the signing secret is a placeholder that everybody knows; {}", how_to_make_a_secret));
  if (text.size() < 32)
    return refused(
        fmt::format("the signing secret has {} octets and HS256 needs 32 (RFC 7518 section 3.2); {}",
                    text.size(), how_to_make_a_secret));
  if ((text.front() == '"' || text.front() == '\'') && text.front() == text.back())
    return refused(
        "the signing secret begins and ends with a quote, and the quotes are part of the value; take them "
        "off");
  if (is_published(text))
    return refused(
        fmt::format("the signing secret is an example that everybody can read; {}", how_to_make_a_secret));
  if (has_no_randomness(text))
    return refused(fmt::format("the signing secret repeats itself; {}", how_to_make_a_secret));
  return Key::symmetric(Secret(text));
}

std::string_view trimmed(std::string_view text) {
  while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

}  // namespace

Result<Key> read_key(std::string_view text) {
  text = trimmed(text);
  if (text.contains("-----BEGIN")) {
    auto key = Key::from_pem(text);
    if (!key)
      return refused(fmt::format("the signing key is {}; {}", key.error().subject, how_to_make_a_key));
    return key;
  }
  if (text.starts_with('{')) {
    auto key = Key::from_jwk(text);
    if (!key)
      return refused(
          fmt::format("the signing key is no usable JWK ({}); {}", describe(key.error()), how_to_make_a_key));
    return key;
  }
  return read_secret(text);
}

}  // namespace gatehouse::jose
