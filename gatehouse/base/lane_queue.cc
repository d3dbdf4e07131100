#include "gatehouse/base/lane_queue.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace gatehouse {
namespace {

using Nanoseconds = std::chrono::duration<double, std::nano>;

constexpr double weight_of_newest = 1.0 / 16;

}  // namespace

LaneQueue::LaneQueue(const LaneOptions& options)
    : options_(options), expected_(Nanoseconds(options.expected).count()) {}

std::size_t LaneQueue::room() const noexcept {
  const double jobs =
      Nanoseconds(options_.longest_queue).count() / expected_ * static_cast<double>(options_.slots);
  const double most = static_cast<double>(options_.most_waiting);
  return static_cast<std::size_t>(std::clamp(jobs, 1.0, std::max(1.0, most)));
}

bool LaneQueue::try_push(Lane lane, Job&& job, Time now) {
  const std::size_t all = room();
  const std::size_t limit =
      lane == Lane::preferred ? all : std::max<std::size_t>(1, all * options_.other_percent / 100);
  if (waiting() >= limit) return false;
  lanes_[static_cast<std::size_t>(lane)].push_back({.job = std::move(job), .since = now});
  return true;
}

LaneQueue::Queue& LaneQueue::choose() {
  auto& [preferred, other] = lanes_;
  if (preferred.empty()) return other;
  if (other.empty()) return preferred;
  credit_ += 100 - std::min(options_.preferred_percent, 100U);
  if (credit_ < 100) return preferred;
  credit_ -= 100;
  return other;
}

LaneQueue::Next LaneQueue::next(Time now) {
  Next found;
  for (Queue& queue : lanes_) {
    while (!queue.empty() && now - queue.front().since > options_.oldest) {
      found.dropped.push_back(std::move(queue.front().job));
      queue.pop_front();
    }
  }
  Queue& queue = choose();
  if (queue.empty()) return found;
  found.job = std::move(queue.front().job);
  queue.pop_front();
  return found;
}

void LaneQueue::took(std::chrono::nanoseconds time) noexcept {
  const double nanoseconds = std::max(1.0, static_cast<double>(time.count()));
  expected_ += (nanoseconds - expected_) * weight_of_newest;
}

std::vector<LaneQueue::Job> LaneQueue::take_all() {
  std::vector<Job> all;
  for (Queue& queue : lanes_) {
    std::ranges::transform(queue, std::back_inserter(all), [](Waiting& one) { return std::move(one.job); });
    queue.clear();
  }
  return all;
}

}  // namespace gatehouse
