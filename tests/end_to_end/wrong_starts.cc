// A program that is put together wrongly in one way, by name: what each one prints is in
// wrong_starts_test.sh.

#include <fmt/format.h>

#include <string_view>

#include "gatehouse/gatehouse.h"

using namespace gatehouse;

namespace {

struct Controller {
  void map(RouteGroup& routes) {
    routes.map_get("/api/other", [] { return results::ok(); });
  }
};

int start(std::string_view kind) {
  char name[] = "wrong_starts";
  char* arguments[] = {name, nullptr};
  WebApplicationBuilder builder("wrong_starts", 1, arguments);
  if (kind != "no_scheme")
    builder.services.add_authentication("Bearer").add_jwt_bearer([](JwtBearerOptions& options) {
      options.token_validation_parameters = {
          .valid_issuer = "https://issuer.example",
          .valid_audience = "api://orders",
          .issuer_signing_key = jose::Key::symmetric(Secret("kJ8v2QpXz7LmN4sT9wYb3RcF6hGd1AeU0iOq"))};
    });
  builder.services.add_authorization([](AuthorizationOptions& options) {
    options.add_policy("CanReadOrders",
                       [](PolicyBuilder& policy) { policy.require_claim("scope", "orders.read"); });
  });
  if (kind == "no_controllers") builder.services.add_controllers<Controller>();
  WebApplication app = builder.build();

  if (kind == "wrong_order") app.use_authorization();
  if (kind != "no_authentication") app.use_authentication();
  if (kind != "wrong_order" && kind != "no_authorization") app.use_authorization();
  const char* policy = kind == "undefined_policy" ? "CanReadOrder" : "CanReadOrders";
  app.map_get("/api/orders", [] { return results::ok(); }).require_authorization(policy);
  if (kind == "duplicate_route")
    app.map_get("/API/orders", [] { return results::ok(); }).require_authorization(policy);
  return app.run();
}

}  // namespace

int main(int argc, char** argv) try {
  return start(argc > 1 ? argv[1] : "");
} catch (const ConfigurationError& error) {
  fmt::print(stderr, "{}\n", error.what());
  return 2;
}
