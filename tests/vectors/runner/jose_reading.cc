#include "tests/vectors/runner/jose_reading.h"

#include <algorithm>

#include "gatehouse/base/ascii.h"
#include "gatehouse/base/base64url.h"
#include "gatehouse/jose/jws_json.h"

namespace gatehouse::vectors {
namespace {

bool is_json(std::string_view token) { return token.find_first_not_of(" \r\n\t") == token.find('{'); }

// A compact token is read as one, and then goes the way of one signature among several: the library chooses
// the keys.
Result<std::string> as_flattened(std::string_view compact) {
  GH_TRY(const jose::Jws jws, jose::parse_jws(compact));
  const std::size_t dot = jws.signing_input.find('.');
  return Json{{"protected", jws.signing_input.substr(0, dot)},
              {"payload", jws.payload},
              {"signature", compact.substr(jws.signing_input.size() + 1)}}
      .dump();
}

Result<std::string> open_json_jws(std::string_view document, const std::vector<jose::Key>& keys,
                                  std::vector<std::string> algorithms) {
  GH_TRY(const jose::JsonJws jws, jose::parse_jws_json(document));
  GH_CHECK(jose::verify(jws, jose::KeySet(keys), jose::RequiredSignatures::every_one,
                        {.valid_algorithms = std::move(algorithms)}));
  return jws.payload;
}

bool is_named(const jose::Key& key, const jose::Header& header) {
  return !header.has_kid || key.kid().empty() || key.kid() == header.kid;
}

}  // namespace

std::string unhex(const Json& text) {
  const auto digits = text.get<std::string>();
  std::string octets;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    const int high = hex_value(digits[i]), low = hex_value(digits[i + 1]);
    if (high < 0 || low < 0) throw std::runtime_error("no hex: " + digits);
    octets += static_cast<char>(high * 16 + low);
  }
  return octets;
}

std::string unbase64url(const Json& text) {
  auto octets = base64url::decode(text.get<std::string>());
  if (!octets) throw std::runtime_error("no base64url: " + text.get<std::string>());
  return *std::move(octets);
}

std::string base64url_of(std::string_view octets) { return base64url::encode(octets); }

Json header_of(std::string_view compact) {
  return Json::parse(unbase64url(std::string(compact.substr(0, compact.find('.')))));
}

bool is_unencoded(std::string_view token) {
  const Json header = is_json(token) ? Json::parse(unbase64url(Json::parse(token).value("protected", "e30")))
                                     : header_of(token);
  return header.contains("b64") && header.at("b64") == false;
}

Result<jose::Key> read_key(const Json& jwk) { return jose::Key::from_jwk(jwk.dump()); }

Result<std::vector<jose::Key>> read_keys(const Json& keys) {
  std::vector<jose::Key> read;
  if (keys.is_null()) return read;
  Json list = keys.is_object() && keys.contains("keys") ? keys.at("keys") : keys;
  if (!list.is_array()) list = Json::array({list});
  for (const Json& jwk : list) {
    GH_TRY(jose::Key key, read_key(jwk));
    read.push_back(std::move(key));
  }
  return read;
}

Json public_part(Json jwk) {
  for (const char* member : {"d", "p", "q", "dp", "dq", "qi"}) jwk.erase(member);
  return jwk;
}

Result<std::string> open_compact_jws(std::string_view token, const std::vector<jose::Key>& keys,
                                     std::vector<std::string> algorithms) {
  GH_TRY(const std::string document, as_flattened(token));
  return open_json_jws(document, keys, std::move(algorithms));
}

Result<std::string> open_jws(std::string_view token, const std::vector<jose::Key>& keys,
                             std::vector<std::string> algorithms) {
  return is_json(token) ? open_json_jws(token, keys, std::move(algorithms))
                        : open_compact_jws(token, keys, std::move(algorithms));
}

Result<std::string> open_jwe(std::string_view token, const std::vector<jose::Key>& keys,
                             const std::vector<std::string>& algorithms) {
  GH_TRY(const jose::Jwe jwe, jose::parse_jwe(token));
  Result<std::string> content = fail(Failure::key_not_found, jwe.header.kid);
  for (const jose::Key& key : keys) {
    if (!is_named(key, jwe.header)) continue;
    content = jose::decrypt(jwe, key, {.valid_algorithms = algorithms});
    if (content) break;
  }
  return content;
}

std::string with_payload(std::string_view token, std::string_view payload) {
  if (is_json(token)) {
    Json document = Json::parse(token);
    document["payload"] = base64url::encode(payload);
    return document.dump();
  }
  std::string whole(token);
  return whole.insert(token.find('.') + 1, base64url::encode(payload));
}

void judge_signing(std::string_view compact, const jose::Key& key, Differences& differences) {
  const auto jws = jose::parse_jws(compact);
  if (!jws) return differences.push_back(refusal(jws));
  const auto algorithm = jws->header->algorithm();
  const auto signature = jose::sign(jws->signing_input, key, algorithm.value());
  if (!signature) return differences.push_back("cannot sign: " + describe(signature.error()));
  if (*signature != jws->signature) differences.push_back("signing again gives another signature");
}

}  // namespace gatehouse::vectors
