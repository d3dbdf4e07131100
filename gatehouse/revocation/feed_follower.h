/// FeedFollower — what to ask an issuer's deny feed next, and what an answer means, decided from values
/// alone.
///
/// It begins with everything there is (a snapshot), then asks for what comes after. Whatever it is told, it
/// never takes anything back: entries go by their own time alone.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "gatehouse/base/clock.h"
#include "gatehouse/revocation/feed_page.h"

namespace gatehouse::revocation {

using Milliseconds = std::chrono::milliseconds;

struct FeedPace {
  /// How long the issuer may wait for something to tell; the answer is its heartbeat. Below a third of the
  /// smallest max_staleness, as what is known is as old as the question.
  Seconds wait{3};
  Milliseconds first_retry{200};  ///< after a failure; doubled each time up to the next
  Milliseconds retry_cap{5'000};
};

class FeedFollower {
 public:
  explicit FeedFollower(FeedPace pace = {}) : pace_(pace) {}

  struct Question {
    bool is_snapshot = true;  ///< everything from `after` on, without waiting
    std::uint64_t after = 0;
    Seconds wait{0};
    std::string epoch = {};  ///< empty: none is known
    bool operator==(const Question&) const = default;
  };
  Question next() const;

  enum class News : std::uint8_t {
    none,
    gap,        ///< something is missing; it is asked for again
    snapshot,   ///< it stayed missing: everything is asked for anew
    restarted,  ///< the issuer's numbers do not go on from before: everything is asked for anew
  };
  struct Step {
    bool is_current = false;  ///< all that the issuer had withdrawn when it was asked is known
    News news = News::none;
    Milliseconds pause{0};  ///< before the next question
    bool operator==(const Step&) const = default;
  };

  /// The answer to next(). Its entries count whatever the step says. `took` is how long it took, `jitter` is
  /// from 0 to 1 and spreads the pauses.
  Step answered(const FeedPage& page, Milliseconds took, double jitter);

  /// There was no answer that could be read.
  Step failed(double jitter);

  /// An answer came and could not be kept: everything is asked for anew, after a pause.
  Step lost(double jitter);

  std::uint64_t position() const noexcept { return position_; }
  bool is_failing() const noexcept { return failures_ > 0; }

 private:
  Step start_over(News news);
  Milliseconds pause_after(int failures, double jitter) const;

  FeedPace pace_;
  std::string epoch_;
  std::uint64_t position_ = 0;
  bool has_all_ = false;  // the snapshot was read to its end
  int gaps_ = 0;
  int failures_ = 0;
};

std::string_view name(FeedFollower::News news) noexcept;  ///< "gap"

}  // namespace gatehouse::revocation
