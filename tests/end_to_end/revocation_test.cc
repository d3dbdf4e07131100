// An issuer withdraws, and an API in another process hears of it: over TLS, with the feed killed in between.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "gatehouse/gatehouse.h"
#include "gatehouse/hosting/development_certificate.h"
#include "gatehouse/hosting/server.h"
#include "gatehouse/testing/test_issuer.h"
#include "gatehouse/testing/test_server.h"
#include "tests/support/temporary_folder.h"

namespace gatehouse {
namespace {

using std::chrono::milliseconds;

// The issuer's process: a log, its feed, and a server that can be killed and started again at its address.
class IssuerProcess {
 public:
  IssuerProcess(const hosting::DevelopmentCertificate& certificate, const Clock& time)
      : certificate_(certificate), clock_(time) {
    start();
    stop();  // the port is known by now
  }
  ~IssuerProcess() {
    if (server_) stop();
  }
  IssuerProcess(const IssuerProcess&) = delete;
  IssuerProcess& operator=(const IssuerProcess&) = delete;

  std::string name() const { return "https://localhost:" + std::to_string(port_); }

  // `secret` is what followers prove themselves with.
  void start() {
    builder_.emplace("issuer");
    builder_->use_log_sink([](diagnostics::Level, std::string_view) {});
    builder_->services.add_authentication("Bearer").add_jwt_bearer(
        [&](JwtBearerOptions& options) { followers.configure(options); });
    builder_->services.add_authorization();
    app_.emplace(builder_->build());
    feed_ = DenyFeed::make({.issuer = name()}, store_->revocations(), nullptr,
                           discovery::timers_of(app_->backchannel()), clock_);
    feed_->follow();
    app_->use_authentication();
    app_->use_authorization();
    app_->map_get("/feeds/deny", feed_->feed_endpoint()).require_scope("gatehouse.feed");
    app_->map_get("/feeds/deny/snapshot", feed_->snapshot_endpoint()).require_scope("gatehouse.feed");
    server_.emplace(hosting::ServerOptions{.addresses = {{.host = "localhost", .port = port_, .tls = true}},
                                           .certificate_file = certificate_.certificate_file,
                                           .key_file = certificate_.key_file,
                                           .shutdown_timeout = milliseconds(4'000),
                                           .reactors = 1},
                    app_->prepare(), app_->services(), app_->clock());
    const auto bound = server_->bind();
    ASSERT_TRUE(bound) << bound.error().subject;
    port_ = server_->addresses().front().port;
    thread_ = std::thread([this] { server_->run(); });
  }
  void stop() {
    server_->stop();
    thread_.join();
    server_.reset();
    feed_.reset();
    app_.reset();
    builder_.reset();
  }
  void lose_its_store() { store_ = stores::make_memory_store(); }

  // As a store does it when it ends a session: the feed, if there is one, finds it in the log.
  void end_session(const std::string& sid) {
    stores::Revocation ended{
        .kind = stores::Revoked::session, .value = sid, .until = clock_.now() + Seconds(660)};
    ASSERT_TRUE(run_inline(store_->revocations().append(std::move(ended))).value());
  }

 private:
  const hosting::DevelopmentCertificate certificate_;
  const Clock& clock_;

 public:
  testing::TestIssuer followers{clock_, "https://followers.test", "feed"};  ///< says who may follow

 private:
  std::unique_ptr<stores::Store> store_ = stores::make_memory_store();
  std::uint16_t port_ = 0;
  std::optional<WebApplicationBuilder> builder_;
  std::optional<WebApplication> app_;
  std::shared_ptr<DenyFeed> feed_;
  std::optional<hosting::Server> server_;
  std::thread thread_;
};

class RevocationOverTls : public ::testing::Test {
 protected:
  // An API that demands, in each of the ways there are, that a token was not withdrawn.
  RevocationOverTls() {
    issuer_process.start();
    builder.use_log_sink([](diagnostics::Level, std::string_view) {});
    builder.backchannel.ca_file = certificate.certificate_file;
    builder.services.add_authentication("Bearer").add_jwt_bearer(
        [&](JwtBearerOptions& options) { issuer.configure(options); });
    builder.services.add_authorization([&](AuthorizationOptions& options) {
      options.revocation_check =
          DenyListCheck::make(list, {.introspect = [this](std::string) { return introspect(); },
                                     .post_after =
                                         [this](milliseconds delay, std::move_only_function<void()> work) {
                                           app->backchannel()->post_after(delay, std::move(work));
                                         }})
              .value();
    });
    app.emplace(builder.build());
    app->use_authentication();
    app->use_authorization();
    const Seconds most{2};
    app->map_get("/orders", [] { return results::ok(); }).require_authorization();
    app->map_get("/pay", [] { return results::ok(); }).require_not_revoked(WhenStale::deny, most);
    app->map_get("/write", [] { return results::ok(); }).require_not_revoked(WhenStale::introspect, most);
    app->map_get("/read", [] { return results::ok(); }).require_not_revoked(WhenStale::allow, most);
    server.emplace(*app);
    const std::string proof = "Bearer " + issuer_process.followers.token().scope("gatehouse.feed").str();
    app->follow_deny_feed(list, {.issuer = issuer_process.name(),
                                 .authorization = [proof]() -> Task<Result<std::string>> { co_return proof; },
                                 .pace = {.wait = Seconds(1)}});
  }

  Task<Result<bool>> introspect() {
    ++introspected;
    co_return is_active;
  }

  int ask(const std::string& path, const std::string& sid) {
    return server->get(path, issuer.token().claim("sid", sid)).status;
  }

  // Until it is so, or ten seconds have gone by.
  static bool becomes(const std::function<bool()>& so) {
    const auto begun = std::chrono::steady_clock::now();
    while (!so()) {
      if (std::chrono::steady_clock::now() - begun > Seconds(10)) return false;
      std::this_thread::yield();
    }
    return true;
  }
  bool is_current() {
    return becomes([&] { return ask("/pay", "another") == 200; });
  }

  SystemClock clock;
  test_support::TemporaryFolder folder;
  hosting::DevelopmentCertificate certificate =
      hosting::ensure_development_certificate(folder.path(), clock.now()).value();
  IssuerProcess issuer_process{certificate, clock};
  testing::TestIssuer issuer{clock, issuer_process.name()};
  std::shared_ptr<DenyList> list = std::make_shared<DenyList>();
  std::atomic<int> introspected = 0;
  std::atomic<bool> is_active = true;
  WebApplicationBuilder builder{"api"};
  std::optional<WebApplication> app;
  std::optional<testing::TestServer> server;
};

TEST_F(RevocationOverTls, IsHeardAndSurvivesTheFeed) {
  ASSERT_TRUE(is_current());
  EXPECT_EQ(ask("/pay", "s-1"), 200);
  issuer_process.end_session("s-1");
  EXPECT_TRUE(becomes([&] { return ask("/pay", "s-1") == 401; }));
  EXPECT_EQ(ask("/write", "s-1"), 401);
  EXPECT_EQ(ask("/read", "s-1"), 401);
  EXPECT_EQ(ask("/orders", "s-1"), 200) << "who does not ask is not told";
  EXPECT_EQ(ask("/pay", "another"), 200);
  EXPECT_EQ(introspected, 0);

  issuer_process.stop();
  issuer_process.end_session("s-2");  // and nobody hears of it
  ASSERT_TRUE(becomes([&] { return ask("/pay", "another") == 503; })) << "it has to notice";
  for (const char* path : {"/pay", "/write", "/read"}) EXPECT_EQ(ask(path, "s-1"), 401) << path;
  EXPECT_EQ(ask("/orders", "s-1"), 200);
  EXPECT_EQ(ask("/read", "s-2"), 200);
  EXPECT_EQ(ask("/write", "another"), 200);
  EXPECT_EQ(introspected, 1);
  is_active = false;
  EXPECT_EQ(ask("/write", "yet another"), 401);

  issuer_process.start();
  EXPECT_TRUE(becomes([&] { return ask("/pay", "s-2") == 401; })) << "what was missed is had afterwards";
  EXPECT_TRUE(is_current());
  EXPECT_EQ(ask("/pay", "s-1"), 401);
}

TEST_F(RevocationOverTls, SurvivesAnIssuerThatForgot) {
  ASSERT_TRUE(is_current());
  issuer_process.end_session("s-1");
  issuer_process.end_session("s-2");
  ASSERT_TRUE(becomes([&] { return ask("/pay", "s-2") == 401; }));
  issuer_process.stop();
  issuer_process.lose_its_store();
  issuer_process.start();
  issuer_process.end_session("s-3");
  EXPECT_TRUE(becomes([&] { return ask("/pay", "s-3") == 401; })) << "its numbers begin anew";
  EXPECT_EQ(ask("/pay", "s-1"), 401);
  EXPECT_TRUE(is_current());
}

}  // namespace
}  // namespace gatehouse
