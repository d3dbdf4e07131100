/// Wycheproof's JOSE files — whole tokens, with the keys of their group.
#pragma once

#include "tests/vectors/runner/expectation.h"

namespace gatehouse::vectors {

Differences judge_json_web_signature(const Json& group, const Json& test);
Differences judge_json_web_encryption(const Json& group, const Json& test);
Differences judge_json_web_crypto(const Json& group, const Json& test);  ///< either, as the test says

}  // namespace gatehouse::vectors
