#include "gatehouse/adapters/settings_guard.h"

#include <memory>

#include "gatehouse/configuration/environment.h"
#include "gatehouse/diagnostics/log.h"
#include "gatehouse/diagnostics/request_log.h"
#include "gatehouse/settings/guard_settings.h"

namespace gatehouse {

Guard make_guard(const Configuration& settings) {
  configuration::Faults faults;
  std::vector<std::string> warnings;
  GuardBuilder builder =
      settings::read_guard_settings(settings, configuration::Environment::current(), warnings, faults);
  faults.throw_if_any();

  static const SystemClock clock;
  auto log = std::make_shared<const diagnostics::Log>(clock);
  for (const std::string& warning : warnings) log->warning("unsafe_setting", {{"warning", warning}});
  builder.on_finished([log](const http::HttpContext& context) { diagnostics::log_request(*log, context); });
  auto guard = builder.build();
  if (!guard) faults.add("", guard.error().subject);
  faults.throw_if_any();
  return *std::move(guard);
}

}  // namespace gatehouse
