#include "tests/vectors/runner/expectation.h"

#include <algorithm>
#include <ctime>
#include <stdexcept>

namespace gatehouse::vectors {

Wanted wanted(const Json& expect) {
  const std::string outcome = expect.at("outcome");
  const std::string lean = outcome == "policy" ? expect.at("preferred").get<std::string>() : outcome;
  if (lean == "accept") return Wanted::yes;
  if (lean == "reject" || lean == "forbid" || lean == "reject_config") return Wanted::no;
  if (lean == "either" || lean == "bounded" || lean == "no_reach" || lean == "cors") return Wanted::either;
  throw std::runtime_error("unknown outcome " + lean);
}

bool allows(const Json& allowed, int status) {
  if (allowed.is_number()) return allowed == status;
  return std::ranges::find(allowed, Json(status)) != allowed.end();
}

bool is_well_formed(std::string_view challenge) {
  bool quoted = false;
  for (const char c : challenge) {
    if (c < ' ' || c > '~' || c == '\\') return false;
    if (c == '"') quoted = !quoted;
  }
  return !quoted;
}

double cpu_milliseconds() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

}  // namespace gatehouse::vectors
