/// Servers of other people's with a guard in front, each on a free port of its own; private to these tests.
#pragma once

#include <cstdint>
#include <memory>

#include "gatehouse/guard.h"

namespace gatehouse {

/// Answers 200 where the guard lets a request through, until it is destroyed.
class ForeignHost {
 public:
  virtual ~ForeignHost() = default;
  virtual std::uint16_t port() const = 0;
};

std::unique_ptr<ForeignHost> start_httplib(Guard guard);
std::unique_ptr<ForeignHost> start_beast(Guard guard);

}  // namespace gatehouse
