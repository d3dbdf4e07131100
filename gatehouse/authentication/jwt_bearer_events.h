/// JwtBearerEvents — the five moments at which an application may look at a bearer authentication, or decide
/// it.
#pragma once

#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "gatehouse/authentication/authenticate_result.h"
#include "gatehouse/authentication/event.h"
#include "gatehouse/base/error.h"
#include "gatehouse/claims/claims_principal.h"
#include "gatehouse/http/http_context.h"
#include "gatehouse/tokens/validate.h"

namespace gatehouse::authentication {

/// What every event knows. Status and headers set on `http.response` reach the client where the original lets
/// them: a challenge sets 401 over any status, OnForbidden has the last word on its own.
class EventContext {
 public:
  EventContext(http::HttpContext& context, std::string_view scheme_name)
      : http(context), scheme(scheme_name) {}

  http::HttpContext& http;
  std::string_view scheme;
};

/// An event that may settle the authentication: the first result set is the scheme's result.
class ResultContext : public EventContext {
 public:
  using EventContext::EventContext;

  std::shared_ptr<const claims::ClaimsPrincipal> principal;  ///< who success() is about
  AuthenticationProperties properties;
  std::optional<AuthenticateResult> result;

  void no_result() { result = AuthenticateResult::none(); }

  /// The caller is refused with Failure::refused. `reason` is for the operator and never sent at the default
  /// level.
  void fail(std::string reason) {
    result = AuthenticateResult::fail({.kind = Failure::refused, .subject = std::move(reason)});
  }

  /// The caller is `principal`, which must be set; throws std::logic_error otherwise.
  void success();
};

/// First of all: the application may bring the token from elsewhere than the Authorization header.
class MessageReceivedContext : public ResultContext {
 public:
  using ResultContext::ResultContext;
  std::string token;  ///< when set, this is the token
};

/// The token passed every check. `principal` may be replaced, or extended through add_claim().
class TokenValidatedContext : public ResultContext {
 public:
  TokenValidatedContext(http::HttpContext& context, std::string_view scheme_name,
                        const tokens::Token& validated)
      : ResultContext(context, scheme_name), token(validated) {}

  const tokens::Token& token;

  /// Adds a claim to the first identity, in a copy: the principal handed out is never changed.
  void add_claim(claims::Claim claim);
};

/// The token failed, or a hook threw. The application may log, or settle the result after all.
class AuthenticationFailedContext : public ResultContext {
 public:
  AuthenticationFailedContext(http::HttpContext& context, std::string_view scheme_name, Error failure)
      : ResultContext(context, scheme_name), error(std::move(failure)) {}

  Error error;
  std::exception_ptr exception;  ///< what a hook threw; null when the token failed
};

/// A 401 is about to be written. Clearing a field leaves it out; handle_response() leaves everything to the
/// hook.
class ChallengeContext : public EventContext {
 public:
  using EventContext::EventContext;

  const Error* failure = nullptr;  ///< why, for the hook only; null when there was no token
  std::string error;               ///< RFC 6750 §3.1
  std::string error_description;
  std::string error_uri;

  void handle_response() noexcept { handled = true; }
  bool handled = false;
};

/// A 403 is about to be written.
class ForbiddenContext : public EventContext {
 public:
  using EventContext::EventContext;
};

struct JwtBearerEvents {
  Event<MessageReceivedContext> on_message_received;
  Event<TokenValidatedContext> on_token_validated;
  Event<AuthenticationFailedContext> on_authentication_failed;
  Event<ChallengeContext> on_challenge;
  Event<ForbiddenContext> on_forbidden;

  bool may_wait() const noexcept {
    return on_message_received.may_wait() || on_token_validated.may_wait() ||
           on_authentication_failed.may_wait() || on_challenge.may_wait() || on_forbidden.may_wait();
  }
};

}  // namespace gatehouse::authentication
