#include <rhonabwy.h>

#include <memory>

#include "bench/peers/contender.h"

namespace gatehouse::peers {
namespace {

bool accepts(const Case& one, jwk_t* key, jwa_alg algorithm, const std::string& token) {
  const std::unique_ptr<jwt_t, decltype(&r_jwt_free)> jwt(
      r_jwt_quick_parsen(token.data(), token.size(), R_PARSE_NONE, R_FLAG_IGNORE_REMOTE), r_jwt_free);
  return jwt && r_jwt_get_sign_alg(jwt.get()) == algorithm &&
         r_jwt_verify_signature(jwt.get(), key, R_FLAG_IGNORE_REMOTE) == RHN_OK &&
         r_jwt_validate_claims(jwt.get(), R_JWT_CLAIM_ISS, one.issuer.c_str(), R_JWT_CLAIM_AUD,
                               one.audience.c_str(), R_JWT_CLAIM_EXP, R_JWT_CLAIM_NOW,
                               R_JWT_CLAIM_NOP) == RHN_OK;
}

}  // namespace

Contender rhonabwy() {
  r_global_init();
  return {.name = "rhonabwy " RHONABWY_RELEASE,
          .prepare = [](const Case& one) -> Judge {
            const std::shared_ptr<jwk_t> key(r_jwk_quick_import(R_IMPORT_JSON_STR, one.jwk.c_str()),
                                             r_jwk_free);
            const jwa_alg algorithm = r_str_to_jwa_alg(one.algorithm.c_str());
            return [one, key, algorithm](const std::string& token) {
              return accepts(one, key.get(), algorithm, token);
            };
          },
          .note = "uses GnuTLS; its caller pins the algorithm"};
}

}  // namespace gatehouse::peers
