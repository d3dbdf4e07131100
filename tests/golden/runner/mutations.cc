#define OPENSSL_SUPPRESS_DEPRECATED  // RAND_METHOD has no successor that another library could be given

#include "tests/golden/runner/mutations.h"

#include <openssl/rand.h>

#include <algorithm>
#include <array>

#include "gatehouse/base/base64url.h"
#include "gatehouse/jose/jwe.h"
#include "gatehouse/jose/jws.h"

namespace gatehouse::golden {
namespace {

Random* current = nullptr;

int fill_from_current(unsigned char* octets, int count) {
  current->fill(octets, static_cast<std::size_t>(count));
  return 1;
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> segments;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t dot = std::min(text.find('.', at), text.size());
    segments.emplace_back(text.substr(at, dot - at));
    at = dot + 1;
  }
  return segments;
}

std::string join(const std::vector<std::string>& segments) {
  std::string text;
  for (const std::string& segment : segments) text += (text.empty() ? "" : ".") + segment;
  return text;
}

std::string dump(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

constexpr std::array header_names = {"alg", "alg", "alg", "kid",      "kid",  "typ", "typ", "cty",
                                     "enc", "zip", "x5t", "x5t#S256", "crit", "b64", "jwk", "jku"};
constexpr std::array claim_names = {"exp", "exp", "nbf",   "iat",  "iss",    "iss",  "aud", "aud",
                                    "sub", "jti", "scope", "role", "actort", "name", "x"};

// What a member is set to: wrong types, the edges of the skew around the corpus' now, other spellings.
const std::vector<Json>& values() {
  static const std::vector<Json> all = {nullptr,
                                        true,
                                        false,
                                        0,
                                        -1,
                                        7,
                                        1.5,
                                        1e300,
                                        18446744073709551615ull,
                                        "",
                                        " ",
                                        "x",
                                        "none",
                                        "None",
                                        "HS256",
                                        "HS384",
                                        "HS512",
                                        "RS256",
                                        "PS256",
                                        "ES256",
                                        "ES384",
                                        "EdDSA",
                                        "hs256",
                                        "dir",
                                        "A128GCM",
                                        "DEF",
                                        "JWT",
                                        "jwt",
                                        "at+jwt",
                                        "application/at+jwt",
                                        "1780275600",
                                        1780272000,
                                        1780272301,
                                        1780272300,
                                        1780271700,
                                        1780271699,
                                        1780271940,
                                        1780275600,
                                        253402300800,
                                        "https://issuer.example",
                                        "https://issuer.example/",
                                        "https://ISSUER.example",
                                        "api://orders",
                                        "api://orders/",
                                        "api://Orders",
                                        Json::array(),
                                        Json::object(),
                                        Json::array({"api://orders"}),
                                        Json::array({"exp"}),
                                        Json::array({"api://orders", 7}),
                                        Json::array({nullptr}),
                                        Json{{"a", Json::array({1, "b"})}},
                                        Json{{"kty", "oct"}, {"k", "c2VjcmV0"}},
                                        "\u00e9\u4e16",
                                        std::string("a\0b", 3)};
  return all;
}

}  // namespace

Random::Random(std::uint64_t seed) : generator_(seed) {
  static const RAND_METHOD method = {nullptr, fill_from_current, nullptr,
                                     nullptr, fill_from_current, nullptr};
  current = this;
  RAND_set_rand_method(&method);
}

Random::~Random() {
  RAND_set_rand_method(nullptr);
  current = nullptr;
}

void Random::fill(unsigned char* octets, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) octets[i] = static_cast<unsigned char>(below(256));
}

Mutator::Mutant Mutator::mutate(const std::string& token, const Material& material) {
  Mutant mutant{.name = "same", .token = token};
  switch (random_.below(8)) {
    case 0:
      mutant.token = spoil_text(token, mutant.name);
      break;
    case 1:
      mutant.token = spoil_segment(token, mutant.name);
      break;
    case 2:
      mutant.token = spoil_order(token, mutant.name);
      break;
    case 3:
      mutant.token = rewrap(token, material, mutant.name);
      break;
    default:
      mutant.token = edit(token, material, mutant.name);
  }
  return mutant;
}

// The text as it stands, whatever it means. Tokens stay ASCII but for the blanks of Unicode.
std::string Mutator::spoil_text(std::string text, std::string_view& name) {
  constexpr std::array blanks = {" ",      "\t",     "\n",     "\r", "\r\n", "\v", "\f",
                                 "\u00a0", "\u200b", "\ufeff", "=",  "==",   "%2E"};
  const std::size_t at = random_.below(text.size() + 1);
  const std::size_t in = text.empty() ? 0 : random_.below(text.size());
  if (text.empty()) return text;
  switch (random_.below(7)) {
    case 0:
      name = "bit";
      text[in] = static_cast<char>(text[in] ^ (1 << random_.below(7)));
      return text;
    case 1:
      name = "blank";
      return text.insert(random_.one_of(std::array{at, std::size_t{0}, text.size(), text.find('.') + 1}),
                         random_.one_of(blanks));
    case 2:
      name = "case";
      for (std::size_t i = in; i < std::min(text.size(), in + 1 + random_.below(8)); ++i)
        if (std::isalpha(static_cast<unsigned char>(text[i]))) text[i] = static_cast<char>(text[i] ^ 0x20);
      return text;
    case 3:
      name = "cut";
      return text.substr(std::min(text.size(), random_.below(2) * random_.below(3)), at);
    case 4:
      name = "alphabet";
      std::ranges::replace(text, '-', '+');
      std::ranges::replace(text, '_', '/');
      return text;
    case 5:
      name = "again";
      return text + random_.one_of(std::array{"", ".", ",", " ", ", Bearer "}) + text;
    default:
      name = "erase";
      return text.erase(in, 1 + random_.below(4));
  }
}

// The octets of one segment.
std::string Mutator::spoil_segment(std::string text, std::string_view& name) {
  auto segments = split(text);
  std::string& segment = segments[random_.below(segments.size())];
  auto octets = base64url::decode(segment);
  if (!octets || octets->empty()) return spoil_text(std::move(text), name);
  const std::size_t at = random_.below(octets->size());
  switch (random_.below(6)) {
    case 0:
      name = "octet-bit";
      (*octets)[at] = static_cast<char>((*octets)[at] ^ (1 << random_.below(8)));
      break;
    case 1:
      name = "octet-more";
      octets->insert(at, 1, static_cast<char>(random_.below(256)));
      break;
    case 2:
      name = "octet-less";
      octets->erase(at, 1);
      break;
    case 3:
      name = "zeros";
      std::ranges::fill(*octets, '\0');
      break;
    case 4:
      name = "tail-bits";  // bits beyond the last octet, where there are any
      segment.back() = static_cast<char>(segment.back() + 1);
      return join(segments);
    default:
      name = "padding";
      segment.append((4 - segment.size() % 4) % 4, '=');
      return join(segments);
  }
  segment = base64url::encode(*octets);
  return join(segments);
}

std::string Mutator::spoil_order(const std::string& text, std::string_view& name) {
  auto segments = split(text);
  const std::size_t one = random_.below(segments.size()), other = random_.below(segments.size());
  switch (random_.below(6)) {
    case 0:
      name = "swap";
      std::swap(segments[one], segments[other]);
      break;
    case 1:
      name = "remove";
      segments.erase(segments.begin() + static_cast<std::ptrdiff_t>(one));
      break;
    case 2:
      name = "empty";
      segments[one].clear();
      break;
    case 3:
      name = "double";
      segments.insert(segments.begin() + static_cast<std::ptrdiff_t>(one), segments[other]);
      break;
    case 4:
      name = "more";
      segments.resize(segments.size() + 1 + random_.below(3));
      break;
    default:
      name = "splice";  // a part of another token, which may well be a genuine one
      const auto from = split(random_.one_of(tokens_));
      segments[one] = from[std::min(one, from.size() - 1)];
  }
  return join(segments);
}

// A JSON object with a member that is another, gone, or there twice.
std::string Mutator::edited(const std::string& octets, bool is_header) {
  Json object = Json::parse(octets, nullptr, false);
  if (!object.is_object()) object = Json::object();
  const std::string name = is_header ? random_.one_of(header_names) : random_.one_of(claim_names);
  switch (random_.below(8)) {
    case 0:
      object.erase(name);
      return dump(object);
    case 1: {  // twice: which one counts is what readers disagree on
      const std::string text = dump(object);
      const std::string twice = "{\"" + name + "\":" + dump(random_.one_of(values()));
      return twice + (text == "{}" ? "" : ",") + text.substr(1);
    }
    case 2:
      return dump(object) + random_.one_of(std::array{" ", "\n", "{}", ",", "\0", "x"});
    default:
      object[name] = random_.one_of(values());
      return dump(object);
  }
}

std::string Mutator::sign(const std::string& header, const std::string& payload,
                          const std::vector<jose::Key>& keys, bool is_genuine) {
  std::string token = base64url::encode(header) + '.' + base64url::encode(payload);
  const auto read = jose::parse_header(header, jose::Leniency::original);
  const auto algorithm = read ? read->algorithm() : std::nullopt;
  const std::size_t start = keys.empty() ? 0 : random_.below(keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const jose::Key& key = keys[(start + i) % keys.size()];
    for (const jose::AlgorithmTraits& row : jose::algorithms()) {
      if (algorithm ? row.algorithm != *algorithm : !key.fits(row.algorithm)) continue;
      const auto signature = jose::sign(token, key, row.algorithm);
      if (!signature) continue;
      token += '.' + base64url::encode(*signature);
      if (is_genuine) genuine_.insert(token);
      return token;
    }
  }
  return token + '.';
}

// CVE-2015-9235: an HMAC under what everybody can read.
std::string Mutator::sign_with_public_text(const std::string& header, const std::string& payload,
                                           const Material& material) {
  Json changed = Json::parse(header, nullptr, false);
  if (!changed.is_object() || material.known_to_all.empty()) return sign(header, payload, {}, false);
  changed["alg"] = random_.one_of(std::array{"HS256", "HS384", "HS512"});
  const jose::Key forger = jose::Key::symmetric(Secret(random_.one_of(material.known_to_all)));
  return sign(dump(changed), payload, {forger}, false);
}

// Header or claims edited; the old signature, none, that of a key the case knows, or one of a forger.
std::string Mutator::edit(const std::string& text, const Material& material, std::string_view& name) {
  const auto segments = split(text);
  const auto header = base64url::decode(segments[0]);
  const auto payload = segments.size() == 3 ? base64url::decode(segments[1]) : std::nullopt;
  if (!header || !payload) return spoil_segment(text, name);
  const std::size_t which = random_.below(3);
  const std::string new_header = which == 1 ? *header : edited(*header, true);
  const std::string new_payload = which == 0 ? *payload : edited(*payload, false);
  switch (random_.below(8)) {
    case 0:
      name = "edit";
      return base64url::encode(new_header) + '.' + base64url::encode(new_payload) + '.' + segments[2];
    case 1:
      name = "edit-unsigned";
      return base64url::encode(new_header) + '.' + base64url::encode(new_payload) + '.';
    case 2:
      name = "edit-by-stranger";
      return sign(new_header, new_payload, material.strangers, false);
    case 3:
      name = "edit-by-public-key";
      return sign_with_public_text(new_header, new_payload, material);
    default:
      name = "edit-signed";
      return sign(new_header, new_payload, material.signers, true);
  }
}

// An encrypted token whose inside was changed: encrypting takes only what is public, so it vouches for
// nothing.
std::string Mutator::rewrap(const std::string& text, const Material& material, std::string_view& name) {
  if (material.receivers.empty()) return edit(text, material, name);
  std::string inner = text;
  if (const auto jwe = jose::parse_jwe(text))
    for (const jose::Key& key : material.receivers)
      if (auto opened = jose::decrypt(*jwe, key)) {
        inner = *std::move(opened);
        if (genuine_.contains(text)) genuine_.insert(inner);
        break;
      }
  std::string_view within;
  if (random_.below(4) != 0) inner = edit(inner, material, within);
  name = "rewrap";
  const jose::Key& key = random_.one_of(material.receivers);
  for (std::size_t tries = 0; tries < 40; ++tries) {
    const auto& management = random_.one_of(jose::key_managements());
    const auto& content = random_.one_of(jose::content_encryptions());
    const auto token =
        jose::encrypt(inner, key, management.algorithm, content.algorithm, {.cty = "JWT", .rounds = 1000});
    if (!token) continue;
    if (genuine_.contains(inner)) genuine_.insert(*token);
    return *token;
  }
  return inner;
}

}  // namespace gatehouse::golden
