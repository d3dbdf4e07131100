#include "gatehouse/diagnostics/health.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "gatehouse/base/json.h"

namespace gatehouse::diagnostics {
namespace {

using discovery::ConfigurationEvent;
using discovery::ConfigurationManager;

HealthStatus status_of(const ConfigurationManager& authority, const ConfigurationManager::Status& now) {
  if (now.has_keys) return now.is_failing ? HealthStatus::degraded : HealthStatus::ready;
  const bool may_be_missing = authority.options().start_mode == discovery::StartMode::degrade;
  return may_be_missing ? HealthStatus::degraded : HealthStatus::unready;
}

std::string report_feeds(const DenyFeeds& feeds, Instant now, HealthStatus& worst) {
  json::Writer each;
  each.begin_array();
  for (const auto& feed : feeds) {
    const auto known = feed->status();
    const auto status = known.heard && !known.is_failing ? HealthStatus::ready : HealthStatus::degraded;
    worst = std::max(worst, status);
    each.begin_object().member("issuer", feed->issuer()).member("status", name(status));
    if (known.heard)
      each.member("age_seconds", std::chrono::duration_cast<Seconds>(now - *known.heard).count());
    each.end_object();
  }
  each.end_array();
  return std::move(each).take();
}

}  // namespace

std::string_view name(HealthStatus status) noexcept {
  switch (status) {
    case HealthStatus::ready:
      return "ready";
    case HealthStatus::degraded:
      return "degraded";
    case HealthStatus::unready:
      return "unready";
  }
  return "";
}

HealthReport report_health(const authentication::Authorities& authorities, const DenyFeeds& feeds,
                           Instant now) {
  HealthReport report;
  json::Writer each;
  each.begin_array();
  for (const auto& authority : authorities) {
    const ConfigurationManager::Status known = authority->status(now);
    const HealthStatus status = status_of(*authority, known);
    report.status = std::max(report.status, status);
    each.begin_object()
        .member("issuer", authority->name())
        .member("status", name(status))
        .member("keys", known.has_keys ? known.keys : 0);
    if (known.fetched)
      each.member("age_seconds", std::chrono::duration_cast<Seconds>(now - *known.fetched).count());
    each.end_object();
  }
  each.end_array();
  const std::string of_feeds = report_feeds(feeds, now, report.status);
  json::Writer all;
  all.begin_object().member("status", name(report.status)).name("authorities").raw(std::move(each).take());
  if (!feeds.empty()) all.name("deny_feeds").raw(of_feeds);
  all.end_object();
  report.json = std::move(all).take();
  return report;
}

void log_configuration_event(const Log& log, const ConfigurationEvent& event) {
  const auto warn = [&](std::string_view name) {
    log.warning(name, {{"issuer", event.authority}, {"detail", event.detail}});
  };
  switch (event.kind) {
    case ConfigurationEvent::Kind::keys_received:
      return log.information("keys_received", {{"issuer", event.authority},
                                               {"detail", event.detail},
                                               {"removed", static_cast<std::int64_t>(event.removed)}});
    case ConfigurationEvent::Kind::recovered:
      return log.information("authority_recovered", {{"issuer", event.authority}});
    case ConfigurationEvent::Kind::fetch_failed:
      return warn("authority_unavailable");
    case ConfigurationEvent::Kind::keys_restored:
      return warn("keys_restored");
    case ConfigurationEvent::Kind::snapshot_refused:
      return warn("snapshot_refused");
    case ConfigurationEvent::Kind::snapshot_failed:
      return warn("snapshot_failed");
  }
}

void log_deny_feed_event(const Log& log, const revocation::DenyFeedEvent& event) {
  const std::string line = fmt::format("deny_feed_{}", name(event.kind));
  const bool is_good = event.kind == revocation::DenyFeedEvent::Kind::recovered;
  log.write(is_good ? Level::information : Level::warning, line,
            {{"issuer", event.issuer}, {"detail", event.detail}});
}

}  // namespace gatehouse::diagnostics
