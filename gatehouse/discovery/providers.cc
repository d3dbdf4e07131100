#include "gatehouse/discovery/providers.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

namespace gatehouse::discovery::providers {
namespace {

// How the tokens of one make name their bearer.
struct Claims {
  std::vector<std::string> names;  // of the claims, the one that wins first; "sub" comes after them
  std::vector<std::string> roles;  // none, where the issuer has no roles: then no claim is one
};

IssuerOptions make(std::string authority, std::string audience, Claims claims) {
  IssuerOptions options;
  options.authority.authority = std::move(authority);
  options.authority.try_oauth_metadata = false;  // all of them speak OpenID Connect
  options.parameters.valid_audience = std::move(audience);
  options.parameters.name_claim_types = std::move(claims.names);
  options.parameters.name_claim_types.emplace_back("sub");
  options.parameters.role_claim_types = std::move(claims.roles);
  return options;
}

// "https://a.example" of "https://a.example/".
std::string_view without_slash(std::string_view address) {
  if (address.ends_with('/')) address.remove_suffix(1);
  return address;
}

}  // namespace

IssuerOptions keycloak(std::string_view base, std::string_view realm, std::string audience) {
  const std::string roles_here = fmt::format("resource_access.{}.roles", audience);
  return make(fmt::format("{}/realms/{}", without_slash(base), realm), std::move(audience),
              {.names = {"preferred_username"}, .roles = {"realm_access.roles", roles_here}});
}

IssuerOptions entra_id(std::string_view tenant, std::string audience, std::string_view cloud) {
  IssuerOptions options = make(fmt::format("{}/{}/v2.0", without_slash(cloud), tenant), std::move(audience),
                               {.names = {"preferred_username", "name"}, .roles = {"roles"}});
  options.parameters.valid_algorithms = {"RS256"};  // its keys do not say so
  return options;
}

IssuerOptions entra_id_any_tenant(std::string audience, std::string_view cloud) {
  IssuerOptions options = entra_id("common", std::move(audience), cloud);
  options.authority.issuer = fmt::format("{}/{{tenantid}}/v2.0", without_slash(cloud));
  return options;
}

// The slash is part of its issuer.
IssuerOptions auth0(std::string_view domain, std::string audience) {
  return make(fmt::format("https://{}/", domain), std::move(audience),
              {.names = {"name"}, .roles = {"permissions"}});
}

IssuerOptions cognito(std::string_view user_pool, std::string client_id) {
  const std::string_view region = user_pool.substr(0, user_pool.find('_'));
  const std::string_view partition = region.starts_with("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
  IssuerOptions options =
      make(fmt::format("https://cognito-idp.{}.{}/{}", region, partition, user_pool), std::move(client_id),
           {.names = {"username", "cognito:username"}, .roles = {"cognito:groups"}});
  options.parameters.audience_fallback_claim = "client_id";
  return options;
}

IssuerOptions okta(std::string_view domain, std::string_view server, std::string audience) {
  return make(fmt::format("https://{}/oauth2/{}", domain, server), std::move(audience),
              {.names = {}, .roles = {"groups"}});
}

// Its tokens may leave "https://" out.
IssuerOptions google(std::string client_id) {
  IssuerOptions options =
      make("https://accounts.google.com", std::move(client_id), {.names = {"name"}, .roles = {}});
  options.parameters.valid_issuers = {"accounts.google.com"};
  return options;
}

IssuerOptions apple(std::string client_id) {
  return make("https://appleid.apple.com", std::move(client_id), {.names = {}, .roles = {}});
}

IssuerOptions github_actions(std::string audience, std::string_view issuer) {
  return make(std::string(issuer), std::move(audience), {.names = {}, .roles = {}});
}

IssuerOptions kubernetes(std::string audience, std::string_view issuer) {
  IssuerOptions options = make(std::string(issuer), std::move(audience), {.names = {}, .roles = {}});
  options.authority.allow_private_addresses = true;
  return options;
}

}  // namespace gatehouse::discovery::providers
