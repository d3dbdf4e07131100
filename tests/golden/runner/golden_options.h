/// Golden options — what a case's `options` say, as our own.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "gatehouse/authentication/jwt_bearer_options.h"
#include "gatehouse/authorization/policy.h"
#include "gatehouse/jose/key.h"

namespace gatehouse::golden {

using Json = nlohmann::ordered_json;

/// The keys of keys.json by name, public and private parts.
class KeyRing {
 public:
  static KeyRing read(const std::string& path);

  /// An entry of `keys`: a name, or {"key", "kid"?, "as"?}. Only the public part, but for oct keys.
  jose::Key verifying(const Json& entry) const;

  /// An entry of `decryption_keys`: the private part too.
  jose::Key decrypting(const Json& entry) const;

 private:
  jose::Key make(const Json& entry, bool is_private) const;

  std::map<std::string, Json> keys_;
};

/// `options` of a case (or of one of its schemes) laid over JwtBearerOptions::aspnet_core().
authentication::JwtBearerOptions read_options(const Json& options, const KeyRing& keys);

/// A policy of the corpus, and one [Authorize] statement.
authorization::AuthorizationPolicy read_policy(const Json& policy, std::string name);
authorization::AuthorizeData read_statement(const Json& statement);

}  // namespace gatehouse::golden
