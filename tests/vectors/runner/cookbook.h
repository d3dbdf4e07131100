/// Cookbook — the examples of RFC 7520, in the layout of the JOSE cookbook.
#pragma once

#include "tests/vectors/runner/expectation.h"

namespace gatehouse::vectors {

/// A key, a JWS, a JWE or one within the other: what it prints is accepted and says what went in; where that
/// is reproducible, the same inputs give the same octets.
Differences judge_cookbook(const Json& entry);

}  // namespace gatehouse::vectors
