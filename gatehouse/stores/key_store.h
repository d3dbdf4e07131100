/// KeyStore — the keys of an issuer, over their whole lives.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/result.h"
#include "gatehouse/base/task.h"

namespace gatehouse::stores {

/// From the first to the fourth in this order; any but a removed one may become compromised.
enum class KeyState : std::uint8_t {
  announced,    ///< published, and not used yet
  active,       ///< in use
  retired,      ///< published for what it has signed, and used no more
  removed,      ///< its name is kept, so that no other key ever gets it
  compromised,  ///< the same, and at once
};

std::string_view name(KeyState state) noexcept;  ///< "announced"
std::optional<KeyState> read_key_state(std::string_view name) noexcept;

struct StoredKey {
  std::string id;            ///< the `kid` of a signing key
  std::string purpose;       ///< "sign:ES256", "refresh-tag"
  std::uint32_t number = 0;  ///< counts the keys of a purpose from 1
  KeyState state = KeyState::announced;
  Instant created;
  Instant activates;               ///< when it is to become active, or did
  std::optional<Instant> retired;  ///< when it was
  std::optional<Instant> removes;  ///< when it is to be removed, or was
  std::string public_key;          ///< JWK; empty for a secret
  std::string wrapped;             ///< the private key or secret, sealed; empty once it is destroyed
  std::string wrapping_key;        ///< name of the key that it is sealed under
  bool operator==(const StoredKey&) const = default;
};

/// A key as it is to be, and the state that it has to have until then; none: the key is new.
struct KeyChange {
  StoredKey key;
  std::optional<KeyState> from;
  bool operator==(const KeyChange&) const = default;
};

/// Every call fails with unavailable and overloaded as those of SessionStore.
class KeyStore {
 public:
  virtual ~KeyStore() = default;

  virtual Task<Result<std::vector<StoredKey>>> list() = 0;  ///< by purpose and number

  /// All of `changes`, in their order, or none: conflict when a key is not in the state that it is said to be
  /// from, when a new one's id or number is taken, or when there would be two announced or two active ones of
  /// one purpose. So of several processes that have the same plan, one carries it out.
  virtual Task<Result<void>> apply(std::vector<KeyChange> changes) = 0;
};

}  // namespace gatehouse::stores
