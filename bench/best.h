/// Best — the smallest of the times that repetitions took, which is what the others are held against.
#pragma once

#include <algorithm>
#include <vector>

namespace gatehouse::bench {

inline double smallest(const std::vector<double>& times) { return *std::ranges::min_element(times); }

}  // namespace gatehouse::bench
