/// Advice — what to do about each kind of failure: for people, in docs/failures.md and on the command line.
#pragma once

#include <string_view>

#include "gatehouse/base/error.h"

namespace gatehouse {

/// One or two sentences, the likeliest cause first.
std::string_view advice(Failure kind) noexcept;

}  // namespace gatehouse
