/// IssuerHost — an issuer with the clients and users of the attacks, on a port, for as long as one case
/// takes.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "gatehouse/gatehouse.h"
#include "gatehouse/issuer/authorization_server.h"
#include "gatehouse/testing/fake_clock.h"
#include "tests/vectors/runner/attack_setup.h"
#include "tests/vectors/runner/listening.h"

namespace gatehouse::vectors {

class IssuerHost {
 public:
  /// No grace: what is shown twice was stolen.
  explicit IssuerHost(const Json& setup);

  /// One request on a connection of its own, with a body when there is one.
  Answer ask(const std::string& method, const std::string& target, const std::vector<std::string>& headers,
             const std::string& body) {
    return receive(send(method, target, headers, body));
  }
  int send(const std::string& method, const std::string& target, const std::vector<std::string>& headers,
           const std::string& body);  ///< the connection that will have the answer
  static Answer receive(int connection) { return parse_answer(Listening::receive(connection)); }

  Answer log_in(const std::string& user, const std::string& client);  ///< with the user's password
  std::string secret_of(const std::string& client) const;

  void advance(Seconds by);  ///< and what an issuer does meanwhile
  stores::Store& store() { return *store_; }
  UserStore& users() { return *users_; }
  static const std::string& password();  ///< of every user
  std::string log();                     ///< all lines so far

 private:
  void add_clients(const Json& clients);
  void add_users(const Json& users);

  std::mutex mutex_;  // of the next; both outlive the application, which writes to them
  std::string log_;
  Json clients_;
  std::shared_ptr<testing::FakeClock> clock_ = std::make_shared<testing::FakeClock>();
  std::unique_ptr<stores::Store> store_ = stores::make_memory_store();
  std::unique_ptr<UserStore> users_ = stores::make_memory_user_store();
  LoginService login_;
  std::unique_ptr<issuer::AuthorizationServer> server_;
  std::optional<hosting::WebApplication> app_;
  std::optional<Listening> listening_;
};

}  // namespace gatehouse::vectors
