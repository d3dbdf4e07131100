// What clients see while an authority is in trouble: a real one, over TLS, that an API asks for its keys.
//
// | the authority | before its keys were ever had | later, a token under a known key | later, an unknown key
// |
// |---|---|---|---|
// | whatever is wrong with it | 503, Retry-After | 200 | 503, Retry-After |
// | as soon as it is well | 200 | 200 | 200 if the authority has the key, else 401 |
//
// The rows are those of `faults` below, with what the operator's log says of each.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "gatehouse/gatehouse.h"
#include "gatehouse/testing/test_issuer.h"
#include "gatehouse/testing/test_server.h"
#include "tests/support/tls_authority.h"

namespace gatehouse {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using test_support::AuthorityFault;
using test_support::TlsAuthority;
using ::testing::HasSubstr;

struct Row {
  AuthorityFault fault;
  const char* name;
  const char* logged;  // what the operator reads
};

const std::vector<Row> faults = {
    {AuthorityFault::dead, "dead", "cannot connect"},
    {AuthorityFault::stalls, "stalls", "no answer from 127.0.0.1"},
    {AuthorityFault::drips, "drips", "no answer from 127.0.0.1"},
    {AuthorityFault::cuts_off, "cuts_off", "ended early"},
    {AuthorityFault::fails, "fails", "answers 500"},
    {AuthorityFault::redirects, "redirects", "answers 302"},
    {AuthorityFault::garbage, "garbage", "JSON"},
    {AuthorityFault::huge, "huge", "larger than allowed"},
    {AuthorityFault::empty_set, "empty_set", "no key"},
    {AuthorityFault::private_keys, "private_keys", "private"},
    {AuthorityFault::other_issuer, "other_issuer", "https://other.test"},
    {AuthorityFault::expired_certificate, "expired_certificate", "expired"},
    {AuthorityFault::other_name, "other_name", "mismatch"},
    {AuthorityFault::unknown_ca, "unknown_ca", "certificate"},
};

// The machine's time, and what a test adds to it.
class ShiftedClock final : public Clock {
 public:
  Instant now() const override { return SystemClock().now() + milliseconds(shift_.load()); }
  void advance(milliseconds by) { shift_ += by.count(); }

 private:
  std::atomic<milliseconds::rep> shift_ = 0;
};

class AuthorityFaults : public ::testing::Test {
 protected:
  AuthorityFaults() { authority.publish({issuer.key()}); }

  // An API as a user would write it, with the certificate authority named.
  void start() {
    WebApplicationBuilder builder("faults");
    builder.use_clock(clock);
    builder.use_log_sink([this](diagnostics::Level, std::string_view line) {
      if (line.contains("request_denied")) return;
      const std::lock_guard lock(mutex_);
      log_.append(line).append("\n");
    });
    builder.backchannel.ca_file = authority.ca_file();
    builder.services.add_authentication("Bearer").add_jwt_bearer([&](JwtBearerOptions& options) {
      options.authority = issuer.issuer();
      options.audience = issuer.audience();
    });
    app.emplace(builder.build());
    app->use_authentication();
    app->use_authorization();
    app->map_get("/orders", [] { return http::results::text("orders"); }).require_authorization();
    server.emplace(*app);
  }

  std::string log() {
    const std::lock_guard lock(mutex_);
    return log_;
  }
  testing::TestResponse ask(const std::string& token) { return server->get("/orders", token); }

  // Until the answer is 200: how long that took.
  std::optional<milliseconds> time_to_serve(milliseconds most) {
    const auto begun = std::chrono::steady_clock::now();
    const auto passed = [&] {
      return std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - begun);
    };
    while (passed() < most) {
      if (ask(issuer.token()).status == 200) return passed();
      std::this_thread::yield();
    }
    return std::nullopt;
  }

  // The fetch under way has ended, one way or the other.
  void settle() {
    const auto manager = app->authentication().authorities().at(0);
    const auto before = manager->status(clock->now()).fetches;
    std::atomic<bool> is_done = false;
    gatehouse::start(manager->refresh(), [&](Result<void>&&) { is_done = true; });
    while (!is_done) std::this_thread::yield();
    EXPECT_GT(manager->status(clock->now()).fetches, before);
  }

  std::mutex mutex_;  // of the next; both outlive the application, which writes to them
  std::string log_;
  std::shared_ptr<ShiftedClock> clock = std::make_shared<ShiftedClock>();
  TlsAuthority authority;
  testing::TestIssuer issuer{*clock, authority.issuer()};
  std::optional<WebApplication> app;
  std::optional<testing::TestServer> server;
};

void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }

class EachFault : public AuthorityFaults, public ::testing::WithParamInterface<Row> {};

// From the first request on 503, within its time; from five seconds after the repair at the latest 200.
TEST_P(EachFault, BeforeTheKeysWereEverHad) {
  const Row& row = GetParam();
  authority.suffer(row.fault);
  start();
  const auto begun = std::chrono::steady_clock::now();
  const auto answer = ask(issuer.token());
  EXPECT_LT(std::chrono::steady_clock::now() - begun, seconds(3)) << "waiting for keys is bounded";
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.header("Retry-After"), "1");
  EXPECT_EQ(answer.challenge(), "") << "it is not the client's fault";
  EXPECT_EQ(answer.body, "");

  settle();
  EXPECT_THAT(log(), HasSubstr("authority_unavailable"));
  EXPECT_THAT(log(), HasSubstr(row.logged));
  authority.suffer(AuthorityFault::none);
  const auto took = time_to_serve(seconds(10));
  ASSERT_TRUE(took) << log();
  EXPECT_LE(*took, seconds(5));
  EXPECT_THAT(log(), HasSubstr("authority_recovered"));
}

TEST_P(EachFault, WhenTheKeysAreKnown) {
  const Row& row = GetParam();
  start();
  ASSERT_EQ(time_to_serve(seconds(5)).has_value(), true);
  authority.suffer(row.fault);
  clock->advance(std::chrono::hours(13));  // the keys are to be renewed
  EXPECT_EQ(ask(issuer.token()).status, 200) << "nobody waits for a renewal";
  settle();
  EXPECT_EQ(ask(issuer.token()).status, 200);
  EXPECT_EQ(ask(issuer.token().with_unknown_kid()).status, 503) << "the key may be a new one";
  EXPECT_EQ(ask(issuer.token().signed_by_another_key()).status, 401);
  EXPECT_THAT(log(), HasSubstr(row.logged));

  authority.suffer(AuthorityFault::none);
  clock->advance(std::chrono::minutes(2));
  settle();
  EXPECT_EQ(ask(issuer.token()).status, 200);
  EXPECT_EQ(ask(issuer.token().with_unknown_kid()).status, 401);
}

INSTANTIATE_TEST_SUITE_P(Authority, EachFault, ::testing::ValuesIn(faults),
                         [](const auto& test) { return std::string(test.param.name); });

TEST_F(AuthorityFaults, ADeadHourFailsNobody) {
  start();
  ASSERT_TRUE(time_to_serve(seconds(5)));
  authority.suffer(AuthorityFault::dead);
  clock->advance(std::chrono::hours(12));  // the hour begins just before a renewal
  for (int second = 0; second < 3600; second += 2) {
    ASSERT_EQ(ask(issuer.token()).status, 200) << second;
    clock->advance(seconds(2));
  }
  EXPECT_THAT(log(), HasSubstr("authority_unavailable"));
}

jose::Key new_key(const std::string& kid) { return jose::Key::generate(jose::Algorithm::ES256, kid).value(); }

// Clients never stop while the authority signs with a new key, and publishes it when it does so; the first
// request under it waits for the keys, and no request fails.
TEST_F(AuthorityFaults, ARotationUnderLoadFailsNobody) {
  start();
  ASSERT_TRUE(time_to_serve(seconds(5)));
  std::mutex mutex;
  std::string token = issuer.token();
  std::atomic<bool> is_over = false;
  std::atomic<int> asked = 0;
  std::atomic<int> failed = 0;
  const auto token_of_now = [&] {
    const std::lock_guard lock(mutex);
    return token;
  };
  std::vector<std::thread> clients;
  for (int i = 0; i < 4; ++i)
    clients.emplace_back([&] {
      while (!is_over) {
        failed += ask(token_of_now()).status != 200;
        ++asked;
      }
    });
  const auto go_on = [&](int requests) {
    const int until = asked + requests;
    while (asked < until) std::this_thread::yield();
  };
  std::vector<jose::Key> keys = {issuer.key()};
  for (int rotation = 0; rotation < 5; ++rotation) {
    clock->advance(seconds(60));  // an unknown key may be asked for again
    keys.push_back(new_key("r" + std::to_string(rotation)));
    authority.publish(keys);
    const auto next = tokens::with_default_times(
        {.issuer = issuer.issuer(), .audiences = {issuer.audience()}, .subject = "user-1"}, clock->now());
    {
      const std::lock_guard lock(mutex);
      token = tokens::write(next, keys.back(), jose::Algorithm::ES256).value();
    }
    go_on(100);
  }
  is_over = true;
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(failed, 0) << "of " << asked;
  EXPECT_EQ(app->authentication().authorities().at(0)->status(clock->now()).keys, 6);
}

// A key that is taken away is gone with the next fetch, for tokens that were accepted before too.
TEST_F(AuthorityFaults, ARemovedKeyIsGoneForTheCacheToo) {
  start();
  ASSERT_TRUE(time_to_serve(seconds(5)));
  const std::string token = issuer.token();
  ASSERT_EQ(ask(token).status, 200);
  authority.publish({new_key("next")});
  settle();
  EXPECT_EQ(ask(token).status, 401);
}

TEST_F(AuthorityFaults, AStormOfMadeUpKeysReachesTheAuthorityOnceAWindow) {
  start();
  ASSERT_TRUE(time_to_serve(seconds(5)));
  clock->advance(seconds(60));
  const auto before = authority.requests();
  const std::string stray = issuer.token().with_unknown_kid();
  for (int i = 0; i < 5'000; ++i) {
    ASSERT_NE(ask(stray).status, 200);
    if (i % 1000 == 0) clock->advance(seconds(2));
  }
  EXPECT_EQ(authority.requests() - before, 2) << "one fetch of the two documents in ten seconds";
  EXPECT_EQ(ask(issuer.token()).status, 200);
}

}  // namespace
}  // namespace gatehouse
