/// AuthorityWatch — what the operator hears of the authorities, and how a start waits for their keys.
#pragma once

#include <condition_variable>
#include <mutex>

#include "gatehouse/authentication/scheme.h"
#include "gatehouse/base/clock.h"
#include "gatehouse/configuration/faults.h"
#include "gatehouse/diagnostics/log.h"
#include "gatehouse/discovery/configuration_manager.h"

namespace gatehouse::hosting {

class AuthorityWatch {
 public:
  explicit AuthorityWatch(const diagnostics::Log& log) noexcept : log_(log) {}

  /// Writes its line, and wakes whoever waits below. From any thread.
  void note(const discovery::ConfigurationEvent& event);

  /// Asks each authority, and blocks the calling thread as its start_mode says. One that is required and has
  /// no keys when its start_timeout is over joins `faults`.
  void wait_for_keys(const authentication::Authorities& authorities, const Clock& clock,
                     configuration::Faults& faults);

 private:
  const diagnostics::Log& log_;
  std::mutex mutex_;
  std::condition_variable changed_;
};

}  // namespace gatehouse::hosting
