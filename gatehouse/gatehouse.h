/// Gatehouse — everything an application says, lifted into one namespace.
///
/// Library code includes the headers of the rooms it uses instead; this is for a program's own sources.
#pragma once

#include "gatehouse/authentication/jwt_bearer_options.h"
#include "gatehouse/authentication/middleware.h"
#include "gatehouse/authorization/authorization_service.h"
#include "gatehouse/authorization/evaluate.h"
#include "gatehouse/authorization/policy.h"
#include "gatehouse/base/result.h"
#include "gatehouse/base/task.h"
#include "gatehouse/base/worker_pool.h"
#include "gatehouse/claims/claims_principal.h"
#include "gatehouse/configuration/configuration.h"
#include "gatehouse/discovery/providers.h"
#include "gatehouse/discovery/service_client.h"
#include "gatehouse/hosting/routes.h"
#include "gatehouse/hosting/web_application.h"
#include "gatehouse/http/http_context.h"
#include "gatehouse/issuer/deny_feed.h"
#include "gatehouse/issuer/endpoints.h"
#include "gatehouse/issuer/jwt_token_service.h"
#include "gatehouse/issuer/login.h"
#include "gatehouse/issuer/password_policy.h"
#include "gatehouse/revocation/deny_feed_client.h"
#include "gatehouse/revocation/deny_list.h"
#include "gatehouse/revocation/deny_list_check.h"
#include "gatehouse/stores/store.h"
#include "gatehouse/stores/user_store.h"
#include "gatehouse/tokens/memory_replay_cache.h"

namespace gatehouse {

namespace providers = discovery::providers;
namespace results = http::results;

using authentication::AuthenticateResult;
using authentication::AuthenticateResultFeature;
using authentication::AuthenticationFailedContext;
using authentication::AuthenticationHandler;
using authentication::AuthenticationTicket;
using authentication::ChallengeContext;
using authentication::ClaimsTransformationContext;
using authentication::ErrorDetails;
using authentication::ForbiddenContext;
using authentication::JwtBearerEvents;
using authentication::JwtBearerOptions;
using authentication::MessageReceivedContext;
using authentication::TokenValidatedContext;
using authorization::AuthorizationHandler;
using authorization::AuthorizationHandlerContext;
using authorization::AuthorizationOptions;
using authorization::AuthorizationPolicy;
using authorization::AuthorizationResultContext;
using authorization::AuthorizationService;
using authorization::AuthorizeData;
using authorization::CustomRequirement;
using authorization::Decision;
using authorization::Outcome;
using authorization::PolicyBuilder;
using authorization::RequirementHandler;
using authorization::ResourceHandler;
using authorization::RevocationCheck;
using authorization::WaitingAuthorizationHandler;
using authorization::WhenStale;
using claims::Claim;
using claims::ClaimsIdentity;
using claims::ClaimsPrincipal;
using configuration::ConfigurationError;
using discovery::ServiceClient;
using discovery::ServiceClientOptions;
using hosting::EndpointBuilder;
using hosting::JwtSettings;
using hosting::RouteGroup;
using hosting::WebApplication;
using hosting::WebApplicationBuilder;
using http::HttpContext;
using http::Request;
using http::Response;
using issuer::DenyFeed;
using issuer::JwtTokenService;
using issuer::LoginEndpointOptions;
using issuer::LoginOptions;
using issuer::LoginService;
using issuer::make_login_endpoint;
using issuer::PasswordContext;
using issuer::PasswordPolicy;
using issuer::PasswordPolicyOptions;
using revocation::DenyEntry;
using revocation::DenyFeedClient;
using revocation::DenyKind;
using revocation::DenyList;
using revocation::DenyListCheck;
using stores::User;
using stores::UserStore;
using tokens::MemoryReplayCache;
using tokens::TokenValidationParameters;

}  // namespace gatehouse
