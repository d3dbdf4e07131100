/// An application under test — its builder, its clock, its issuer and its log, before and after it is built.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "gatehouse/gatehouse.h"
#include "gatehouse/testing/fake_clock.h"
#include "gatehouse/testing/test_issuer.h"
#include "gatehouse/testing/test_server.h"

namespace gatehouse {

class ApplicationTest : public ::testing::Test {
 protected:
  ApplicationTest() {
    builder.use_clock(clock);
    builder.use_log_sink([this](diagnostics::Level, std::string_view line) {
      const std::lock_guard lock(mutex_);
      log.emplace_back(line);
    });
  }

  void add_bearer(const std::function<void(JwtBearerOptions&)>& configure = {}) {
    builder.services.add_authentication("Bearer").add_jwt_bearer([&](JwtBearerOptions& options) {
      issuer.configure(options);
      if (configure) configure(options);
    });
  }

  /// Builds with the usual middleware; `map` adds the endpoints.
  testing::TestServer& serve(const std::function<void(WebApplication&)>& map) {
    app.emplace(builder.build());
    app->use_authentication();
    app->use_authorization();
    map(*app);
    return server.emplace(*app);
  }

  /// Lines of the log that hold `text`.
  std::size_t count_logged(std::string_view text) const {
    return static_cast<std::size_t>(
        std::ranges::count_if(log, [&](const std::string& line) { return line.contains(text); }));
  }

  std::shared_ptr<testing::FakeClock> clock = std::make_shared<testing::FakeClock>();
  testing::TestIssuer issuer{*clock};
  WebApplicationBuilder builder{"test"};
  std::vector<std::string> log;
  std::optional<WebApplication> app;
  std::optional<testing::TestServer> server;

 private:
  std::mutex mutex_;
};

}  // namespace gatehouse
