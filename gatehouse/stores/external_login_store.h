/// ExternalLoginStore — which user of ours somebody is whom another issuer knows.
///
/// Kept by `iss` and `sub`, which an issuer never gives to somebody else (OpenID Connect Core §5.7); an
/// e-mail address it may.
#pragma once

#include <string>
#include <vector>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/result.h"
#include "gatehouse/base/task.h"

namespace gatehouse::stores {

struct ExternalLogin {
  std::string issuer;   ///< `iss` of the issuer's tokens
  std::string subject;  ///< `sub`
  std::string user_id;
  Instant created;
  bool operator==(const ExternalLogin&) const = default;
};

/// Every call fails with unavailable and overloaded as those of SessionStore.
class ExternalLoginStore {
 public:
  virtual ~ExternalLoginStore() = default;

  virtual Task<Result<ExternalLogin>> find(std::string issuer, std::string subject) = 0;  ///< not_found
  /// conflict: that subject is a user's already, or the user has another one of that issuer.
  virtual Task<Result<void>> add(ExternalLogin login) = 0;
  virtual Task<Result<void>> remove(std::string issuer, std::string subject) = 0;  ///< not_found
  virtual Task<Result<std::vector<ExternalLogin>>> list(std::string user_id) = 0;  ///< by issuer
};

}  // namespace gatehouse::stores
