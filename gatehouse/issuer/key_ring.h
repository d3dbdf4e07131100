/// KeyRing — the keys of an issuer as one process has them: what it signs with, and what it publishes.
///
/// The store is the truth: every process carries out the same plan (key_ring_plan.h), and one of them
/// succeeds. A process that has not seen the store for too long stops signing; it does not sign with a key
/// that others may not know.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/published.h"
#include "gatehouse/base/task.h"
#include "gatehouse/base/worker_pool.h"
#include "gatehouse/issuer/key_ring_plan.h"
#include "gatehouse/issuer/key_wrapper.h"
#include "gatehouse/issuer/refresh_token.h"
#include "gatehouse/issuer/signing_credentials.h"
#include "gatehouse/issuer/token_keys.h"
#include "gatehouse/jose/key_set.h"
#include "gatehouse/stores/key_store.h"

namespace gatehouse::issuer {

struct KeyRingOptions {
  std::vector<jose::Algorithm> algorithms = {jose::Algorithm::ES256};  ///< the first is the usual one
  KeyRingTiming signing;
  /// Of secrets that never leave the issuer: what tags refresh tokens, and what remembers devices.
  KeyRingTiming secrets{.active = std::chrono::days(365),
                        .announce = std::chrono::hours(1),
                        .retain = std::chrono::days(90),
                        .destroys_when_retired = false};
  KeyRingReaders readers;
  /// Signing keys that never leave a PKCS#11 token. Then no others are made: as many of each algorithm as are
  /// rotated to, two to begin with.
  TokenKeyOptions token;
};

/// What everybody may see of the ring.
struct PublishedKeys {
  std::string jwks;      ///< active, announced, retired: in this order
  jose::KeySet keys;     ///< the same
  Seconds max_age{900};  ///< shorter while a key was compromised not long ago
};

class KeyRing {
 public:
  /// `store`, `pool` (where keys are made) and `clock` must outlive the ring. Fails with
  /// configuration_invalid for options that break an inequality, and when the store has keys that `wrapper`
  /// does not open: a ring that has lost its wrapping key is never begun anew, which would end every session;
  /// else as the store does.
  static Task<Result<std::unique_ptr<KeyRing>>> open(stores::KeyStore& store, KeyWrapper wrapper,
                                                     KeyRingOptions options, WorkerPool& pool,
                                                     const Clock& clock);

  /// Looks at the store and carries out what is due. To be called every `readers.poll`. Fails with not_found
  /// when a PKCS#11 token has no key left to announce; all else is done then, and the ring goes on with what
  /// it has.
  Task<Result<void>> refresh();

  /// What new tokens are signed with. Fails with unavailable when this process has not seen the store for
  /// half of the time that keys are announced, and with configuration_invalid for an algorithm that is not
  /// among the options.
  Result<SigningCredentials> signing_credentials(jose::Algorithm algorithm) const;
  Result<SigningCredentials> signing_credentials() const {
    return signing_credentials(options_.algorithms.front());
  }

  const KeyRingOptions& options() const noexcept { return options_; }
  std::shared_ptr<const PublishedKeys> published() const;
  std::shared_ptr<const RefreshTokenFormat> refresh_format() const;
  Secret device_key() const;

  /// For the operator. Fail as plan_rotation and plan_compromise do; the key that is active then.
  Task<Result<std::string>> rotate(jose::Algorithm algorithm);
  Task<Result<std::string>> compromise(std::string id);
  Task<Result<std::size_t>> rewrap();  ///< seals what older wrapping keys have sealed; how many that were

 private:
  using Rows = std::vector<stores::StoredKey>;
  struct Snapshot {
    std::map<jose::Algorithm, SigningCredentials> signing;
    std::shared_ptr<const RefreshTokenFormat> refresh_format;  // null: there is no active key yet
    Secret device;
    std::shared_ptr<const PublishedKeys> published;
    Instant seen;
  };

  KeyRing(stores::KeyStore& store, KeyWrapper wrapper, KeyRingOptions options, WorkerPool& pool,
          const Clock& clock)
      : store_(store),
        wrapper_(std::move(wrapper)),
        options_(std::move(options)),
        token_keys_(options_.token),
        pool_(pool),
        clock_(clock) {}

  std::vector<std::string> purposes() const;
  const KeyRingTiming& timing_of(std::string_view purpose) const;
  // Each with what the token lacks, when it does.
  Task<Result<std::optional<Error>>> look();
  Task<Result<std::optional<Error>>> carry_out(std::string purpose, KeyRingPlan plan);
  Task<Result<bool>> settle(std::string purpose, std::optional<Error>& lacking);
  Task<Result<Snapshot>> read(const Rows& rows);
  Result<Snapshot> read_all(const Rows& rows);
  Result<void> read_key(const stores::StoredKey& row, Snapshot& snapshot, RefreshTagKeys& tags);

  stores::KeyStore& store_;
  KeyWrapper wrapper_;
  KeyRingOptions options_;
  TokenKeys token_keys_;
  WorkerPool& pool_;
  const Clock& clock_;
  Published<Snapshot> snapshot_;
};

}  // namespace gatehouse::issuer
