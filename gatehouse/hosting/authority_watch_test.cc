#include "gatehouse/hosting/authority_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "tests/support/fake_backchannel.h"

namespace gatehouse::hosting {
namespace {

using discovery::ConfigurationEvent;
using discovery::ConfigurationManager;
using discovery::Milliseconds;
using discovery::StartMode;
using gatehouse::testing::FakeClock;
using test_support::FakeBackchannel;
using ::testing::HasSubstr;

class AuthorityWatches : public ::testing::Test {
 protected:
  void add(const std::string& issuer, StartMode mode, Milliseconds timeout) {
    discovery::AuthorityOptions options{.authority = issuer, .start_mode = mode, .start_timeout = timeout};
    auto made = ConfigurationManager::make(std::move(options), backchannel, clock).value();
    made->on_event = [this](const ConfigurationEvent& event) { watch.note(event); };
    authorities.push_back(std::move(made));
  }

  std::vector<configuration::Fault> wait() {
    configuration::Faults faults;
    watch.wait_for_keys(authorities, *clock, faults);
    return faults.all();
  }

  std::shared_ptr<FakeClock> clock = std::make_shared<FakeClock>();
  std::shared_ptr<FakeBackchannel> backchannel = std::make_shared<FakeBackchannel>(*clock);
  std::vector<std::string> lines;
  diagnostics::Log log{*clock, diagnostics::Level::information,
                       [this](diagnostics::Level, std::string_view line) { lines.emplace_back(line); }};
  AuthorityWatch watch{log};
  authentication::Authorities authorities;
};

const std::string issuer = "https://issuer.example";
constexpr Milliseconds soon{1};
constexpr Milliseconds never = std::chrono::hours(1);

std::string one_key() {
  return jose::KeySet({jose::Key::generate(jose::Algorithm::EdDSA, "k1").value()}).public_jwks();
}

TEST_F(AuthorityWatches, GoOnAtOnceWhereNothingIsToBeWaitedFor) {
  EXPECT_TRUE(wait().empty()) << "there is no authority";
  add(issuer, StartMode::degrade, never);
  EXPECT_TRUE(wait().empty());
  EXPECT_FALSE(backchannel->fetched.empty()) << "asked, though not waited for";
}

TEST_F(AuthorityWatches, GoOnWhenTheTimeIsOver) {
  add(issuer, StartMode::wait, soon);
  EXPECT_TRUE(wait().empty());
  EXPECT_THAT(lines.at(0), HasSubstr("authority_unavailable"));
}

TEST_F(AuthorityWatches, StopTheStartForKeysThatAreRequired) {
  add(issuer, StartMode::require, soon);
  const auto faults = wait();
  ASSERT_EQ(faults.size(), 1);
  EXPECT_EQ(faults[0].where, "authority");
  EXPECT_EQ(
      faults[0].message,
      "'https://issuer.example' gave no keys within 1 ms, and start_mode is require: no signing keys from "
      "https://issuer.example/.well-known/oauth-authorization-server answers 404");
}

TEST_F(AuthorityWatches, WaitUntilTheKeysAreThere) {
  backchannel->publish(issuer, one_key());
  backchannel->holds = true;
  add(issuer, StartMode::require, never);
  authorities[0]->refresh_if_due(clock->now());
  std::thread authority([&] {
    backchannel->holds = false;
    backchannel->release();
  });
  EXPECT_TRUE(wait().empty());
  authority.join();
  EXPECT_THAT(lines.at(0), HasSubstr("keys_received"));
}

}  // namespace
}  // namespace gatehouse::hosting
