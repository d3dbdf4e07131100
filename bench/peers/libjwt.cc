#include <jwt.h>

#include <ctime>
#include <memory>

#include "bench/peers/contender.h"

namespace gatehouse::peers {
namespace {

bool is(const char* value, const std::string& expected) { return value && expected == value; }

bool accepts(const Case& one, const std::string& key, jwt_alg_t algorithm, const std::string& token) {
  jwt_t* raw = nullptr;
  if (jwt_decode(&raw, token.c_str(), reinterpret_cast<const unsigned char*>(key.data()),
                 static_cast<int>(key.size())) != 0)
    return false;
  const std::unique_ptr<jwt_t, decltype(&jwt_free)> jwt(raw, jwt_free);
  return jwt_get_alg(raw) == algorithm && is(jwt_get_grant(raw, "iss"), one.issuer) &&
         is(jwt_get_grant(raw, "aud"), one.audience) && jwt_get_grant_int(raw, "exp") > std::time(nullptr);
}

}  // namespace

Contender libjwt() {
  return {
      .name = "libjwt " LIBJWT_RELEASE,
      .prepare = [](const Case& one) -> Judge {
        const jwt_alg_t algorithm = jwt_str_alg(one.algorithm.c_str());
        if (algorithm == JWT_ALG_INVAL) return {};
        return [one, algorithm](const std::string& token) {
          return accepts(one, one.pem.empty() ? one.secret : one.pem, algorithm, token);
        };
      },
      .note =
          "takes the key as PEM text with each token and the algorithm from the token; its caller compares "
          "alg, iss, aud and exp"};
}

}  // namespace gatehouse::peers
