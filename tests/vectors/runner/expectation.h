/// Expectation — what a case asks for, and where what happened differs from it.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::vectors {

using Json = nlohmann::json;
using Differences = std::vector<std::string>;  ///< empty: the case passed

enum class Wanted : std::uint8_t { yes, no, either };

/// The outcome of a case, with the way we lean where the case leaves the choice.
Wanted wanted(const Json& expect);

/// Whether `allowed`, a status or a list of them, holds `status`.
bool allows(const Json& allowed, int status);

/// Whether a WWW-Authenticate value is one header of printable ASCII with closed quotes (RFC 9110 §11.6.1).
bool is_well_formed(std::string_view challenge);

/// The CPU time that the current thread has used, in milliseconds.
double cpu_milliseconds();

/// `max_ms` is about work that grows without bound, and a build with sanitizers is slower than what it was
/// measured with.
inline constexpr double slowness = 20;

}  // namespace gatehouse::vectors
