/// Deviations — where we differ from the original on purpose, by id glob, with the reason.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

namespace gatehouse::golden {

enum class DeviationClass : std::uint8_t {
  stricter,      ///< we refuse what the original accepts, encode what it copies raw, or answer more exactly
  more_capable,  ///< we accept what it refuses; only for the three grounds of the design
};

struct Deviation {
  std::string glob;
  DeviationClass kind;
  std::string reason;
  std::vector<std::size_t> steps = {};  ///< in which more is accepted, from 0; empty: in any
  mutable std::size_t matched = 0;      ///< cases it named
  mutable std::size_t deviated = 0;     ///< of those, the ones that did differ

  bool allows_accepting(std::size_t step) const {
    return kind == DeviationClass::more_capable &&
           (steps.empty() || std::ranges::find(steps, step) != steps.end());
  }
};

/// Reads [{"id": glob, "class": "stricter"|"more_capable", "reason": text, "steps"?: [n]}]. Throws
/// std::runtime_error when it is none.
std::vector<Deviation> read_deviations(const std::string& path);

}  // namespace gatehouse::golden
