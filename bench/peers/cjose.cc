#include <cjose/cjose.h>
#include <jansson.h>

#include <ctime>
#include <memory>
#include <string_view>

#include "bench/peers/contender.h"

namespace gatehouse::peers {
namespace {

struct Release {
  void operator()(cjose_jwk_t* key) const { cjose_jwk_release(key); }
  void operator()(cjose_jws_t* jws) const { cjose_jws_release(jws); }
  void operator()(json_t* json) const { json_decref(json); }
};

bool is(const json_t* value, const std::string& expected) {
  return json_is_string(value) && expected == json_string_value(value);
}

bool accepts(const Case& one, const cjose_jwk_t* key, const std::string& token) {
  cjose_err error;
  const std::unique_ptr<cjose_jws_t, Release> jws(cjose_jws_import(token.data(), token.size(), &error));
  if (!jws) return false;
  const char* alg = cjose_header_get(cjose_jws_get_protected(jws.get()), CJOSE_HDR_ALG, &error);
  if (!alg || one.algorithm != alg || !cjose_jws_verify(jws.get(), key, &error)) return false;
  std::uint8_t* payload = nullptr;
  std::size_t size = 0;
  if (!cjose_jws_get_plaintext(jws.get(), &payload, &size, &error)) return false;
  const std::unique_ptr<json_t, Release> claims(
      json_loadb(reinterpret_cast<const char*>(payload), size, JSON_REJECT_DUPLICATES, nullptr));
  return claims && is(json_object_get(claims.get(), "iss"), one.issuer) &&
         is(json_object_get(claims.get(), "aud"), one.audience) &&
         json_integer_value(json_object_get(claims.get(), "exp")) > std::time(nullptr);
}

}  // namespace

Contender cjose() {
  return {
      .name = "cjose " CJOSE_RELEASE,
      .prepare = [](const Case& one) -> Judge {
        if (one.algorithm == "EdDSA") return {};
        cjose_err error;
        const std::shared_ptr<cjose_jwk_t> key(cjose_jwk_import(one.jwk.data(), one.jwk.size(), &error),
                                               Release());
        return [one, key](const std::string& token) { return accepts(one, key.get(), token); };
      },
      .note =
          "checks the signature; its caller pins the algorithm, reads the claims with jansson and compares "
          "iss, aud and exp"};
}

}  // namespace gatehouse::peers
