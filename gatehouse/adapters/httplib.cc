#include "gatehouse/adapters/httplib.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <vector>

namespace gatehouse {
namespace {

using configuration::Fault;

// "appsettings.json" of "appsettings.json:7:5".
std::string file_of(const Configuration& settings) {
  const auto policies = settings.under("Authorization:Policies");
  const std::string origin = policies.empty() ? "" : policies.front()->origin.text;
  return origin.substr(0, origin.find(':'));
}

std::string there_is(const std::vector<std::string>& names, std::string_view asked) {
  if (names.empty()) return "there is none";
  const std::string_view meant = configuration::nearest(asked, {names.begin(), names.end()});
  if (!meant.empty()) return fmt::format("there is '{}'", meant);
  return fmt::format("there are: {}", fmt::join(names, ", "));
}

std::string_view file_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }

}  // namespace

HttplibGuard::HttplibGuard(const Configuration& settings)
    : guard_(make_guard(settings)), settings_file_(file_of(settings)) {}

Guard HttplibGuard::demanding(std::string_view policy, const std::source_location& asked) const {
  auto guard = guard_.requiring({.policy = std::string(policy)});
  if (guard) return *std::move(guard);
  throw ConfigurationError({Fault{.where = settings_file_,
                                  .message = fmt::format("no policy named '{}' ({}:{} asks for it); {}",
                                                         policy, file_name(asked.file_name()), asked.line(),
                                                         there_is(guard_.policies(), policy))}});
}

}  // namespace gatehouse
