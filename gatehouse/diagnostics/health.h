/// Health — whether the authorities' keys are there, for whoever sends requests to this process, and for its
/// log.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/authentication/scheme.h"
#include "gatehouse/base/clock.h"
#include "gatehouse/diagnostics/log.h"
#include "gatehouse/discovery/configuration_manager.h"
#include "gatehouse/revocation/deny_feed_client.h"

namespace gatehouse::diagnostics {

enum class HealthStatus : std::uint8_t {
  ready,     ///< there are keys of every authority, and each answered when it was asked last
  degraded,  ///< requests are served, with older keys, or not those of an authority that may be missing; or
             ///< nobody says what was withdrawn lately
  unready,   ///< there are no keys of an authority that was to be waited for
};

std::string_view name(HealthStatus status) noexcept;  ///< "ready"

struct HealthReport {
  HealthStatus status = HealthStatus::ready;
  /// {"status":"degraded","authorities":[{"issuer":…,"status":…,"keys":2,"age_seconds":7201}]}. Why one does
  /// not answer stands in the log alone, as anybody may ask.
  std::string json;
};

using DenyFeeds = std::vector<std::shared_ptr<revocation::DenyFeedClient>>;

/// Asks nobody: it says what is known. Where there are feeds, "deny_feeds" has the issuer, status and age of
/// each; one that is not heard makes the whole degraded, as every endpoint says for itself what that means.
HealthReport report_health(const authentication::Authorities& authorities, const DenyFeeds& feeds,
                           Instant now);

/// One line: keys_received, authority_unavailable, authority_recovered, keys_restored, snapshot_refused,
/// snapshot_failed.
void log_configuration_event(const Log& log, const discovery::ConfigurationEvent& event);

/// One line: deny_feed_failed, deny_feed_recovered, deny_feed_gap, deny_feed_snapshot, deny_feed_restarted,
/// deny_feed_full.
void log_deny_feed_event(const Log& log, const revocation::DenyFeedEvent& event);

}  // namespace gatehouse::diagnostics
