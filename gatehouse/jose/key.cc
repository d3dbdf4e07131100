#include "gatehouse/jose/key.h"

#include <fmt/format.h>
#include <openssl/core_names.h>
#include <openssl/sha.h>

#include <array>
#include <atomic>

#include "gatehouse/base/base64url.h"
#include "gatehouse/jose/key_material.h"
#include "gatehouse/jose/key_numbers.h"

namespace gatehouse::jose {
namespace {

constinit std::atomic<std::uint64_t> gone{0};

std::uint64_t next_id() {
  static std::atomic<std::uint64_t> last{0};
  return ++last;
}

std::string sha256(std::string_view octets) {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  EVP_Digest(octets.data(), octets.size(), reinterpret_cast<unsigned char*>(digest.data()), nullptr,
             EVP_sha256(), nullptr);
  return digest;
}

std::string_view curve_name(Curve curve) noexcept {
  switch (curve) {
    case Curve::p256:
      return "P-256";
    case Curve::p384:
      return "P-384";
    case Curve::p521:
      return "P-521";
    case Curve::none:
      return "";
  }
  std::unreachable();
}

}  // namespace

KeyMaterial::KeyMaterial() : id(next_id()) {}
KeyMaterial::~KeyMaterial() { gone.fetch_add(1, std::memory_order_relaxed); }

std::uint64_t keys_gone() noexcept { return gone.load(std::memory_order_relaxed); }

Key Key::symmetric(const Secret& secret, std::string kid) {
  auto material = std::make_shared<KeyMaterial>();
  material->secret = secret;
  material->bits = secret.size() * 8;
  material->is_private = true;
  // The text of a public key is known to everybody (CVE-2016-5431).
  material->declares_other_algorithm = secret.reveal().contains("-----BEGIN ");
  return Key(std::move(material)).with_kid(std::move(kid));
}

Key Key::with_kid(std::string kid) const {
  Key named = *this;
  named.kid_ = std::move(kid);
  return named;
}

const std::string& Key::kid() const noexcept { return kid_; }
KeyType Key::type() const noexcept { return material_->type; }
Curve Key::curve() const noexcept { return material_->curve; }
std::size_t Key::bits() const noexcept { return material_->bits; }
bool Key::is_private() const noexcept { return material_->is_private; }
std::optional<Algorithm> Key::declared_algorithm() const noexcept { return material_->declared_algorithm; }
std::string_view Key::use() const noexcept { return material_->use; }
const std::vector<std::string>& Key::operations() const noexcept { return material_->operations; }
const std::string& Key::x5t() const noexcept { return material_->x5t; }
const std::string& Key::x5t_s256() const noexcept { return material_->x5t_s256; }
bool Key::has_certificate() const noexcept { return material_->has_certificate; }
Instant Key::not_before() const noexcept { return material_->not_before; }
Instant Key::not_after() const noexcept { return material_->not_after; }

bool Key::fits(Algorithm algorithm) const noexcept {
  const AlgorithmTraits& row = traits(algorithm);
  if (row.key_type != material_->type || row.curve != material_->curve) return false;
  if (material_->declares_other_algorithm) return false;
  return !material_->declared_algorithm || *material_->declared_algorithm == algorithm;
}

// The members that RFC 7638 §3.2 names, in lexicographic order, and nothing else.
std::string Key::thumbprint() const {
  json::Writer writer;
  writer.begin_object();
  switch (material_->type) {
    case KeyType::oct:
      writer.member("k", base64url::encode(material_->secret.reveal())).member("kty", "oct");
      break;
    case KeyType::rsa:
      writer.member("e", number_of(material_->pkey.get(), OSSL_PKEY_PARAM_RSA_E)).member("kty", "RSA");
      writer.member("n", number_of(material_->pkey.get(), OSSL_PKEY_PARAM_RSA_N));
      break;
    case KeyType::ec: {
      const auto [x, y] = point_of(material_->pkey.get(), material_->curve);
      writer.member("crv", curve_name(material_->curve)).member("kty", "EC").member("x", x).member("y", y);
      break;
    }
  }
  writer.end_object();
  return base64url::encode(sha256(writer.text()));
}

std::string Key::public_jwk() const {
  if (material_->type == KeyType::oct) return {};
  json::Writer writer;
  writer.begin_object();
  if (material_->type == KeyType::rsa) {
    writer.member("kty", "RSA").member("n", number_of(material_->pkey.get(), OSSL_PKEY_PARAM_RSA_N));
    writer.member("e", number_of(material_->pkey.get(), OSSL_PKEY_PARAM_RSA_E));
  } else {
    const auto [x, y] = point_of(material_->pkey.get(), material_->curve);
    writer.member("kty", "EC").member("crv", curve_name(material_->curve)).member("x", x).member("y", y);
  }
  writer.member("use", "sig");
  if (material_->declared_algorithm) writer.member("alg", name(*material_->declared_algorithm));
  if (!kid_.empty()) writer.member("kid", kid_);
  writer.end_object();
  return std::move(writer).take();
}

Result<void> check_strength(const Key& key, Algorithm algorithm, const KeyStrength& strength) {
  const AlgorithmTraits& row = traits(algorithm);
  const auto weak = [&](std::size_t needed) {
    return fail(Failure::weak_key,
                fmt::format("{} needs {} bits, the key has {}", row.name, needed, key.bits()));
  };
  if (key.type() == KeyType::rsa && key.bits() < strength.rsa_bits) return weak(strength.rsa_bits);
  if (key.type() == KeyType::oct && strength.hmac_as_long_as_hash && key.bits() < row.hash_octets * 8)
    return weak(row.hash_octets * 8);
  return {};
}

}  // namespace gatehouse::jose
