/// JwtTokenService — makes access tokens for users who are known already.
///
/// It asks nobody anything: call it only after a login succeeded.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/result.h"
#include "gatehouse/issuer/signing_credentials.h"

namespace gatehouse::issuer {

struct JwtTokenOptions {
  std::string issuer;
  std::string audience;
  Seconds lifetime{600};  ///< ten minutes: a stolen token is good for no longer
};

class JwtTokenService {
 public:
  /// `clock` must outlive the service.
  JwtTokenService(JwtTokenOptions options, SigningCredentials credentials, const Clock& clock);

  /// A signed access token: `nbf` now, `exp` a lifetime later, a random `jti`, the key's `kid`; claims `role`
  /// and, as JSON arrays, `scope` and several roles. Fails as tokens::write does.
  Result<std::string> create_access_token(std::string_view user_id, std::string_view role,
                                          const std::vector<std::string>& scopes = {}) const;
  Result<std::string> create_access_token(std::string_view user_id, const std::vector<std::string>& roles,
                                          const std::vector<std::string>& scopes) const;

  Seconds lifetime() const noexcept { return options_.lifetime; }

 private:
  JwtTokenOptions options_;
  SigningCredentials credentials_;
  const Clock& clock_;
};

}  // namespace gatehouse::issuer
