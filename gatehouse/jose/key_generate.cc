#include <openssl/evp.h>

#include "gatehouse/base/random.h"
#include "gatehouse/jose/key.h"
#include "gatehouse/jose/key_material.h"

namespace gatehouse::jose {
namespace {

constexpr std::size_t rsa_bits = 2048;

std::shared_ptr<KeyMaterial> make_secret(std::size_t octets) {
  std::string random = random_octets(octets);
  auto material = std::make_shared<KeyMaterial>();
  material->secret = Secret(random);
  wipe(random);
  material->bits = octets * 8;
  material->is_private = true;
  return material;
}

Result<std::shared_ptr<KeyMaterial>> adopt_pair(EVP_PKEY* made) {
  OwnedPkey pkey(made);
  if (!pkey) return fail(Failure::internal, "no key could be made");
  auto material = std::make_shared<KeyMaterial>();
  GH_CHECK(adopt(*material, std::move(pkey), true));
  return material;
}

Result<std::shared_ptr<KeyMaterial>> make_rsa() {
  return adopt_pair(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", rsa_bits));
}

Result<std::shared_ptr<KeyMaterial>> make_pair(Curve curve) {
  const CurveTraits& row = traits(curve);
  return adopt_pair(row.key_type == KeyType::ec ? EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", row.openssl_name)
                                                : EVP_PKEY_Q_keygen(nullptr, nullptr, row.openssl_name));
}

// A name that tells nothing of a secret; of a pair the one that everybody can compute.
std::string name_for(const Key& key) { return key.type() == KeyType::oct ? random_text() : key.thumbprint(); }

Key named(const Key& key, std::string kid) {
  std::string chosen = kid.empty() ? name_for(key) : std::move(kid);
  return key.with_kid(std::move(chosen));
}

}  // namespace

Result<Key> Key::generate(Algorithm algorithm, std::string kid) {
  const AlgorithmTraits& row = traits(algorithm);
  std::shared_ptr<KeyMaterial> material;
  if (row.key_type == KeyType::oct) {
    material = make_secret(row.hash_octets);
  } else if (row.key_type == KeyType::rsa) {
    GH_TRY(material, make_rsa());
  } else {
    GH_TRY(material, make_pair(row.curve == Curve::none ? Curve::ed25519 : row.curve));
  }
  material->algorithm_name = row.name;
  material->declared_algorithm = algorithm;
  return named(Key(std::move(material)), std::move(kid));
}

Result<Key> Key::generate(KeyManagement algorithm, Curve curve, std::string kid) {
  const KeyManagementTraits& row = traits(algorithm);
  std::shared_ptr<KeyMaterial> material;
  switch (row.mode) {
    case KeyManagementMode::direct:
      return fail(Failure::configuration_invalid, "a key for dir is made for its content encryption");
    case KeyManagementMode::password:
      return fail(Failure::configuration_invalid, "the key of PBES2 is a password; use Key::symmetric");
    case KeyManagementMode::aes_wrap:
    case KeyManagementMode::gcm_wrap:
      material = make_secret(row.wrap_octets);
      break;
    case KeyManagementMode::rsa: {
      GH_TRY(material, make_rsa());
      break;
    }
    case KeyManagementMode::agreement: {
      if (curve == Curve::none) return fail(Failure::configuration_invalid, "ECDH-ES needs a curve");
      GH_TRY(material, make_pair(curve));
      break;
    }
  }
  material->algorithm_name = row.name;
  Key key = named(Key(std::move(material)), std::move(kid));
  if (!key.fits(algorithm, ContentEncryption::A256GCM))
    return fail(Failure::configuration_invalid, "the curve is none of ECDH-ES");
  return key;
}

Result<Key> Key::generate(ContentEncryption content, std::string kid) {
  auto material = make_secret(traits(content).key_octets);
  material->algorithm_name = name(content);
  return named(Key(std::move(material)), std::move(kid));
}

}  // namespace gatehouse::jose
