#include "gatehouse/jose/key.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <utility>

#include "gatehouse/jose/key_material.h"

namespace gatehouse::jose {
namespace {

constinit std::atomic<std::uint64_t> gone{0};

std::uint64_t next_id() {
  static std::atomic<std::uint64_t> last{0};
  return ++last;
}

bool is_edwards(Curve curve) noexcept { return curve == Curve::ed25519 || curve == Curve::ed448; }

// secp256k1 is no curve of ECDH-ES (RFC 8812 §3.1).
bool agrees(Curve curve) noexcept {
  return curve == Curve::p256 || curve == Curve::p384 || curve == Curve::p521 || curve == Curve::x25519 ||
         curve == Curve::x448;
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
  material->is_unfit = secret.reveal().contains("-----BEGIN ");
  return Key(std::move(material), std::move(kid));
}

Key make_key(std::shared_ptr<const KeyMaterial> material) { return Key(std::move(material)); }

Key Key::with_kid(std::string kid) const { return Key(shared_material(), std::move(kid)); }

const std::string& Key::kid() const noexcept { return named_->kid; }
KeyType Key::type() const noexcept { return material().type; }
Curve Key::curve() const noexcept { return material().curve; }
std::size_t Key::bits() const noexcept { return material().bits; }
bool Key::is_private() const noexcept { return material().is_private; }
std::optional<Algorithm> Key::declared_algorithm() const noexcept { return material().declared_algorithm; }
std::string_view Key::algorithm_name() const noexcept { return material().algorithm_name; }
std::string_view Key::use() const noexcept { return material().use; }
const std::vector<std::string>& Key::operations() const noexcept { return material().operations; }
const std::string& Key::issuer() const noexcept { return material().issuer; }
const std::string& Key::x5t() const noexcept { return material().x5t; }
const std::string& Key::x5t_s256() const noexcept { return material().x5t_s256; }
bool Key::has_certificate() const noexcept { return material().has_certificate; }
Instant Key::not_before() const noexcept { return material().not_before; }
Instant Key::not_after() const noexcept { return material().not_after; }

bool Key::permits(std::initializer_list<std::string_view> operations) const noexcept {
  const std::vector<std::string>& allowed = material().operations;
  return allowed.empty() || std::ranges::find_first_of(allowed, operations) != allowed.end();
}

bool Key::fits(Algorithm algorithm) const noexcept {
  const AlgorithmTraits& row = traits(algorithm);
  if (row.key_type != material().type || material().is_unfit) return false;
  // EdDSA alone leaves the curve to the key, which has to be one that signs.
  if (row.curve != material().curve && !(row.algorithm == Algorithm::EdDSA && is_edwards(material().curve)))
    return false;
  if (!material().use.empty() && material().use != "sig") return false;
  if (!permits({"verify", "sign"})) return false;
  return material().algorithm_name.empty() || material().declared_algorithm == algorithm;
}

bool Key::fits(KeyManagement algorithm, ContentEncryption content) const noexcept {
  const KeyManagementTraits& row = traits(algorithm);
  const ContentEncryptionTraits& content_row = traits(content);
  if (material().is_unfit || (!material().use.empty() && material().use != "enc")) return false;
  const std::string_view declared = material().algorithm_name;
  const bool is_content_key = row.mode == KeyManagementMode::direct && declared == content_row.name;
  if (!declared.empty() && declared != row.name && !is_content_key) return false;
  const std::size_t octets = material().secret.size();
  const bool is_secret = material().type == KeyType::oct;
  switch (row.mode) {
    case KeyManagementMode::direct:
      return is_secret && octets == content_row.key_octets && permits({"encrypt", "decrypt"});
    case KeyManagementMode::aes_wrap:
    case KeyManagementMode::gcm_wrap:
      return is_secret && octets == row.wrap_octets && permits({"wrapKey", "unwrapKey"});
    case KeyManagementMode::rsa:
      return material().type == KeyType::rsa && permits({"wrapKey", "unwrapKey", "encrypt", "decrypt"});
    case KeyManagementMode::agreement:
      return agrees(material().curve) && permits({"deriveKey", "deriveBits"});
    case KeyManagementMode::password:
      return is_secret && permits({"deriveKey", "deriveBits", "wrapKey", "unwrapKey"});
  }
  std::unreachable();
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
