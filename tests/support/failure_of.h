/// failure_of — what a Result failed with, to compare; nothing for what did not fail.
#pragma once

#include <optional>

#include "gatehouse/base/result.h"

namespace gatehouse::test_support {

template <class T>
std::optional<Failure> failure_of(const Result<T>& result) {
  return result ? std::nullopt : std::optional(result.error().kind);
}

}  // namespace gatehouse::test_support
