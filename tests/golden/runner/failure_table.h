/// Failure table — the original's exceptions and IDX codes, and the kinds of ours that mean the same.
#pragma once

#include <string_view>

#include "gatehouse/base/error.h"

namespace gatehouse::golden {

/// Whether `kind` is our word for the exception `type` with the code `idx` (empty when it has none). Where
/// the original only says "malformed", ours may say more exactly what is wrong with the text.
bool is_same_failure(std::string_view type, std::string_view idx, Failure kind) noexcept;

/// The same by the exception's type alone.
bool is_same_exception(std::string_view type, Failure kind) noexcept;

}  // namespace gatehouse::golden
