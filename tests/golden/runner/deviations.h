/// Deviations — where we differ from the original on purpose, by id glob, with the reason.
#pragma once

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
  mutable std::size_t matched = 0;   ///< cases it named
  mutable std::size_t deviated = 0;  ///< of those, the ones that did differ
};

/// Reads [{"id": glob, "class": "stricter"|"more_capable", "reason": text}]. Throws std::runtime_error when
/// it is none.
std::vector<Deviation> read_deviations(const std::string& path);

}  // namespace gatehouse::golden
