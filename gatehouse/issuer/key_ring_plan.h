/// Key ring plan — what is to become of the keys of one purpose, decided from values alone.
///
/// A key is announced when its predecessor becomes active, so that every reader has had it for long before it
/// signs, and an emergency needs no waiting either.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/result.h"
#include "gatehouse/stores/key_store.h"

namespace gatehouse::issuer {

struct KeyRingTiming {
  Seconds active = std::chrono::days(30);     ///< how long a key is used
  Seconds announce = std::chrono::hours(48);  ///< how long, at least, it is published before that
  Seconds retain = std::chrono::hours(24);    ///< how long it is published after that
  bool destroys_when_retired = true;          ///< what only verifies needs no private key
};

/// A key that has to be made; what its `KeyChange` will say.
struct NewKey {
  std::uint32_t number = 0;
  stores::KeyState state = stores::KeyState::announced;
  Instant activates;
  bool operator==(const NewKey&) const = default;
};

/// To be carried out together: `changes`, then the new ones.
struct KeyRingPlan {
  std::vector<stores::KeyChange> changes;
  std::vector<NewKey> created;
  bool empty() const noexcept { return changes.empty() && created.empty(); }
  bool operator==(const KeyRingPlan&) const = default;
};

/// What is due at `now`; nothing when all is well. `keys` are those of one purpose.
KeyRingPlan plan_key_ring(std::span<const stores::StoredKey> keys, Instant now, const KeyRingTiming& timing);

/// The announced key becomes active now. Fails with conflict when there is none, or when it has not been
/// announced for long enough for every reader to know it; the subject says since when.
Result<KeyRingPlan> plan_rotation(std::span<const stores::StoredKey> keys, Instant now,
                                  const KeyRingTiming& timing);

/// The key is published and used no more, at once, and another one takes its place. Fails with not_found, and
/// with conflict when it is removed or compromised already.
Result<KeyRingPlan> plan_compromise(std::span<const stores::StoredKey> keys, std::string_view id, Instant now,
                                    const KeyRingTiming& timing);

/// What readers are assumed to do, and what tokens may last.
struct KeyRingReaders {
  Seconds key_set_max_age{900};              ///< `max-age` of the published set
  Seconds refresh = std::chrono::hours(24);  ///< a reader asks again after, at the latest
  Seconds clock_skew{60};
  Seconds longest_token{3600};
  Seconds poll{60};  ///< how often each process looks at the store
};

/// Fails with configuration_invalid, the subject holding the inequality that does not hold, with its numbers.
Result<void> check_timing(const KeyRingTiming& timing, const KeyRingReaders& readers);

}  // namespace gatehouse::issuer
