// rhonabwy, which does its cryptography with GnuTLS: peer_rhonabwy CASES.

#include <rhonabwy.h>

#include <ctime>
#include <fstream>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>

namespace {

using Json = nlohmann::json;

template <auto free>
struct Free {
  void operator()(auto* object) const { free(object); }
};
using Key = std::unique_ptr<jwk_t, Free<r_jwk_free>>;
using Signed = std::unique_ptr<jws_t, Free<r_jws_free>>;
using Encrypted = std::unique_ptr<jwe_t, Free<r_jwe_free>>;

void require(bool holds, const char* what) {
  if (!holds) throw std::runtime_error(what);
}

Key key_of(const Json& jwk) { return Key(r_jwk_quick_import(R_IMPORT_JSON_STR, jwk.dump().c_str())); }

Json public_part(Json jwk) {
  for (const char* member : {"d", "p", "q", "dp", "dq", "qi"}) jwk.erase(member);
  return jwk;
}

// What it has not got, or not as the other peers and we have it: direct agreement on a key of 512 bits,
// P-521.
bool implements(const Json& one) {
  const std::string alg = one.at("alg"), crv = one.at("key").value("crv", "");
  if (r_str_to_jwa_alg(alg.c_str()) <= R_JWA_ALG_NONE || alg == "ES256K" || crv == "Ed448") return false;
  return alg != "ECDH-ES" && !(alg.starts_with("ECDH-ES") && crv == "P-521");
}

std::string take(char* text, const char* what) {
  require(text, what);
  std::string copy = text;
  r_free(text);
  return copy;
}

std::string decrypted(const Json& one, const std::string& token) {
  const Encrypted jwe(r_jwe_quick_parse(token.c_str(), R_PARSE_NONE, R_FLAG_IGNORE_REMOTE));
  require(jwe != nullptr, "does not parse");
  require(r_jwe_decrypt(jwe.get(), key_of(one.at("key")).get(), R_FLAG_IGNORE_REMOTE) == RHN_OK,
          "does not decrypt");
  std::size_t size = 0;
  const unsigned char* payload = r_jwe_get_payload(jwe.get(), &size);
  const std::string text(reinterpret_cast<const char*>(payload), size);
  // Of padding that is a whole block it takes none off.
  return text.substr(0, text.size() - (text.ends_with(std::string(16, '\x10')) ? 16 : 0));
}

void check(const Json& file, const Json& one, std::string token) {
  const bool is_encrypted = !one.at("enc").get_ref<const std::string&>().empty();
  if (is_encrypted) token = decrypted(one, token);
  const Json jwk = is_encrypted ? file.at("inner") : one.at("key");
  const Signed jws(r_jws_quick_parse(token.c_str(), R_PARSE_NONE, R_FLAG_IGNORE_REMOTE));
  require(jws != nullptr, "does not parse as signed");
  require(r_jws_verify_signature(jws.get(), key_of(public_part(jwk)).get(), R_FLAG_IGNORE_REMOTE) == RHN_OK,
          "does not verify");
  std::size_t size = 0;
  const unsigned char* payload = r_jws_get_payload(jws.get(), &size);
  require(Json::parse(payload, payload + size).at("iss") == file.at("issuer"), "the claims are others");
}

bool refuses(const Json& file, const Json& one) {
  try {
    check(file, one, one.at("forged"));
    return false;
  } catch (const std::runtime_error&) {
    return true;
  }
}

std::string signed_by(const Json& file, const Json& jwk, const std::string& alg) {
  const std::time_t now = std::time(nullptr);
  const std::string claims =
      Json{{"iss", file.at("issuer")}, {"aud", file.at("audience")}, {"iat", now}, {"exp", now + 600}}.dump();
  jws_t* raw = nullptr;
  require(r_jws_init(&raw) == RHN_OK, "no room");
  const Signed jws(raw);
  r_jws_set_payload(raw, reinterpret_cast<const unsigned char*>(claims.data()), claims.size());
  r_jws_set_alg(raw, r_str_to_jwa_alg(alg.c_str()));
  r_jws_set_header_str_value(raw, "kid", jwk.at("kid").get<std::string>().c_str());
  return take(r_jws_serialize(raw, key_of(jwk).get(), R_FLAG_IGNORE_REMOTE), "does not sign");
}

std::string mint(const Json& file, const Json& one) {
  if (one.at("enc").get_ref<const std::string&>().empty())
    return signed_by(file, one.at("key"), one.at("alg"));
  const std::string inner = signed_by(file, file.at("inner"), "HS256");
  jwe_t* raw = nullptr;
  require(r_jwe_init(&raw) == RHN_OK, "no room");
  const Encrypted jwe(raw);
  r_jwe_set_payload(raw, reinterpret_cast<const unsigned char*>(inner.data()), inner.size());
  r_jwe_set_alg(raw, r_str_to_jwa_alg(one.at("alg").get<std::string>().c_str()));
  r_jwe_set_enc(raw, r_str_to_jwa_enc(one.at("enc").get<std::string>().c_str()));
  r_jwe_set_header_str_value(raw, "kid", one.at("key").at("kid").get<std::string>().c_str());
  r_jwe_set_header_str_value(raw, "cty", "JWT");
  return take(r_jwe_serialize(raw, key_of(public_part(one.at("key"))).get(), R_FLAG_IGNORE_REMOTE),
              "does not encrypt");
}

Json answer(const Json& file, const Json& one) {
  Json said = Json::object();
  try {
    check(file, one, one.at("token"));
    said["accepts"] = true;
    said["refuses"] = refuses(file, one);
    said["token"] = mint(file, one);
  } catch (const std::exception& error) {
    said["error"] = error.what();
  }
  return said;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2 || r_global_init() != RHN_OK) return 2;
  std::ifstream stream(argv[1]);
  const Json file = Json::parse(stream);
  Json answers = Json::object();
  for (const Json& one : file.at("cases"))
    if (implements(one)) answers[one.at("id").get<std::string>()] = answer(file, one);
  std::cout << Json{{"peer", "rhonabwy " RHONABWY_RELEASE}, {"answers", answers}} << '\n';
}
