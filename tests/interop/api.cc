// An API whose tokens are another server's, as a user would write it. Arguments: --Jwt:Authority,
// --Jwt:Audience,
// --Backchannel:CaFile, --Urls; --Test:IsHurried for a test that has no half minute for the next token under
// an unknown key. Beside it, what an operator has keys fetched with.
#include <chrono>
#include <iostream>

#include "gatehouse/gatehouse.h"

using namespace gatehouse;

int main(int argc, char** argv) try {
  WebApplicationBuilder builder("interop_api", argc, argv);
  const JwtSettings jwt = builder.jwt_settings();
  builder.services.add_authentication("Bearer").add_jwt_bearer([&](JwtBearerOptions& options) {
    jwt.apply(options);
    options.token_validation_parameters.rfc9068 = true;
    if (!builder.configuration["Test:IsHurried"].empty())
      options.authority_options.refresh.refresh_interval = std::chrono::seconds(1);
  });
  WebApplication app = builder.build();
  app.use_authentication();
  app.use_authorization();
  app.map_health();
  app.map_get("/orders", [] { return results::text("orders"); }).require_scope("orders.read");
  app.map_post("/refresh", [&app](HttpContext&) -> Task<Response> {
    const auto authority = app.authentication().authorities().at(0);
    const auto fetched = co_await authority->refresh();
    co_return fetched ? results::no_content() : results::problem(fetched.error());
  });
  return app.run();
} catch (const ConfigurationError& error) {
  std::cerr << error.what() << '\n';
  return 2;
}
