/// KeySet — the keys one party verifies with (RFC 7517 §5), found by kid without a scan.
#pragma once

#include <cstddef>
#include <cstdint>
#include <ranges>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/jose/key.h"

namespace gatehouse::jose {

class KeySet {
 public:
  KeySet() = default;
  explicit KeySet(std::vector<Key> keys);

  /// A JWK set. Members that are no usable public signing key (oct, private, `use` other than sig, `key_ops`
  /// without verify, unknown kty or crv) are left out, as RFC 7517 §5 asks; `skipped` counts them. Fails with
  /// malformed or too_large (512 KiB, 256 keys).
  static Result<KeySet> parse(std::string_view jwks);

  const std::vector<Key>& keys() const noexcept { return keys_; }
  bool empty() const noexcept { return keys_.empty(); }
  bool has_nameless() const noexcept { return has_nameless_; }  ///< whether a key has no kid
  std::size_t skipped() const noexcept { return skipped_; }
  bool has_private() const noexcept {
    return has_private_;
  }  ///< of what was left out, a private key of a pair

  /// The keys named `kid`, in order, as a view of this set; ordinal comparison. Usually one or none.
  auto find(std::string_view kid) const noexcept {
    return indexes_of(kid) | std::views::transform([this](std::size_t i) -> const Key& { return keys_[i]; });
  }
  const Key* find_first(std::string_view kid) const noexcept;

  std::string public_jwks() const;  ///< {"keys":[…]} without oct keys

 private:
  std::span<const std::size_t> indexes_of(std::string_view kid) const noexcept;

  // Open addressing, never more than a quarter full: a look-up costs one hash and one comparison, however
  // many keys there are.
  struct Slot {
    std::uint64_t hash = 0;
    std::size_t begin = 0, count = 0;  // in named_; no count: nobody's
  };
  const Slot* slot_of(std::string_view kid) const noexcept;

  std::vector<Key> keys_;
  std::vector<std::size_t> named_;  // indexes of keys with a kid, those of one side by side, in order
  std::vector<Slot> slots_;         // a power of two of them, or none
  std::size_t skipped_ = 0;
  bool has_nameless_ = false;
  bool has_private_ = false;
};

}  // namespace gatehouse::jose
