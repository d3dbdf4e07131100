#include "tests/vectors/runner/expectation.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <ctime>
#include <map>

namespace gatehouse::vectors {
namespace {

bool is_one_of(const std::vector<std::string>& allowed, std::string_view code) {
  static const std::map<std::string_view, std::vector<std::string_view>> general = {
      {"duplicate_member", {"malformed"}}, {"too_deep", {"malformed"}},
      {"too_large", {"malformed"}},        {"claim_type_invalid", {"malformed"}},
      {"crit_unsupported", {"malformed"}}, {"no_signature", {"signature_invalid"}},
      {"metadata_invalid", {"malformed"}}};
  const auto is_allowed = [&](std::string_view kind) {
    return std::ranges::find(allowed, kind) != allowed.end();
  };
  const auto found = general.find(code);
  return is_allowed(code) || (found != general.end() && std::ranges::any_of(found->second, is_allowed));
}

}  // namespace

Wanted wanted(const Json& expect) {
  const std::string outcome = expect.at("outcome");
  const std::string lean = outcome == "policy" ? expect.at("preferred").get<std::string>() : outcome;
  if (lean == "accept") return Wanted::yes;
  if (lean == "reject" || lean == "forbid" || lean == "reject_config" || lean == "reject_document")
    return Wanted::no;
  if (lean == "either" || lean == "bounded" || lean == "no_reach" || lean == "cors") return Wanted::either;
  throw std::runtime_error("unknown outcome " + lean);
}

void judge_failure(const Json& expect, const Error* error, Differences& differences) {
  const Wanted want = wanted(expect);
  if (!error && want == Wanted::no) differences.push_back("ACCEPTED what must be refused");
  if (error && want == Wanted::yes) differences.push_back(fmt::format("refused: {}", describe(*error)));
  if (error && want == Wanted::no && expect.contains("failure")) {
    const auto allowed = expect.at("failure").get<std::vector<std::string>>();
    const std::string_view code = gatehouse::code(error->kind);
    if (!is_one_of(allowed, code))
      differences.push_back(fmt::format("refused as {}, not as {}", code, fmt::join(allowed, " or ")));
  }
}

void judge_time(const Json& expect, double milliseconds, Differences& differences) {
  if (expect.contains("max_ms") && milliseconds > expect.at("max_ms").get<double>() * slowness)
    differences.push_back(fmt::format("took {:.0f} ms of CPU", milliseconds));
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
