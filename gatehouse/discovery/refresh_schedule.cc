#include "gatehouse/discovery/refresh_schedule.h"

#include <algorithm>

#include "gatehouse/base/ascii.h"

namespace gatehouse::discovery {
namespace {

Milliseconds scaled(Milliseconds time, double factor) {
  return Milliseconds(static_cast<Milliseconds::rep>(static_cast<double>(time.count()) * factor));
}

}  // namespace

bool RefreshSchedule::begin() {
  if (is_fetching_) return false;
  return is_fetching_ = true;
}

bool RefreshSchedule::begin_if_due(Instant now) { return now >= due_ && begin(); }

bool RefreshSchedule::begin_for_unknown_key(Instant now) {
  // A pause after a failure holds for everybody: an authority in trouble is not helped by tokens.
  if (now < next_look_ || (is_failing() && now < due_) || !begin()) return false;
  next_look_ = now + options_.refresh_interval;
  return true;
}

bool RefreshSchedule::begin_by_hand() { return begin(); }

// As in the original, up to a twentieth of the interval is added.
void RefreshSchedule::succeeded(Instant now, std::optional<Seconds> max_age, double jitter) {
  is_fetching_ = false;
  failures_ = 0;
  fetched_ = now;
  const Seconds asked = std::max(max_age.value_or(Seconds::max()), options_.minimum_refresh_interval);
  const Milliseconds interval = std::min(asked, options_.automatic_refresh_interval);
  due_ = now + interval + scaled(interval, jitter / 20);
}

// Half of a pause is certain and half is jitter.
void RefreshSchedule::failed(Instant now, double jitter) {
  is_fetching_ = false;
  const Milliseconds cap = has_keys(now) ? options_.retry_cap : options_.retry_cap_without_keys;
  Milliseconds pause = options_.first_retry;
  for (int i = 0; i < failures_ && pause < cap; ++i) pause *= 2;
  pause = std::min(pause, cap);
  ++failures_;
  due_ = now + pause / 2 + scaled(pause, jitter / 2);
}

void RefreshSchedule::restore(Instant fetched) {
  fetched_ = fetched;
  due_ = Instant::min();
}

bool RefreshSchedule::has_keys(Instant now) const {
  if (!fetched_) return false;
  const Seconds lifetime = options_.last_known_good_lifetime;
  return lifetime == Seconds::zero() || now < *fetched_ + lifetime;
}

std::optional<Seconds> max_age_of(std::string_view cache_control) {
  std::optional<Seconds> age;
  while (!cache_control.empty()) {
    const std::string directive = to_lower(take_item(cache_control));
    if (directive == "no-store" || directive == "no-cache") return Seconds::zero();
    constexpr std::string_view name = "max-age=";
    if (!directive.starts_with(name)) continue;
    const auto seconds = parse_number<std::uint32_t>(std::string_view(directive).substr(name.size()));
    if (seconds) age = std::min(age.value_or(Seconds::max()), Seconds(*seconds));
  }
  return age;
}

}  // namespace gatehouse::discovery
