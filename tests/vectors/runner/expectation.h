/// Expectation — what a case asks for, and where what happened differs from it.
#pragma once

#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/base/result.h"

namespace gatehouse::vectors {

using Json = nlohmann::json;
using Differences = std::vector<std::string>;  ///< empty: the case passed

/// Thrown for a case that nothing here can put to the test; what() is the kind that it is counted under.
struct NotDriven : std::runtime_error {
  using std::runtime_error::runtime_error;
};

enum class Wanted : std::uint8_t { yes, no, either };

/// The outcome of a case, with the way we lean where the case leaves the choice.
Wanted wanted(const Json& expect);

/// Where the verdict differs from what the case allows, in yes or no or in the kind of failure. Where a case
/// allows a general kind, the finer one that we report is what it asks for: docs/security/choices.md.
void judge_failure(const Json& expect, const Error* error, Differences& differences);

template <class Value>
void judge_verdict(const Json& expect, const Result<Value>& verdict, Differences& differences) {
  judge_failure(expect, verdict ? nullptr : &verdict.error(), differences);
}

/// `max_ms` of the case.
void judge_time(const Json& expect, double milliseconds, Differences& differences);

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
