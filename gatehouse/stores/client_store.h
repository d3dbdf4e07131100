/// ClientStore — the programs that may ask an issuer for tokens.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/result.h"
#include "gatehouse/base/task.h"

namespace gatehouse::stores {

/// Two may be alive at once, so that one can be exchanged without a stop.
struct ClientSecret {
  std::string hash;  ///< SHA-256 of the secret, in base64url
  Instant created;
  std::optional<Instant> expires;  ///< empty: never
  bool operator==(const ClientSecret&) const = default;
};

struct Client {
  std::string id;
  std::string name;                   ///< for people
  std::vector<ClientSecret> secrets;  ///< none, and no keys: a public client, which proves nothing
  std::string keys;  ///< JWK set of public keys for private_key_jwt (RFC 7523 §2.2); empty: none
  std::vector<std::string> grants;     ///< grant types that it may use
  std::vector<std::string> scopes;     ///< it may be given
  std::vector<std::string> audiences;  ///< it may ask for; the first is the one that it gets unasked
  std::vector<std::string> origins;    ///< of its pages, for CORS
  bool is_first_party = false;         ///< users may give it their passwords
  bool may_introspect = false;         ///< tokens of its audiences (RFC 7662)
  bool is_disabled = false;
  std::optional<Seconds> access_token_lifetime;
  std::optional<Seconds> idle_lifetime;      ///< of its users' sessions
  std::optional<Seconds> absolute_lifetime;  ///< the same
  bool operator==(const Client&) const = default;
};

/// Whether the client proves nothing: a page or an app, whose code everybody can read (RFC 6749 §2.1).
inline bool is_public(const Client& client) noexcept { return client.secrets.empty() && client.keys.empty(); }

/// JSON of a client, as it is kept and as the command line shows it; read gives malformed with what is wrong.
std::string to_json(const Client& client);
Result<Client> client_from_json(std::string_view text);

/// Every call fails with unavailable and overloaded as those of SessionStore.
class ClientStore {
 public:
  virtual ~ClientStore() = default;

  virtual Task<Result<Client>> find(std::string id) = 0;  ///< not_found
  virtual Task<Result<void>> add(Client client) = 0;      ///< conflict
  virtual Task<Result<void>> update(Client client) = 0;   ///< not_found
  virtual Task<Result<void>> remove(std::string id) = 0;  ///< not_found
  virtual Task<Result<std::vector<Client>>> list() = 0;   ///< by id
};

}  // namespace gatehouse::stores
