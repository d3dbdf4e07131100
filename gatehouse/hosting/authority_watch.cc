#include "gatehouse/hosting/authority_watch.h"

#include <fmt/format.h>

#include <chrono>

#include "gatehouse/diagnostics/health.h"

namespace gatehouse::hosting {

using discovery::StartMode;

void AuthorityWatch::note(const discovery::ConfigurationEvent& event) {
  diagnostics::log_configuration_event(log_, event);
  const std::lock_guard lock(mutex_);
  changed_.notify_all();
}

void AuthorityWatch::wait_for_keys(const authentication::Authorities& authorities, const Clock& clock,
                                   configuration::Faults& faults) {
  for (const auto& authority : authorities) authority->refresh_if_due(clock.now());
  const auto begun = std::chrono::steady_clock::now();
  for (const auto& authority : authorities) {
    const discovery::AuthorityOptions& options = authority->options();
    if (options.start_mode == StartMode::degrade) continue;
    const auto has_keys = [&] { return authority->status(clock.now()).has_keys; };
    std::unique_lock lock(mutex_);
    if (changed_.wait_until(lock, begun + options.start_timeout, has_keys)) continue;
    if (options.start_mode == StartMode::require)
      faults.add("authority", fmt::format("'{}' gave no keys within {} ms, and start_mode is require: {}",
                                          authority->name(), options.start_timeout.count(),
                                          authority->status(clock.now()).failure));
  }
}

}  // namespace gatehouse::hosting
