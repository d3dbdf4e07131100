/// MemoryReplayCache — the tokens that one process has seen and that may be used once.
#pragma once

#include <cstddef>
#include <mutex>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>

#include "gatehouse/tokens/replay_cache.h"

namespace gatehouse::tokens {

/// Remembers `capacity` tokens by their SHA-256. When it is full of tokens that have not expired, it refuses
/// further ones: what it would have to forget could be used again. Not shared between machines.
class MemoryReplayCache final : public TokenReplayCache {
 public:
  explicit MemoryReplayCache(std::size_t capacity = 100'000) : capacity_(capacity) {}

  bool add(std::string_view token, Instant expires, Instant now) override;
  bool contains(std::string_view token, Instant now) const override;
  std::size_t size() const;

 private:
  const std::size_t capacity_;
  mutable std::mutex mutex_;
  std::set<std::pair<Instant, std::string>> by_expiry_;
  std::unordered_map<std::string, Instant> seen_;
};

}  // namespace gatehouse::tokens
