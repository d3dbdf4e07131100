/// KeyWrapper — private keys as the store may see them: sealed under a key that the store does not have.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/base/result.h"
#include "gatehouse/base/secret.h"
#include "gatehouse/stores/key_store.h"

namespace gatehouse::issuer {

/// A wrapping key from where a setting says: "file:PATH" (nobody else may read it), "env:NAME", or
/// "credential:NAME" of systemd's $CREDENTIALS_DIRECTORY. Its text is 32 octets in base64url or hexadecimal.
/// Fails with configuration_invalid; the subject names `source` and the fix, never the key.
Result<Secret> read_wrapping_key(std::string_view source);

class KeyWrapper {
 public:
  /// The first of `keys` seals; the others only open, for as long as the store has keys that they have
  /// sealed. Fails with configuration_invalid when there is none or one has not 32 octets.
  static Result<KeyWrapper> make(const std::vector<Secret>& keys);

  /// `key` with `secret` sealed for it and for no other key, and the name of the wrapping key.
  stores::StoredKey wrap(stores::StoredKey key, const Secret& secret) const;

  /// Fails with configuration_invalid, naming the wrapping key that is missing, or when it does not open what
  /// is said to be sealed under it.
  Result<Secret> unwrap(const stores::StoredKey& key) const;

  const std::string& name() const noexcept { return keys_.front().name; }  ///< of the one that seals
  bool has_wrapped(const stores::StoredKey& key) const { return key.wrapping_key == name(); }

 private:
  struct Named {
    std::string name;  // from a hash: it tells two keys apart and does not help to guess one
    Secret key;
  };
  explicit KeyWrapper(std::vector<Named> keys) : keys_(std::move(keys)) {}

  std::vector<Named> keys_;
};

}  // namespace gatehouse::issuer
