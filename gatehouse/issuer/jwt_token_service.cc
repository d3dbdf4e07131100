#include "gatehouse/issuer/jwt_token_service.h"

#include <algorithm>
#include <utility>

#include "gatehouse/base/random.h"
#include "gatehouse/issuer/scope.h"
#include "gatehouse/tokens/token_descriptor.h"

namespace gatehouse::issuer {

JwtTokenService::JwtTokenService(JwtTokenOptions options, SigningCredentials credentials, const Clock& clock)
    : JwtTokenService(
          std::move(options), [credentials = std::move(credentials)] { return credentials; }, clock) {}

JwtTokenService::JwtTokenService(JwtTokenOptions options, Credentials credentials, const Clock& clock)
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
  GH_TRY(const SigningCredentials credentials, credentials_());
  return tokens::write(descriptor, credentials.key, credentials.algorithm);
}

Result<IssuedToken> JwtTokenService::create(const AccessToken& token) const {
  const Instant now = clock_.now();
  tokens::TokenDescriptor descriptor{
      .issuer = options_.issuer,
      .audiences = {token.audience},
      .subject = token.subject,
      .id = random_text(),
      .issued_at = now,
      .not_before = now,
      .expires = now + std::min(token.lifetime.value_or(options_.lifetime), options_.longest_lifetime),
      .type = "at+jwt"};
  if (token.expires_by) descriptor.expires = std::min(descriptor.expires, *token.expires_by);
  auto& claims = descriptor.claims;
  claims.emplace_back("client_id", token.client_id);
  if (!token.scope.empty()) claims.emplace_back("scope", token.scope);
  if (!token.sid.empty()) claims.emplace_back("sid", token.sid);
  if (!token.roles.empty()) claims.emplace_back("roles", token.roles);
  if (!token.amr.empty())
    claims.emplace_back("amr", read_scope(token.amr).value_or(std::vector<std::string>()));
  if (token.authenticated) claims.emplace_back("auth_time", to_unix_seconds(*token.authenticated));
  if (!token.act.empty()) claims.emplace_back("act", tokens::RawJson{token.act});
  GH_TRY(const SigningCredentials credentials, credentials_());
  GH_TRY(std::string text, tokens::write(descriptor, credentials.key, credentials.algorithm));
  return IssuedToken{.text = std::move(text), .id = descriptor.id, .expires = descriptor.expires};
}

}  // namespace gatehouse::issuer
