/// Key — a signing or verifying key that knows what it may be used for.
///
/// A value: copies share the immutable material, which is wiped when the last one goes. No call takes "the
/// algorithm from the token": the algorithm has to be one of this key's own (RFC 8725 §3.1). Reading is
/// strict; how strong a key has to be is asked when it is used (`check_strength`), because the compatibility
/// profile verifies with shorter ones.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/json.h"
#include "gatehouse/base/result.h"
#include "gatehouse/base/secret.h"
#include "gatehouse/jose/algorithm.h"
#include "gatehouse/jose/encryption_algorithm.h"

namespace gatehouse::jose {

struct KeyMaterial;  // OpenSSL objects; private to this room
class Key;
Key make_key(std::shared_ptr<const KeyMaterial> material);  // within this room

class Key {
 public:
  /// An HMAC key. Any length is read; weak ones fail where strength is required. PEM text fits no algorithm:
  /// a key that everybody may read is no secret.
  static Key symmetric(const Secret& secret, std::string kid = {});

  /// A JWK (RFC 7517 §4): oct, RSA, EC, OKP. Checks that the numbers are a key: point on the curve, e odd and
  /// > 1, coordinates of full length, private numbers that belong to the public ones; RSA from 512 to 16,384
  /// bits. `x5c`, when present, must hold the same public key and gives the validity dates; `x5t` must be its
  /// thumbprint. Fails with malformed or key_invalid (subject: what is wrong, without key material).
  static Result<Key> from_jwk(const json::Value& jwk);
  static Result<Key> from_jwk(std::string_view jwk_text);

  /// PEM text: a private key (PKCS#8, PKCS#1, SEC1), else the first certificate, else a
  /// public key (SPKI, PKCS#1). Fails with key_invalid, also for encrypted keys, two private
  /// ones, and curves that are spelled out.
  static Result<Key> from_pem(std::string_view pem, std::string kid = {});

  /// DER: a private key (PKCS#8, PKCS#1, SEC1) or a public one (SPKI, PKCS#1). Fails with key_invalid, also
  /// for octets after it.
  static Result<Key> from_der(std::string_view der, std::string kid = {});

  /// A DER certificate: its public key and dates. The kid is the upper-case hex SHA-1 thumbprint, as
  /// X509SecurityKey has it, unless one is given.
  static Result<Key> from_certificate(std::string_view der, std::string kid = {});

  /// A fresh private key for that algorithm and no other: RSA of 2048 bits, the algorithm's curve (Ed25519
  /// for EdDSA), a secret as long as the hash. Without a kid it is named by its thumbprint, or at random when
  /// it is a secret. Fails with internal.
  static Result<Key> generate(Algorithm algorithm, std::string kid = {});
  /// The same to receive encrypted content. `curve` is for ECDH-ES: P-256, P-384, P-521, X25519 or X448.
  /// Fails with configuration_invalid for `dir`, whose key belongs to its content encryption, and PBES2,
  /// whose key is a password.
  static Result<Key> generate(KeyManagement algorithm, Curve curve = Curve::x25519, std::string kid = {});
  /// A secret for `dir` with that content encryption.
  static Result<Key> generate(ContentEncryption content, std::string kid = {});

  const std::string& kid() const noexcept;
  Key with_kid(std::string kid) const;  ///< the same material under another name

  KeyType type() const noexcept;
  Curve curve() const noexcept;       ///< none unless `ec` or `okp`
  std::size_t bits() const noexcept;  ///< of the secret, the modulus or the curve
  bool is_private() const noexcept;   ///< can sign or decrypt; true for every oct key

  /// `alg` of the JWK, when it names a signature algorithm: the key's only one.
  std::optional<Algorithm> declared_algorithm() const noexcept;
  std::string_view algorithm_name() const noexcept;             ///< `alg` of the JWK as written, or empty
  std::string_view use() const noexcept;                        ///< `use` of the JWK, or empty
  const std::vector<std::string>& operations() const noexcept;  ///< `key_ops` of the JWK

  /// `issuer` of the JWK, as Entra ID writes it into the keys that its tenants share: whose tokens the key
  /// verifies, "{tenantid}" standing for their `tid`. Empty: anybody's. Says nothing of `fits`.
  const std::string& issuer() const noexcept;

  /// Whether `use` and `key_ops` let the key do one of `operations` ("verify", "unwrapKey", …; RFC 7517
  /// §4.3).
  bool permits(std::initializer_list<std::string_view> operations) const noexcept;

  /// Whether the key's type, curve and declared `alg` fit, and `use` and `key_ops` are those of a signature
  /// key; says nothing of strength.
  bool fits(Algorithm algorithm) const noexcept;

  /// The same for encryption: a key with `use` sig, or with a signature `alg`, fits none. An `alg` that names
  /// a content encryption is that of a key for `dir`. AES keys have to have the algorithm's length.
  bool fits(KeyManagement algorithm, ContentEncryption content) const noexcept;

  /// SHA-1 and SHA-256 thumbprints of the certificate (RFC 7515 §4.1.7,
  /// §4.1.8), base64url; empty without one.
  const std::string& x5t() const noexcept;
  const std::string& x5t_s256() const noexcept;
  bool has_certificate() const noexcept;
  Instant not_before() const noexcept;  ///< of the certificate; the beginning of time without one
  Instant not_after() const noexcept;   ///< of the certificate; the end of time without one

  std::string thumbprint() const;  ///< RFC 7638, RFC 8037 §2: SHA-256, base64url

  // Out again. What is private leaves as a Secret, and only by a call that says so; of a public key it is
  // empty.
  std::string public_jwk()
      const;  ///< with `kid`, `use`, and `alg` and `issuer` when declared; empty for an oct key
  std::string public_pem() const;  ///< SPKI; empty for an oct key
  std::string public_der() const;  ///< SPKI; empty for an oct key
  Secret private_jwk() const;      ///< as public_jwk() with the private members, or an oct key's `k`
  Secret private_pem() const;      ///< PKCS#8, not encrypted; empty for an oct key
  Secret private_der() const;      ///< PKCS#8, not encrypted; empty for an oct key

  /// Tells apart two keys that share a kid; equal for copies only.
  const void* identity() const noexcept { return named_->material.get(); }
  const KeyMaterial& material() const noexcept { return *named_->material; }
  const std::shared_ptr<const KeyMaterial>& shared_material() const noexcept { return named_->material; }

 private:
  friend Key make_key(std::shared_ptr<const KeyMaterial> material);
  explicit Key(std::shared_ptr<const KeyMaterial> material, std::string kid = {})
      : named_(std::make_shared<const Named>(Named{.material = std::move(material), .kid = std::move(kid)})) {
  }

  struct Named {
    std::shared_ptr<const KeyMaterial> material;
    std::string kid;
  };
  std::shared_ptr<const Named> named_;  // one, so that a copy of a key is the cheapest there is
};

/// What a key must bring before it is used.
struct KeyStrength {
  std::size_t rsa_bits = 2048;       ///< RFC 7518 §3.3; the original verifies from 1024
  bool hmac_as_long_as_hash = true;  ///< RFC 7518 §3.2
};

/// Fails with weak_key; the subject says how long it is and how long it has to be.
Result<void> check_strength(const Key& key, Algorithm algorithm, const KeyStrength& strength = {});

}  // namespace gatehouse::jose
