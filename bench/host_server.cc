// A plain minimal API for bench/host.sh: /open answers everybody, /protected who brings a good token with
// a scope. Prints the token. --Algorithm is HS256, RS256 or ES256.

#include <fmt/format.h>

#include <chrono>

#include "gatehouse/gatehouse.h"

using namespace gatehouse;

int main(int argc, char** argv) try {
  WebApplicationBuilder builder("host_server", argc, argv);
  const std::string algorithm = builder.configuration["Algorithm"];
  const auto key = algorithm.empty() || algorithm == "HS256"
                       ? jose::Key::symmetric(Secret("kJ8v2QpXz7LmN4sT9wYb3RcF6hGd1AeU0iOq"))
                       : jose::Key::generate(jose::parse_algorithm(algorithm).value()).value();
  const auto credentials = issuer::make_signing_credentials(key, algorithm).value();
  builder.services.add_authentication("Bearer").add_jwt_bearer([&](JwtBearerOptions& options) {
    options.token_validation_parameters = {.valid_issuer = "https://issuer.example",
                                           .valid_audience = "api://orders",
                                           .issuer_signing_key = credentials.key};
  });
  builder.services.add_authorization([](AuthorizationOptions& options) {
    options.add_policy("CanRead", [](PolicyBuilder& policy) { policy.require_scope("orders.read"); });
  });
  WebApplication app = builder.build();
  const bool plain =
      builder.configuration["Plain"] == "true";  // without any middleware, as nginx' `return` has none
  if (!plain) app.use_authentication();
  if (!plain) app.use_authorization();
  const auto answer = [] { return results::ok(R"({"message":"Hello, World!"})"); };
  app.map_get("/open", answer);
  if (!plain) app.map_get("/protected", answer).require_authorization("CanRead");

  const JwtTokenService tokens(
      {.issuer = "https://issuer.example", .audience = "api://orders", .lifetime = Seconds(3600)},
      credentials, app.clock());
  const std::vector<std::string> scopes(7, "orders.read orders.write");  // a header of about 600 octets
  fmt::print("token {}\n", tokens.create_access_token("user-1", "Admin", scopes).value());
  return app.run();
} catch (const ConfigurationError& error) {
  fmt::print(stderr, "{}\n", error.what());
  return 2;
}
