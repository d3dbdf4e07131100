/// Providers — issuers of well-known make: where each publishes its keys, what says whom its tokens are for,
/// and which of their claims are roles and names.
///
/// Each call answers plain options, to be changed where yours is set up otherwise, for
/// JwtBearerOptions::issuers. Nothing is fetched, and no check is off. `audience` is what a token has to be
/// for. Scopes need no word: `scope` and `scp` are read as they are, with blanks or as a list.
#pragma once

#include <string>
#include <string_view>

#include "gatehouse/discovery/issuers.h"

namespace gatehouse::discovery::providers {

/// A realm of Keycloak at `base`, "https://login.example.com". Roles are those of the realm and those of the
/// client that is called as the audience is.
IssuerOptions keycloak(std::string_view base, std::string_view realm, std::string audience);

/// One tenant of Microsoft Entra ID, by its GUID: its domain is not what its tokens say. `cloud` is another
/// one for national clouds. The API has to ask for tokens of version 2 (requestedAccessTokenVersion).
IssuerOptions entra_id(std::string_view tenant, std::string audience,
                       std::string_view cloud = "https://login.microsoftonline.com");

/// Every tenant of Microsoft Entra ID, each for its own tokens only: the issuer, `tid`, and the tenant that a
/// key is bound to have to agree. Anybody can have a tenant, so that policies have to look at `tid`.
IssuerOptions entra_id_any_tenant(std::string audience,
                                  std::string_view cloud = "https://login.microsoftonline.com");

/// A tenant or custom domain of Auth0, "example.eu.auth0.com". Roles are `permissions`, which the API's
/// setting "Add Permissions in the Access Token" writes.
IssuerOptions auth0(std::string_view domain, std::string audience);

/// A user pool of Amazon Cognito, "eu-west-1_AbCdEfGhI"; the region is part of its name. `client_id` is that
/// of the app client: the `aud` of ID tokens, and the `client_id` of access tokens, which have no `aud`. Set
/// required_claims to {"client_id"} to accept access tokens alone.
IssuerOptions cognito(std::string_view user_pool, std::string client_id);

/// An authorization server of Okta: "dev-1.okta.com", "default". The one without a name has tokens for Okta
/// only.
IssuerOptions okta(std::string_view domain, std::string_view server, std::string audience);

/// ID tokens of Google for an OAuth client.
IssuerOptions google(std::string client_id);

/// ID tokens of Sign in with Apple, for a bundle or a service.
IssuerOptions apple(std::string client_id);

/// Tokens of workflows of GitHub Actions. Every repository of the world gets one for any audience: a policy
/// has to ask for `repository` or `repository_owner`. `issuer` is another one for GitHub Enterprise.
IssuerOptions github_actions(std::string audience,
                             std::string_view issuer = "https://token.actions.githubusercontent.com");

/// Tokens of service accounts of a Kubernetes cluster, named by the subject:
/// "system:serviceaccount:NAMESPACE:NAME". Its keys may be at an address of the cluster's own network.
IssuerOptions kubernetes(std::string audience,
                         std::string_view issuer = "https://kubernetes.default.svc.cluster.local");

}  // namespace gatehouse::discovery::providers
