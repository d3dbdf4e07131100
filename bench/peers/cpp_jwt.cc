#include <jwt/jwt.hpp>

#include "bench/peers/contender.h"

namespace gatehouse::peers {

Contender cpp_jwt() {
  return {.name = "cpp-jwt " CPP_JWT_RELEASE,
          .prepare = [](const Case& one) -> Judge {
            if (one.algorithm == "PS256" || one.algorithm == "EdDSA") return {};
            return [one, key = one.pem.empty() ? one.secret : one.pem](const std::string& token) {
              namespace params = jwt::params;
              std::error_code error;
              const auto object =
                  jwt::decode(token, params::algorithms({one.algorithm}), error, params::secret(key),
                              params::verify(true), params::issuer(one.issuer), params::aud(one.audience));
              return !error && object.payload().has_claim("sub");
            };
          },
          .note = "takes the key as PEM text with each token"};
}

}  // namespace gatehouse::peers
