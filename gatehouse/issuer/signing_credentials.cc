#include "gatehouse/issuer/signing_credentials.h"

#include <fmt/format.h>

#include "gatehouse/base/base64url.h"
#include "gatehouse/jose/jws.h"
#include "gatehouse/jose/key_text.h"

namespace gatehouse::issuer {
namespace {

using jose::Algorithm;
using jose::how_to_make_a_key;
using jose::how_to_make_a_secret;
using jose::Key;

std::unexpected<Error> refused(std::string why) {
  return fail(Failure::configuration_invalid, std::move(why));
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

}  // namespace

Result<SigningCredentials> read_signing_credentials(std::string_view text, std::string_view algorithm,
                                                    std::string_view kid) {
  GH_TRY(Key key, jose::read_key(text));
  return make_signing_credentials(std::move(key), algorithm, kid);
}

Result<SigningCredentials> make_signing_credentials(Key key, std::string_view algorithm,
                                                    std::string_view kid) {
  if (!key.is_private())
    return refused(fmt::format("the signing key is a public key, which can not sign; {}", how_to_make_a_key));

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
                               key.type() == jose::KeyType::oct ? how_to_make_a_secret : how_to_make_a_key));
  if (!kid.empty()) key = key.with_kid(std::string(kid));
  if (key.kid().empty()) key = key.with_kid(kid_of(key));
  return SigningCredentials{.key = std::move(key), .algorithm = chosen};
}

}  // namespace gatehouse::issuer
