/// ValidatedTokenCache — tokens that were accepted before, so that the next request with one needs no
/// signature.
///
/// What is kept is what a validation found, not what was decided with it: lifetime and trust in the keys are
/// asked again on every hit, as are revocation and policies by whoever asks the cache. Refused tokens are
/// never kept. One thread only: each has a cache of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "gatehouse/base/clock.h"
#include "gatehouse/claims/claims_principal.h"
#include "gatehouse/tokens/trust.h"
#include "gatehouse/tokens/validate.h"

namespace gatehouse::tokens {

/// A token that passed every check, and what may be handed out for it. Shared and immutable.
struct ValidatedToken {
  Token token;
  std::shared_ptr<const claims::ClaimsPrincipal> principal;
  Validity validity;                   ///< as TokenValidator::validity has it
  std::shared_ptr<const Trust> trust;  ///< of the keys that verified it
};

class ValidatedTokenCache {
 public:
  /// Holds about so many octets: texts, claims and principals.
  explicit ValidatedTokenCache(std::size_t most_octets);

  /// What was kept for this very text, while `now` is within its validity and its trust holds. Null
  /// otherwise; what has ended goes. The text is found by a hash under a key of this cache's own and then
  /// compared in full.
  std::shared_ptr<const ValidatedToken> find(std::string_view token, Instant now);

  /// Keeps `validated` for `token`, in the place of what was kept for it.
  ///
  /// New tokens share a tenth of the room. One that is asked for again moves to the rest when its turn to go
  /// has come, and there each hit buys another round; a flood of tokens that come once throws out one another
  /// (Yang et al., "FIFO queues are all you need for cache eviction", SOSP 2023). What is larger than the
  /// tenth is not kept.
  void insert(std::string_view token, std::shared_ptr<const ValidatedToken> validated);

  std::size_t size() const noexcept { return index_.size(); }
  std::size_t octets() const noexcept { return fresh_octets_ + kept_octets_; }

 private:
  struct Entry {
    std::uint64_t hash = 0;
    std::string text;
    std::shared_ptr<const ValidatedToken> validated;
    std::size_t octets = 0;
    std::uint8_t hits = 0;
    bool is_kept = false;
  };
  using Queue = std::list<Entry>;
  struct Itself {
    std::size_t operator()(std::uint64_t hash) const noexcept { return hash; }
  };

  std::uint64_t hash_of(std::string_view token) const noexcept;
  void make_room();
  void evict_fresh();
  void evict_kept();
  void erase(Queue::iterator entry);

  std::size_t most_octets_;
  std::string secret_;
  Queue fresh_, kept_;  // the oldest in front
  std::size_t fresh_octets_ = 0, kept_octets_ = 0;
  std::unordered_map<std::uint64_t, Queue::iterator, Itself> index_;
};

}  // namespace gatehouse::tokens
