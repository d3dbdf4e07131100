/// TokenReplayCache — remembers tokens that may be used once.
#pragma once

#include <string_view>

#include "gatehouse/base/clock.h"

namespace gatehouse::tokens {

class TokenReplayCache {
 public:
  virtual ~TokenReplayCache() = default;

  /// Remembers `token` until `expires`; false when it is known already or there is no room. One atomic step,
  /// so that of two requests with one token only one wins. Thread-safe.
  virtual bool add(std::string_view token, Instant expires, Instant now) = 0;

  /// Whether add() would refuse `token` now; remembers nothing. For explanations, never to decide.
  virtual bool contains(std::string_view token, Instant now) const = 0;
};

}  // namespace gatehouse::tokens
