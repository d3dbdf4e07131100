#include "gatehouse/issuer/signing_credentials.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "gatehouse/base/base64url.h"
#include "gatehouse/jose/jws.h"

namespace gatehouse::issuer {
namespace {

using jose::Algorithm;
using jose::Key;

constexpr std::string_view make_secret = "make one with: openssl rand -base64 48";
constexpr std::string_view make_key =
    "make one with: openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out signing-key.pem";

std::unexpected<Error> refused(std::string why) {
  return fail(Failure::configuration_invalid, std::move(why));
}

std::string folded(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c >= 'A' && c <= 'Z') result += static_cast<char>(c + 32);
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) result += c;
  }
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
  if (text.find_first_not_of(" \t\r\n") == text.npos)
    return refused(fmt::format("the signing secret is empty; {}", make_secret));
  if (is_placeholder(text))
    return refused(fmt::format("the signing secret is a placeholder that everybody knows; {}", make_secret));
  if (text.size() < 32)
    return refused(
        fmt::format("the signing secret has {} octets and HS256 needs 32 (RFC 7518 section 3.2); {}",
                    text.size(), make_secret));
  if (text.size() >= 2 && (text.front() == '"' || text.front() == '\'') && text.front() == text.back())
    return refused(
        "the signing secret begins and ends with a quote, and the quotes are part of the value; take them "
        "off");
  if (is_published(text))
    return refused(fmt::format("the signing secret is an example that everybody can read; {}", make_secret));
  if (has_no_randomness(text))
    return refused(fmt::format("the signing secret repeats itself; {}", make_secret));
  return Key::symmetric(Secret(text));
}

Result<Key> read_key(std::string_view text) {
  if (text.contains("-----BEGIN")) {
    auto key = Key::from_pem(text);
    if (!key) return refused(fmt::format("the signing key is {}; {}", key.error().subject, make_key));
    return key;
  }
  if (text.starts_with('{')) {
    auto key = Key::from_jwk(text);
    if (!key)
      return refused(
          fmt::format("the signing key is no usable JWK ({}); {}", describe(key.error()), make_key));
    return key;
  }
  return read_secret(text);
}

Algorithm usual_algorithm(const Key& key) {
  if (key.declared_algorithm()) return *key.declared_algorithm();
  switch (key.curve()) {
    case jose::Curve::p256:
      return Algorithm::ES256;
    case jose::Curve::p384:
      return Algorithm::ES384;
    case jose::Curve::p521:
      return Algorithm::ES512;
    case jose::Curve::secp256k1:
      return Algorithm::ES256K;
    case jose::Curve::ed25519:
    case jose::Curve::ed448:
      return Algorithm::EdDSA;
    case jose::Curve::x25519:
    case jose::Curve::x448:
    case jose::Curve::none:
      break;
  }
  return key.type() == jose::KeyType::rsa ? Algorithm::RS256 : Algorithm::HS256;
}

// A name for a secret that tells two secrets apart and cannot be turned back: the first octets of a MAC it
// makes.
std::string kid_of(const Key& key) {
  if (key.type() != jose::KeyType::oct) return key.thumbprint();
  const auto tag = jose::sign("gatehouse key id", key, Algorithm::HS256);
  return base64url::encode(std::string_view(*tag).substr(0, 9));
}

std::string_view trimmed(std::string_view text) {
  while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

}  // namespace

Result<SigningCredentials> read_signing_credentials(std::string_view text, std::string_view algorithm,
                                                    std::string_view kid) {
  GH_TRY(Key key, read_key(trimmed(text)));
  if (!key.is_private())
    return refused(fmt::format("the signing key is a public key, which can not sign; {}", make_key));

  Algorithm chosen = usual_algorithm(key);
  if (!algorithm.empty()) {
    const auto named = jose::parse_algorithm(algorithm);
    if (!named) return refused(fmt::format("the signing algorithm '{}' is none of HS256 … ES512", algorithm));
    chosen = *named;
  }
  if (!key.fits(chosen))
    return refused(fmt::format(
        "the signing key does not fit the algorithm {}; leave the algorithm out or change the key",
        jose::name(chosen)));
  if (auto strong = check_strength(key, chosen); !strong)
    return refused(fmt::format("the signing key is too short: {}; {}", strong.error().subject,
                               key.type() == jose::KeyType::oct ? make_secret : make_key));
  if (!kid.empty()) key = key.with_kid(std::string(kid));
  if (key.kid().empty()) key = key.with_kid(kid_of(key));
  return SigningCredentials{.key = std::move(key), .algorithm = chosen};
}

}  // namespace gatehouse::issuer
