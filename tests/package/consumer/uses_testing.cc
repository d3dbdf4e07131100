// The test of an application, written by its owner: TestServer, TestIssuer, FakeClock and with_user.
#include <gatehouse/gatehouse.h>
#include <gatehouse/testing/fake_clock.h>
#include <gatehouse/testing/test_issuer.h>
#include <gatehouse/testing/test_server.h>

#include <cstdio>
#include <memory>

using namespace gatehouse;

int main() {
  const auto clock = std::make_shared<testing::FakeClock>();
  const testing::TestIssuer issuer(*clock);
  WebApplicationBuilder builder("consumer");
  builder.use_clock(clock);
  builder.services.add_authentication().add_jwt_bearer([&](auto& options) { issuer.configure(options); });
  builder.services.add_authorization([](auto& options) {
    options.add_policy("AdminOnly", [](auto& policy) { policy.require_role("Admin"); });
  });
  WebApplication app = builder.build();
  app.use_authentication();
  app.use_authorization();
  app.map_get("/admin", [] { return results::ok("{}"); }).require_authorization("AdminOnly");

  const testing::TestServer server(app);
  const std::string token = issuer.token().role("Admin");
  if (server.get("/admin").status != 401) return 1;
  if (server.get("/admin", issuer.token()).status != 403) return 2;
  if (server.get("/admin", token).status != 200) return 3;
  clock->advance(std::chrono::hours(1));
  if (server.get("/admin", token).status != 401) return 4;
  const auto ada = testing::make_user({{"sub", "ada"}, {"role", "Admin"}});
  if (server.send(testing::TestRequest{.target = "/admin"}.with_user(ada)).status != 200) return 5;
  std::puts("tested an application");
}
