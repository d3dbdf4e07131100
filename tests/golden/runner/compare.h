/// Compare — the differences between what a case expects and what was seen, one line each.
#pragma once

#include <string>
#include <vector>

#include "tests/golden/runner/golden_host.h"

namespace gatehouse::golden {

/// Empty when all of `expect` holds. `probes` are the case's own, or null. A step that is racy may fetch once
/// more or less.
std::vector<std::string> compare(const Json& expect, const Json& probes, const Observation& seen,
                                 bool is_racy = false);

/// Whether we accept (the endpoint was reached, or the result is a success) what the original refused.
bool accepts_what_was_refused(const Json& expect, const Observation& seen);

}  // namespace gatehouse::golden
