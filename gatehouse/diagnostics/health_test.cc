#include "gatehouse/diagnostics/health.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/fake_backchannel.h"

namespace gatehouse::diagnostics {
namespace {

using discovery::AuthorityOptions;
using discovery::ConfigurationEvent;
using discovery::ConfigurationManager;
using discovery::StartMode;
using test_support::FakeBackchannel;
using testing::FakeClock;

const std::string one = "https://one.example";
const std::string other = "https://other.example";

struct World {
  std::shared_ptr<ConfigurationManager> add(const std::string& issuer, StartMode mode = StartMode::wait) {
    AuthorityOptions options{.authority = issuer, .start_mode = mode};
    authorities.push_back(ConfigurationManager::make(std::move(options), backchannel, clock).value());
    authorities.back()->jitter = [] { return 0.0; };
    return authorities.back();
  }
  void publish(const std::string& issuer) {
    const auto key = jose::Key::generate(jose::Algorithm::EdDSA, "k1").value();
    backchannel->publish(issuer, jose::KeySet({key}).public_jwks());
  }
  void ask_all() {
    for (const auto& authority : authorities) authority->refresh_if_due(clock->now());
  }
  HealthReport report() const { return report_health(authorities, feeds, clock->now()); }

  std::shared_ptr<FakeClock> clock = std::make_shared<FakeClock>();
  std::shared_ptr<FakeBackchannel> backchannel = std::make_shared<FakeBackchannel>(*clock);
  authentication::Authorities authorities;
  DenyFeeds feeds;
};

TEST(Health, IsReadyWithNothingToWaitFor) {
  EXPECT_EQ(World().report().json, R"({"status":"ready","authorities":[]})");
}

TEST(Health, FollowsTheKeys) {
  World world;
  world.add(one);
  EXPECT_EQ(
      world.report().json,
      R"({"status":"unready","authorities":[{"issuer":"https://one.example","status":"unready","keys":0}]})");
  world.publish(one);
  world.ask_all();
  world.clock->advance(std::chrono::minutes(2));
  EXPECT_EQ(
      world.report().json,
      R"({"status":"ready","authorities":[{"issuer":"https://one.example","status":"ready","keys":1,"age_seconds":120}]})");

  world.backchannel->is_down = true;
  world.clock->advance(std::chrono::hours(13));
  world.ask_all();
  EXPECT_EQ(world.report().status, HealthStatus::degraded) << world.report().json;
  world.clock->advance(std::chrono::hours(12));
  EXPECT_EQ(
      world.report().json,
      R"({"status":"unready","authorities":[{"issuer":"https://one.example","status":"unready","keys":0,"age_seconds":90120}]})")
      << "the last good set is older than its lifetime";
}

TEST(Health, IsThatOfTheWorst) {
  struct Case {
    StartMode mode;
    bool has_other;
    HealthStatus status;
  };
  for (const Case& row : std::vector<Case>{{StartMode::wait, true, HealthStatus::ready},
                                           {StartMode::wait, false, HealthStatus::unready},
                                           {StartMode::require, false, HealthStatus::unready},
                                           {StartMode::degrade, false, HealthStatus::degraded}}) {
    World world;
    world.add(one);
    world.add(other, row.mode);
    world.publish(one);
    if (row.has_other) world.publish(other);
    world.ask_all();
    EXPECT_EQ(world.report().status, row.status) << world.report().json;
  }
}

TEST(Health, WritesALineForEachChange) {
  const FakeClock clock;
  std::vector<std::string> lines;
  const Log log(clock, Level::information, [&](Level, std::string_view line) { lines.emplace_back(line); });
  const auto write = [&](ConfigurationEvent::Kind kind) {
    log_configuration_event(log, {.kind = kind, .authority = one, .detail = "why", .removed = 2});
    return lines.back().substr(lines.back().find("\"level\""));
  };
  EXPECT_EQ(
      write(ConfigurationEvent::Kind::keys_received),
      R"("level":"information","event":"keys_received","issuer":"https://one.example","detail":"why","removed":2})");
  EXPECT_EQ(
      write(ConfigurationEvent::Kind::fetch_failed),
      R"("level":"warning","event":"authority_unavailable","issuer":"https://one.example","detail":"why"})");
  EXPECT_EQ(write(ConfigurationEvent::Kind::recovered),
            R"("level":"information","event":"authority_recovered","issuer":"https://one.example"})");
}

TEST(Health, IsDegradedWhileADenyFeedIsNotHeard) {
  World world;
  const auto list = std::make_shared<revocation::DenyList>();
  world.feeds.push_back(
      revocation::DenyFeedClient::make({.issuer = one}, list, world.backchannel, world.clock).value());
  world.feeds.back()->jitter = [] { return 0.0; };
  EXPECT_EQ(
      world.report().json,
      R"({"status":"degraded","authorities":[],"deny_feeds":[{"issuer":"https://one.example","status":"degraded"}]})");
  world.backchannel->documents[one + "/feeds/deny/snapshot?after=0"] = {
      .status = 200, .body = R"({"epoch":"e","head":0,"after":0,"through":0,"expired":0,"entries":[]})"};
  world.backchannel->holds = true;  // the question after that one
  world.feeds.back()->start();
  world.backchannel->release();
  world.clock->advance(Seconds(2));
  EXPECT_EQ(
      world.report().json,
      R"({"status":"ready","authorities":[],"deny_feeds":[{"issuer":"https://one.example","status":"ready","age_seconds":2}]})");
  world.backchannel->is_down = true;
  world.backchannel->release();
  EXPECT_EQ(world.report().status, HealthStatus::degraded);
}

TEST(Health, WritesALineForEachEventOfADenyFeed) {
  const FakeClock clock;
  std::vector<std::string> lines;
  const Log log(clock, Level::information, [&](Level, std::string_view line) { lines.emplace_back(line); });
  log_deny_feed_event(log, {.kind = revocation::DenyFeedEvent::Kind::failed, .issuer = one, .detail = "why"});
  log_deny_feed_event(log, {.kind = revocation::DenyFeedEvent::Kind::recovered, .issuer = one});
  EXPECT_TRUE(lines.at(0).ends_with(
      R"("level":"warning","event":"deny_feed_failed","issuer":"https://one.example","detail":"why"})"))
      << lines.at(0);
  EXPECT_TRUE(lines.at(1).ends_with(
      R"("level":"information","event":"deny_feed_recovered","issuer":"https://one.example"})"))
      << lines.at(1);
}

}  // namespace
}  // namespace gatehouse::diagnostics
