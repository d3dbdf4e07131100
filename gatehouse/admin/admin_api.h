/// AdminApi — what an operator may do with an issuer that runs: JSON over a socket that only they can open.
///
/// | method and path | body | answer |
/// |---|---|---|
/// | GET /status | | the issuer, its keys, how much it keeps |
/// | GET /users?after=&most= | | {"users":[…]}, by id |
/// | POST /users | email, password or password_hash; id, roles, scopes | the user |
/// | GET, DELETE /users/{who} | | the user; whoever goes is signed out |
/// | POST /users/{who}/disable, /enable, /logout | | the user |
/// | POST /users/{who}/password | password or password_hash | the user, who is signed out |
/// | POST /users/{who}/roles, /scopes | add, remove: lists | the user |
/// | GET /users/{who}/sessions | | {"sessions":[…]} |
/// | DELETE /sessions/{sid} | | {"ended":[…]} |
/// | GET, POST /clients | a client as stores::to_json has it; generate_secret | {"clients":[…]}; the client,
/// secret | | GET, DELETE /clients/{id} | | the client | | POST /clients/{id}/disable, /enable | | the client
/// | | POST /clients/{id}/secrets | lifetime | the client and its new secret, shown this once | | DELETE
/// /clients/{id}/secrets/{number} | | the client without its number-th, from 1 | | GET /keys | | {"keys":[…]}
/// | | POST /keys/rotate | algorithm | {"active"} | | POST /keys/{kid}/compromise, /keys/rewrap | |
/// {"active"}; {"rewrapped"} | | POST /revocations | kind (jti, sid, sub, client) and value, or token | what
/// was revoked | | POST /tokens | client, user, scope, audience, lifetime | a token that the issuer accepts
/// itself | | GET /audit?after=&most= | | {"entries":[…]} | | GET /audit/verify | |
/// {"entries","newest_hash","first_broken"} |
///
/// `{who}` is an id or an e-mail. A refusal is {"code","detail"}, the detail being for the operator. Whatever
/// changes anything is in the audit log, with the user of the operator's process.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "gatehouse/http/endpoint.h"
#include "gatehouse/issuer/authorization_server.h"
#include "gatehouse/issuer/login.h"

namespace gatehouse::admin {

struct AdminServices {
  issuer::AuthorizationServer& server;
  stores::Store& store;
  stores::UserStore& users;
  issuer::LoginService& login;
  WorkerPool& pool;  ///< where `users` is asked
  const Clock& clock;
  /// As issuer::AccountOptions has them. Empty: any password.
  std::function<Result<void>(std::string_view password, const stores::User& user)> password_rules;
  /// Who may: requests whose `remote_address` is one of these; 403 for others. "uid:0".
  std::vector<std::string> operators;
};

class AdminApi {
 public:
  /// What is in `services` must outlive it.
  explicit AdminApi(AdminServices services) : services_(std::move(services)) {}

  std::vector<http::Endpoint> endpoints();  ///< they refer to the API

 private:
  AdminServices services_;
};

}  // namespace gatehouse::admin
