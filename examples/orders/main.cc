// An orders API that asks who is calling and what they may do: the program of the README.

#include <fmt/format.h>

#include "demo_users.h"
#include "gatehouse/gatehouse.h"
#include "orders_controller.h"

using namespace gatehouse;
using namespace std::chrono_literals;

int main(int argc, char** argv) try {
  WebApplicationBuilder builder("orders", argc, argv);
  const JwtSettings jwt = builder.jwt_settings();  // Jwt:Issuer, Jwt:Audience, Jwt:SigningKey …
  UserStore& users = orders::open_users(builder);

  builder.services.add_controllers<OrdersController>();
  builder.services.add_authentication("Bearer").add_jwt_bearer([&](JwtBearerOptions& options) {
    options.token_validation_parameters = {
        .validate_issuer = jwt.validate_issuer,
        .valid_issuer = builder.configuration["Jwt:Issuer"],
        .validate_audience = jwt.validate_audience,
        .valid_audience = builder.configuration["Jwt:Audience"],
        .validate_issuer_signing_key = true,
        .issuer_signing_key = jwt.signing_key(),
        .require_expiration_time = jwt.require_expiration_time,
        .validate_lifetime = jwt.validate_lifetime,
        // Keep this small; clock skew is a fact of life, not a licence for long tokens.
        .clock_skew = jwt.clock_skew,
    };
    options.events.on_authentication_failed = [&log = builder.log()](AuthenticationFailedContext& context) {
      log.information("authentication_failed", {{"why", code(context.error.kind)}});
    };
    options.events.on_token_validated = orders::RefuseDisabledUsers(users);
  });
  builder.services.add_authorization([](AuthorizationOptions& options) {
    options.add_policy("AdminOnly", [](PolicyBuilder& policy) { policy.require_role("Admin"); });
    options.add_policy("CanReadOrders",
                       [](PolicyBuilder& policy) { policy.require_claim("scope", "orders.read"); });
  });

  WebApplication app = builder.build();

  app.use_https_redirection();
  // Order matters:
  app.use_authentication();  // who is asking
  app.use_authorization();   // may they

  LoginService login(users);
  JwtTokenService tokens(
      {.issuer = jwt.issuer, .audience = jwt.audience, .lifetime = jwt.access_token_lifetime},
      *jwt.credentials, app.clock());
  app.map_post("/login", make_login_endpoint(login, tokens)).allow_anonymous();

  app.map_controllers();

  // The same orders as a group of plain functions.
  RouteGroup orders = app.map_group("/minimal/orders").require_authorization("CanReadOrders");
  orders.map_get("/", [] { return results::ok(R"({"message":"orders"})"); });

  return app.run();
} catch (const ConfigurationError& error) {
  fmt::print(stderr, "orders does not start:\n{}\n", error.what());
  return 2;
}
