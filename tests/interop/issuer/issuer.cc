// An issuer whose keys may be rotated every ten seconds, for others to follow: one client, `worker` with the
// secret in WORKER_SECRET, which asks for tokens for api://orders with the scope orders.read. Arguments:
// --Issuer, --Urls, --Tls:CertificateFile, --Tls:KeyFile. POST /control/rotate has the next key sign at once.
#include <cstdlib>
#include <iostream>
#include <string>

#include "gatehouse/base/base64url.h"
#include "gatehouse/base/digest.h"
#include "gatehouse/base/random.h"
#include "gatehouse/base/wait_for.h"
#include "gatehouse/gatehouse.h"
#include "gatehouse/issuer/authorization_server.h"

using namespace gatehouse;

namespace {

issuer::AuthorizationServerOptions options_for(std::string name) {
  issuer::AuthorizationServerOptions options{.issuer = std::move(name)};
  options.keys.readers = {.key_set_max_age = Seconds(1),
                          .refresh = Seconds(7),
                          .clock_skew = Seconds(1),
                          .longest_token = Seconds(600),
                          .poll = Seconds(1)};
  options.keys.signing.announce = Seconds(10);
  return options;
}

template <class T>
T must(Result<T> result) {
  if (!result) throw ConfigurationError({{.where = "Issuer", .message = result.error().subject}});
  return *std::move(result);
}

}  // namespace

int main(int argc, char** argv) try {
  WebApplicationBuilder builder("issuer", argc, argv);
  const std::string name(builder.configuration["Issuer"]);
  const char* secret = std::getenv("WORKER_SECRET");
  const SystemClock clock;
  const auto store = stores::make_memory_store();
  const auto users = stores::make_memory_user_store();
  issuer::LoginService login(*users, {.pool = {.slots = 1}});
  const auto wrapper = must(issuer::KeyWrapper::make({Secret(random_octets(32))}));
  const auto server = must(
      wait_for(issuer::AuthorizationServer::open(*store, *users, login, wrapper, options_for(name), clock)));
  stores::Client worker{.id = "worker",
                        .secrets = {{.hash = base64url::encode(sha256(secret ? secret : random_text()))}},
                        .grants = {"client_credentials"},
                        .scopes = {"orders.read"},
                        .audiences = {"api://orders"}};
  must(wait_for(server->clients().add(worker)));

  WebApplication app = builder.build();
  app.map_authorization_server(*server);
  app.map_post("/control/rotate", [&](HttpContext&) -> Task<Response> {
    const auto active = co_await server->keys().rotate(jose::Algorithm::ES256);
    co_return active ? results::text(*active) : results::problem(active.error());
  });
  return app.run();
} catch (const ConfigurationError& error) {
  std::cerr << error.what() << '\n';
  return 2;
}
