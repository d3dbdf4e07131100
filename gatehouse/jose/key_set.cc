#include "gatehouse/jose/key_set.h"

#include <xxhash.h>

#include <algorithm>
#include <bit>
#include <utility>

namespace gatehouse::jose {
namespace {

constexpr std::size_t largest_document = 512 * 1024;
constexpr std::size_t most_keys = 256;

// Only what can verify a signature and may be seen by everybody: a published secret is no secret. Such a key
// is not even read, as checking it takes a signature.
bool is_secret(const json::Value& jwk) { return jwk.find_string("kty") == "oct"; }
bool is_private(const json::Value& jwk) { return jwk.find("d").has_value(); }

// The kids of a set are its issuer's, who can make but few of them and only their own set slow.
std::uint64_t hash_of(std::string_view kid) noexcept { return XXH3_64bits(kid.data(), kid.size()); }

// What anybody may send is verified with these keys, and at 16,384 bits that takes a millisecond.
constexpr std::size_t most_rsa_bits = 8192;

bool is_usable(const Key& key) {
  if (key.type() == KeyType::rsa && key.bits() > most_rsa_bits) return false;
  const auto& operations = key.operations();
  if (!operations.empty() && std::ranges::find(operations, "verify") == operations.end()) return false;
  return std::ranges::any_of(algorithms(),
                             [&](const AlgorithmTraits& row) { return key.fits(row.algorithm); });
}

Result<Key> read_usable(const json::Value& jwk) {
  if (is_secret(jwk) || is_private(jwk)) return fail(Failure::key_invalid, "not public");
  GH_TRY(Key key, Key::from_jwk(jwk));
  if (!is_usable(key)) return fail(Failure::key_invalid, "not for signatures");
  return key;
}

}  // namespace

KeySet::KeySet(std::vector<Key> keys) : keys_(std::move(keys)) {
  for (std::size_t i = 0; i < keys_.size(); ++i)
    if (!keys_[i].kid().empty()) named_.push_back(i);
  has_nameless_ = named_.size() < keys_.size();
  const auto kid_of = [this](std::size_t i) -> const std::string& { return keys_[i].kid(); };
  std::ranges::sort(named_, {},
                    [&](std::size_t i) { return std::pair<std::string_view, std::size_t>(kid_of(i), i); });

  slots_.assign(std::bit_ceil(4 * named_.size()), {});
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t begin = 0, end = 0; begin < named_.size(); begin = end) {
    const std::string& kid = kid_of(named_[begin]);
    while (end < named_.size() && kid_of(named_[end]) == kid) ++end;
    const std::uint64_t hash = hash_of(kid);
    std::size_t at = hash & mask;
    while (slots_[at].count > 0) at = (at + 1) & mask;
    slots_[at] = {.hash = hash, .begin = begin, .count = end - begin};
  }
}

Result<KeySet> KeySet::parse(std::string_view jwks) {
  json::Parser parser;
  GH_TRY(const json::Value root, parser.parse(jwks, {.octets = largest_document}));
  const auto list = root.find("keys");
  if (!list || !list->is_array()) return fail(Failure::malformed, "a JWK set has an array named 'keys'");
  if (list->size() > most_keys) return fail(Failure::too_large, "keys");
  std::vector<Key> keys;
  std::size_t skipped = 0;
  bool has_private = false;
  for (const json::Value jwk : *list) {
    has_private = has_private || is_private(jwk);
    if (auto key = read_usable(jwk))
      keys.push_back(*std::move(key));
    else
      ++skipped;
  }
  KeySet set(std::move(keys));
  set.skipped_ = skipped;
  set.has_private_ = has_private;
  return set;
}

const KeySet::Slot* KeySet::slot_of(std::string_view kid) const noexcept {
  if (slots_.empty()) return nullptr;
  const std::size_t mask = slots_.size() - 1;
  const std::uint64_t hash = hash_of(kid);
  // The hash first: another kid's slot costs no look at its key.
  for (std::size_t at = hash & mask; slots_[at].count > 0; at = (at + 1) & mask)
    if (slots_[at].hash == hash && keys_[named_[slots_[at].begin]].kid() == kid) return &slots_[at];
  return nullptr;
}

std::span<const std::size_t> KeySet::indexes_of(std::string_view kid) const noexcept {
  const Slot* const slot = slot_of(kid);
  return slot ? std::span(named_).subspan(slot->begin, slot->count) : std::span<const std::size_t>();
}

const Key* KeySet::find_first(std::string_view kid) const noexcept {
  const auto found = find(kid);
  return found.empty() ? nullptr : &found.front();
}

std::string KeySet::public_jwks() const {
  json::Writer writer;
  writer.begin_object().name("keys").begin_array();
  for (const Key& key : keys_)
    if (key.type() != KeyType::oct) writer.raw(key.public_jwk());
  writer.end_array().end_object();
  return std::move(writer).take();
}

}  // namespace gatehouse::jose
