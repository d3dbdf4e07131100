/// LaneQueue — which of the jobs that wait is next, and which comes too late: decided from times alone.
///
/// Two lanes. When both wait, the preferred one gets its share of turns, and the other one still moves. The
/// queue is bounded by the time that its work takes, measured as jobs end; the other lane may fill only a
/// part of it, so that a flood there leaves room. No thread and no lock in here: lane_pool.h has both.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <vector>

namespace gatehouse {

enum class Lane : std::uint8_t { preferred, other };

struct LaneOptions {
  std::size_t slots = 1;                          ///< jobs that run at once
  std::chrono::milliseconds longest_queue{1500};  ///< of work that may wait
  std::chrono::milliseconds oldest{2000};         ///< a job that has waited longer is dropped
  std::chrono::microseconds expected{22'600};     ///< what a job takes, until it is known
  std::size_t most_waiting = 10'000;              ///< however short jobs are
  unsigned preferred_percent = 70;                ///< of the turns, when both lanes wait
  unsigned other_percent = 80;                    ///< of the queue that the other lane may fill
};

class LaneQueue {
 public:
  using Time = std::chrono::steady_clock::time_point;
  /// Called once: with true to run, with false when it was dropped.
  using Job = std::move_only_function<void(bool runs)>;

  struct Next {
    std::optional<Job> job;    ///< empty when nothing waits
    std::vector<Job> dropped;  ///< came too late; the caller tells them so
  };

  explicit LaneQueue(const LaneOptions& options);

  /// False, and `job` untouched, when there is no room for one more in that lane.
  bool try_push(Lane lane, Job&& job, Time now);
  Next next(Time now);
  void took(std::chrono::nanoseconds time) noexcept;  ///< a job has ended after so long
  std::vector<Job> take_all();

  std::size_t waiting() const noexcept { return lanes_[0].size() + lanes_[1].size(); }
  std::size_t room() const noexcept;  ///< jobs that may wait, at what they take now

 private:
  struct Waiting {
    Job job;
    Time since;
  };
  using Queue = std::deque<Waiting>;

  Queue& choose();

  LaneOptions options_;
  std::array<Queue, 2> lanes_;
  double expected_;      // nanoseconds
  unsigned credit_ = 0;  // of the other lane, in per cent of a turn
};

}  // namespace gatehouse
