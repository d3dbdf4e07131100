/// RefreshSchedule — when to ask an authority for its keys, decided from times alone.
///
/// Pure: every call says what time it is, and answers whether a fetch is to begin. At most one is ever under
/// way.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "gatehouse/base/clock.h"

namespace gatehouse::discovery {

using Milliseconds = std::chrono::milliseconds;

struct RefreshOptions {
  /// A good set of keys is renewed when it is this old, or sooner where the authority's Cache-Control says
  /// so; never sooner than minimum_refresh_interval.
  Seconds automatic_refresh_interval = std::chrono::hours(12);
  Seconds minimum_refresh_interval = std::chrono::minutes(5);
  /// Tokens that name an unknown key make the authority be asked at most once in this time.
  Seconds refresh_interval{30};
  /// How long a good set serves while the authority does not answer. Zero: for ever.
  Seconds last_known_good_lifetime = std::chrono::hours(24);
  /// Pauses after a failure: the first, doubled each time up to a cap; the shorter cap while there are no
  /// keys.
  Milliseconds first_retry{200};
  Milliseconds retry_cap_without_keys{4000};
  Milliseconds retry_cap = std::chrono::minutes(1);
};

class RefreshSchedule {
 public:
  explicit RefreshSchedule(const RefreshOptions& options) : options_(options) {}

  /// Whether to fetch because it is time: there are no keys, they have aged, or a pause after a failure is
  /// over.
  bool begin_if_due(Instant now);

  /// Whether to fetch because a token names a key that is not there.
  bool begin_for_unknown_key(Instant now);

  /// Whether to fetch because an operator asked.
  bool begin_by_hand();

  /// The fetch brought a good set. `max_age` is the authority's own word on its lifetime. `jitter` from 0 to
  /// 1 spreads the next fetch, so that a fleet does not ask at once.
  void succeeded(Instant now, std::optional<Seconds> max_age, double jitter);
  void failed(Instant now, double jitter);

  /// Goes on with keys that were good at `fetched`, as after a restart. They are renewed at once.
  void restore(Instant fetched);

  bool is_fetching() const noexcept { return is_fetching_; }
  bool is_failing() const noexcept { return failures_ > 0; }  ///< since the last success
  bool has_keys(Instant now) const;                           ///< good ones, still within their lifetime
  std::optional<Instant> fetched() const noexcept { return fetched_; }

  /// When begin_if_due will next say yes, unless something happens before.
  Instant due() const noexcept { return due_; }

 private:
  bool begin();

  RefreshOptions options_;
  bool is_fetching_ = false;
  int failures_ = 0;
  Instant due_ = Instant::min();
  Instant next_look_ = Instant::min();  // for an unknown key
  std::optional<Instant> fetched_;      // when the good set came
};

/// `max-age` of a Cache-Control header, less what is left of it at once: zero for no-cache and no-store;
/// empty when it says nothing (RFC 9111 §5.2.2).
std::optional<Seconds> max_age_of(std::string_view cache_control);

}  // namespace gatehouse::discovery
