// A payments API whose tokens come from an issuer in another process, such as `gatehouse serve`. A balance is
// shown for any good token; a payment is made for none that was withdrawn.

#include <fmt/format.h>

#include <iostream>

#include "gatehouse/gatehouse.h"

using namespace gatehouse;

namespace {

// What this API asks the issuer on its own account: the feed of what was withdrawn.
ServiceClientOptions read_service(const WebApplicationBuilder& builder) {
  return {.issuer = builder.configuration["Jwt:Authority"],
          .client_id = builder.configuration["Payments:ClientId"],
          .client_secret = Secret(builder.configuration["Payments:ClientSecret"]),
          .scope = "gatehouse.feed",
          .require_https = !builder.environment.is_development()};
}

Response show_balance(HttpContext& context) {
  return results::text(fmt::format("the balance of {} is 100\n", context.user().find_first("sub")));
}

}  // namespace

int main(int argc, char** argv) try {
  WebApplicationBuilder builder("payments", argc, argv);
  const JwtSettings jwt = builder.jwt_settings();
  const ServiceClientOptions service_options = read_service(builder);
  const std::string issuer = service_options.issuer;
  const bool require_https = service_options.require_https;

  auto denied = std::make_shared<DenyList>();
  builder.services.add_authentication("Bearer").add_jwt_bearer([&](JwtBearerOptions& options) {
    jwt.apply(options);
    options.token_validation_parameters.rfc9068 = true;
  });
  builder.services.add_authorization(
      [&](AuthorizationOptions& options) { options.revocation_check = DenyListCheck::make(denied).value(); });

  WebApplication app = builder.build();
  const auto service = ServiceClient::make(service_options, app.backchannel(), app.clock());
  if (!service) throw ConfigurationError({{.where = "Payments", .message = service.error().subject}});
  app.follow_deny_feed(denied, {.issuer = issuer,
                                .authorization = [service] { return (*service)->authorization(); },
                                .require_https = require_https});
  app.use_authentication();
  app.use_authorization();
  app.map_health();
  app.map_get("/balance", show_balance).require_scope("payments.read");
  app.map_post("/payments", [] { return results::text("paid\n"); })
      .require_scope("payments.write")
      .require_not_revoked();
  return app.run();
} catch (const ConfigurationError& error) {
  std::cerr << error.what() << '\n';
  return 2;
}
