#include "gatehouse/tokens/memory_replay_cache.h"

#include "gatehouse/base/digest.h"

namespace gatehouse::tokens {

bool MemoryReplayCache::add(std::string_view token, Instant expires, Instant now) {
  std::string name = sha256(token);
  const std::lock_guard lock(mutex_);
  while (!by_expiry_.empty() && by_expiry_.begin()->first < now) {
    seen_.erase(by_expiry_.begin()->second);
    by_expiry_.erase(by_expiry_.begin());
  }
  if (seen_.size() >= capacity_ || !seen_.emplace(name, expires).second) return false;
  by_expiry_.emplace(expires, std::move(name));
  return true;
}

bool MemoryReplayCache::contains(std::string_view token, Instant now) const {
  const std::string name = sha256(token);
  const std::lock_guard lock(mutex_);
  const auto seen = seen_.find(name);
  if (seen != seen_.end()) return seen->second >= now;
  return seen_.size() >= capacity_ && (by_expiry_.empty() || by_expiry_.begin()->first >= now);
}

std::size_t MemoryReplayCache::size() const {
  const std::lock_guard lock(mutex_);
  return seen_.size();
}

}  // namespace gatehouse::tokens
