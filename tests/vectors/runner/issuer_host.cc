#include "tests/vectors/runner/issuer_host.h"

#include <fmt/format.h>

#include "gatehouse/base/base64url.h"
#include "gatehouse/base/digest.h"
#include "gatehouse/base/wait_for.h"
#include "gatehouse/issuer/password_hash.h"

namespace gatehouse::vectors {
namespace {

const std::string& password_hash() {
  static const std::string hash = issuer::hash_password(IssuerHost::password()).value();
  return hash;
}

}  // namespace

const std::string& IssuerHost::password() {
  static const std::string text = "a violin under seven umbrellas";
  return text;
}

IssuerHost::IssuerHost(const Json& setup)
    : clients_(setup.at("clients")), login_(*users_, {.pool = {.slots = 1}}, *clock_) {
  add_clients(clients_);
  add_users(setup.at("users"));
  issuer::AuthorizationServerOptions options{.issuer = setup.at("issuer")};
  options.sessions.rotation.grace = Seconds(0);
  server_ =
      wait_for(issuer::AuthorizationServer::open(
                   *store_, *users_, login_, issuer::KeyWrapper::make({Secret(std::string(32, 'w'))}).value(),
                   std::move(options), *clock_))
          .value();
  hosting::WebApplicationBuilder builder("corpus");
  builder.use_clock(clock_);
  builder.use_log_sink([this](diagnostics::Level, std::string_view line) {
    const std::lock_guard lock(mutex_);
    log_.append(line).append("\n");
  });
  app_.emplace(builder.build());
  app_->map_authorization_server(*server_);
  listening_.emplace(*app_, *clock_);
}

// "password-like login" is what a first-party client has here.
void IssuerHost::add_clients(const Json& clients) {
  for (const auto& [id, definition] : clients.items()) {
    stores::Client client{.id = id, .audiences = {"https://api.gatehouse.example"}};
    for (const std::string grant : definition.at("grants"))
      grant.ends_with("login") ? void(client.is_first_party = true) : client.grants.push_back(grant);
    for (const std::string scope : definition.at("scopes")) client.scopes.push_back(scope);
    if (definition.contains("secret"))
      client.secrets.push_back({.hash = base64url::encode(sha256(std::string(definition.at("secret")))),
                                .created = clock_->now()});
    client.may_introspect = definition.contains("secret");
    wait_for(store_->clients().add(client)).value();
  }
  // Whoever else there has to be: an API that is none of theirs.
  wait_for(store_->clients().add(
               {.id = "other",
                .secrets = {{.hash = base64url::encode(sha256("other")), .created = clock_->now()}},
                .grants = {"client_credentials"},
                .audiences = {"https://other.gatehouse.example"}}))
      .value();
}

void IssuerHost::add_users(const Json& users) {
  for (const auto& [name, note] : users.items())
    users_->add({.id = name, .email = name, .password_hash = password_hash()}).value();
}

std::string IssuerHost::secret_of(const std::string& client) const {
  return client == "other" ? client : clients_.at(client).value("secret", std::string());
}

int IssuerHost::send(const std::string& method, const std::string& target,
                     const std::vector<std::string>& headers, const std::string& body) {
  std::string lines;
  for (const std::string& header : headers) lines += header + "\r\n";
  return listening_->send(
      fmt::format("{} {} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{}Content-Length: {}\r\n\r\n{}",
                  method, target, lines, body.size(), body));
}

std::string IssuerHost::log() {
  const std::lock_guard lock(mutex_);
  return log_;
}

void IssuerHost::advance(Seconds by) {
  clock_->advance(by);
  wait_for(server_->maintain()).value();
}

Answer IssuerHost::log_in(const std::string& user, const std::string& client) {
  const Json body = {{"email", user}, {"password", password()}, {"client_id", client}};
  return ask("POST", "/login", {"Content-Type: application/json"}, body.dump());
}

}  // namespace gatehouse::vectors
