#include "gatehouse/issuer/jwt_token_service.h"

#include <utility>

#include "gatehouse/tokens/token_descriptor.h"

namespace gatehouse::issuer {

JwtTokenService::JwtTokenService(JwtTokenOptions options, SigningCredentials credentials, const Clock& clock)
    : options_(std::move(options)), credentials_(std::move(credentials)), clock_(clock) {}

Result<std::string> JwtTokenService::create_access_token(std::string_view user_id, std::string_view role,
                                                         const std::vector<std::string>& scopes) const {
  return create_access_token(user_id, std::vector{std::string(role)}, scopes);
}

Result<std::string> JwtTokenService::create_access_token(std::string_view user_id,
                                                         const std::vector<std::string>& roles,
                                                         const std::vector<std::string>& scopes) const {
  const Instant now = clock_.now();
  tokens::TokenDescriptor descriptor{.issuer = options_.issuer,
                                     .audiences = {options_.audience},
                                     .subject = std::string(user_id),
                                     .issued_at = now,
                                     .not_before = now,
                                     .expires = now + options_.lifetime};
  if (roles.size() == 1)
    descriptor.claims.emplace_back("role", roles.front());
  else if (!roles.empty())
    descriptor.claims.emplace_back("role", roles);
  if (!scopes.empty()) descriptor.claims.emplace_back("scope", scopes);
  return tokens::write(descriptor, credentials_.key, credentials_.algorithm);
}

}  // namespace gatehouse::issuer
