#include "gatehouse/revocation/feed_follower.h"

#include <algorithm>
#include <utility>

namespace gatehouse::revocation {
namespace {

constexpr int most_gaps = 3;  // in a row, before everything is asked for anew

}  // namespace

FeedFollower::Question FeedFollower::next() const {
  return {.is_snapshot = !has_all_,
          .after = position_,
          .wait = has_all_ ? pace_.wait : Seconds(0),
          .epoch = epoch_};
}

// What was applied stays applied; only the place in the numbers is lost.
FeedFollower::Step FeedFollower::start_over(News news) {
  position_ = 0;
  has_all_ = false;
  gaps_ = 0;
  return {.news = news};
}

FeedFollower::Step FeedFollower::answered(const FeedPage& page, Milliseconds took, double jitter) {
  failures_ = 0;
  const std::string known = std::exchange(epoch_, page.epoch);
  const bool is_other = !known.empty() && known != page.epoch;
  // Fewer numbers than before under the same name: a backup was put back, and nobody said so.
  if (is_other || page.head < position_) {
    Step step = start_over(News::restarted);
    step.pause = pause_after(1, jitter);  // two issuers behind one address must not make us ask for ever
    return step;
  }
  // The snapshot is what the issuer has, and a hole in it is nothing that could be had.
  const bool is_accepted = page.after == position_ && page.through >= position_ &&
                           page.through <= page.head && (!has_all_ || page.is_complete());
  if (!is_accepted) {
    if (++gaps_ >= most_gaps) {
      Step step = start_over(News::snapshot);
      step.pause = pause_after(most_gaps, jitter);
      return step;
    }
    return {.news = News::gap, .pause = pause_after(gaps_, jitter)};
  }
  gaps_ = 0;
  const bool moved = std::exchange(position_, page.through) != page.through;
  if (position_ != page.head) return moved ? Step{} : Step{.pause = pause_after(1, jitter)};
  const bool is_early = has_all_ && !moved && took < Milliseconds(pace_.wait) / 2;
  has_all_ = true;
  return {.is_current = true, .pause = is_early ? pause_after(1, jitter) : Milliseconds(0)};
}

FeedFollower::Step FeedFollower::failed(double jitter) { return {.pause = pause_after(++failures_, jitter)}; }

FeedFollower::Step FeedFollower::lost(double jitter) {
  start_over(News::none);
  return failed(jitter);
}

// Half of a pause is certain and half is jitter, so that a fleet does not come back at once.
Milliseconds FeedFollower::pause_after(int failures, double jitter) const {
  Milliseconds pause = pace_.first_retry;
  for (int i = 1; i < failures && pause < pace_.retry_cap; ++i) pause *= 2;
  pause = std::min(pause, pace_.retry_cap);
  return pause / 2 +
         Milliseconds(static_cast<Milliseconds::rep>(static_cast<double>(pause.count()) * jitter / 2));
}

std::string_view name(FeedFollower::News news) noexcept {
  using enum FeedFollower::News;
  switch (news) {
    case none:
      return "none";
    case gap:
      return "gap";
    case snapshot:
      return "snapshot";
    case restarted:
      return "restarted";
  }
  std::unreachable();
}

}  // namespace gatehouse::revocation
