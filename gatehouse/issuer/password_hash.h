/// Password hashes — Argon2id as RFC 9106 and OWASP have it: m = 19,456 KiB, t = 2, p = 1.
///
/// One hash takes about 20 ms of CPU and 19 MiB: never on a reactor, always through a bounded pool. Hashes of
/// other systems are verified too, and never made (imported_hash.h). Whatever is read is bounded first: a row
/// that was spoiled must not ask for gigabytes.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/base/result.h"
#include "gatehouse/base/secret.h"

namespace gatehouse::issuer {

inline constexpr std::size_t longest_password = 256;  ///< octets; more is refused before any work is done

/// A key that is kept apart from the database: without it, hashes that somebody has stolen tell nothing.
struct Pepper {
  std::string id;  ///< one to eight letters or digits; stands in the hash
  Secret key;      ///< 32 octets or more
};

class PasswordHasher {
 public:
  /// New hashes have the first of `peppers`; the others are for hashes that were made before, which get the
  /// first at the next login. Without any, hashes are bare Argon2id.
  explicit PasswordHasher(std::vector<Pepper> peppers = {});

  /// A PHC string "$argon2id$v=19$m=19456,t=2,p=1$…", with "keyid=…" behind p when there is a pepper. Fails
  /// with too_large, or unavailable when there is no memory.
  Result<std::string> hash(std::string_view password) const;

  /// Whether `password` is the one behind `hash`. Takes the same time for any wrong one. Fails with malformed
  /// for a text that is no hash or is beyond the bounds, and with unavailable for want of memory or the
  /// pepper.
  Result<bool> verify(std::string_view password, std::string_view hash) const;

  /// Whether `hash` was made with other parameters or another pepper than today's, or by another system.
  bool needs_rehash(std::string_view hash) const;

 private:
  const Pepper* find(std::string_view id) const noexcept;

  std::vector<Pepper> peppers_;
};

/// The same without a pepper; false also for what cannot be read.
Result<std::string> hash_password(std::string_view password);
bool verify_password(std::string_view password, std::string_view hash);
bool needs_rehash(std::string_view hash);

}  // namespace gatehouse::issuer
