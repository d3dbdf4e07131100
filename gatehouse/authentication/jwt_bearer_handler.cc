#include "gatehouse/authentication/jwt_bearer_handler.h"

#include <exception>
#include <utility>

#include "gatehouse/authentication/challenge.h"
#include "gatehouse/authentication/denial.h"
#include "gatehouse/tokens/claim_mapping.h"

namespace gatehouse::authentication {
namespace {

std::string message_of(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const std::exception& exception) {
    return exception.what();
  } catch (...) {
    return "an exception of unknown type";
  }
}

}  // namespace

JwtBearerHandler::JwtBearerHandler(std::string scheme, JwtBearerOptions options,
                                   tokens::TokenValidatorSet validators)
    : scheme_(std::move(scheme)), options_(std::move(options)), validators_(std::move(validators)) {}

Result<std::unique_ptr<JwtBearerHandler>> JwtBearerHandler::make(std::string scheme,
                                                                 JwtBearerOptions options) {
  GH_CHECK(options.validate());
  const auto with_audience = [&](tokens::TokenValidationParameters parameters) {
    if (parameters.valid_audience.empty() && parameters.valid_audiences.empty())
      parameters.valid_audience = options.audience;
    return parameters;
  };
  auto validators = [&]() -> Result<tokens::TokenValidatorSet> {
    if (options.issuers.empty()) {
      GH_TRY(auto only, tokens::TokenValidator::make(with_audience(options.token_validation_parameters)));
      return tokens::TokenValidatorSet(std::move(only));
    }
    std::vector<tokens::TokenValidationParameters> issuers;
    for (const auto& issuer : options.issuers) issuers.push_back(with_audience(issuer));
    return tokens::TokenValidatorSet::make(std::move(issuers));
  }();
  if (!validators) return std::unexpected(std::move(validators).error());
  return std::unique_ptr<JwtBearerHandler>(
      new JwtBearerHandler(std::move(scheme), std::move(options), *std::move(validators)));
}

Result<std::string_view> JwtBearerHandler::token_of(const http::Request& request,
                                                    std::string& storage) const {
  if (validators_.first()->parameters().profile == tokens::Profile::aspnet_core)
    return original_token(request, storage);
  return find_token(request, options_.token_sources, storage);
}

// Whatever a hook throws goes to OnAuthenticationFailed, which may still settle it; else it goes on to the
// pipeline.
Task<AuthenticateResult> JwtBearerHandler::authenticate(http::HttpContext& context) {
  std::exception_ptr thrown;
  try {
    auto result = co_await judge(context);
    co_return result;
  } catch (...) {
    thrown = std::current_exception();
  }
  AuthenticationFailedContext failed(context, scheme_,
                                     {.kind = Failure::internal, .subject = message_of(thrown)});
  failed.exception = thrown;
  co_await options_.events.on_authentication_failed(failed);
  if (failed.result) co_return *std::move(failed.result);
  std::rethrow_exception(thrown);
}

// In the order a request lives it: find a token, judge it, tell the hooks. Judging is a plain call.
Task<AuthenticateResult> JwtBearerHandler::judge(http::HttpContext& context) {
  std::string storage;
  std::string_view text;
  if (options_.events.on_message_received) {
    MessageReceivedContext received(context, scheme_);
    co_await options_.events.on_message_received(received);
    if (received.result) co_return *std::move(received.result);
    storage = std::move(received.token);
    text = storage;
  }
  if (text.empty()) {
    const auto found = token_of(context.request, storage);
    if (!found) co_return co_await refuse(context, found.error(), text, validators_.first());
    text = *found;
  }
  if (text.empty()) co_return AuthenticateResult::none();

  auto validator = validators_.choose(text);
  if (!validator) co_return co_await refuse(context, std::move(validator).error(), text, validators_.first());
  auto token = (*validator)->validate(text, context.now());
  if (!token) co_return co_await refuse(context, std::move(token).error(), text, *validator);
  co_return co_await accept(context, *std::move(token), text, **validator);
}

Task<AuthenticateResult> JwtBearerHandler::accept(http::HttpContext& context, tokens::Token token,
                                                  std::string_view text,
                                                  const tokens::TokenValidator& validator) {
  TokenValidatedContext validated(context, scheme_, token);
  validated.principal =
      std::make_shared<const claims::ClaimsPrincipal>(tokens::to_identity(token, validator.parameters()));
  validated.properties = {.issued_utc = token.claims.not_before(), .expires_utc = token.claims.expires()};
  if (options_.events.on_token_validated) {
    co_await options_.events.on_token_validated(validated);
    if (validated.result) {
      if (const Error* refused = validated.result->failure())
        context.features.set<Denial>(Denial{.scheme = scheme_, .error = *refused});
      co_return *std::move(validated.result);
    }
  }
  if (options_.save_token) validated.properties.access_token = text;
  co_return AuthenticateResult::success({.principal = std::move(validated.principal),
                                         .properties = std::move(validated.properties),
                                         .scheme = scheme_});
}

Task<AuthenticateResult> JwtBearerHandler::refuse(http::HttpContext& context, Error error,
                                                  std::string_view text,
                                                  std::shared_ptr<const tokens::TokenValidator> validator) {
  constexpr std::size_t longest_header =
      1024;  // beyond it the header says nothing an operator wants in a log
  const std::string_view header = text.substr(0, text.find('.'));
  context.features.set<Denial>(Denial{.scheme = scheme_,
                                      .error = error,
                                      .validator = std::move(validator),
                                      .token_header = std::string(header.substr(0, longest_header))});
  AuthenticationFailedContext failed(context, scheme_, std::move(error));
  co_await options_.events.on_authentication_failed(failed);
  if (failed.result) co_return *std::move(failed.result);
  co_return AuthenticateResult::fail(std::move(failed.error));
}

void JwtBearerHandler::describe(ChallengeContext& details, const Error& failure) const {
  if (options_.error_details == ErrorDetails::none) return;
  if (failure.kind == Failure::several_tokens) {
    details.error = "invalid_request";
    return;
  }
  details.error = "invalid_token";
  details.error_description = options_.error_details == ErrorDetails::values
                                  ? describe_for_client(failure, validators_.first()->parameters())
                                  : std::string(invalid_token_sentence);
}

Task<void> JwtBearerHandler::challenge(http::HttpContext& context, const AuthenticateResult& result) {
  ChallengeContext details(context, scheme_);
  details.failure = result.failure();
  if (details.failure) describe(details, *details.failure);
  co_await options_.events.on_challenge(details);
  if (details.handled) co_return;

  const bool is_ambiguous = details.failure && details.failure->kind == Failure::several_tokens;
  context.response.status = is_ambiguous ? 400 : 401;  // RFC 6750 §3.1
  context.response.headers.append("WWW-Authenticate",
                                  make_challenge({.challenge = options_.challenge,
                                                  .realm = options_.realm,
                                                  .error = details.error,
                                                  .error_description = details.error_description,
                                                  .error_uri = details.error_uri}));
  Denial& denial = context.features.get_or_add<Denial>();
  denial.status = context.response.status;
  denial.scheme = scheme_;
}

Task<void> JwtBearerHandler::forbid(http::HttpContext& context) {
  context.response.status = 403;
  ForbiddenContext forbidden(context, scheme_);
  co_await options_.events.on_forbidden(forbidden);
  Denial& denial = context.features.get_or_add<Denial>();
  if (!denial.missing_scope.empty() && options_.error_details != ErrorDetails::none)
    context.response.headers.append("WWW-Authenticate", make_challenge({.challenge = options_.challenge,
                                                                        .realm = options_.realm,
                                                                        .error = "insufficient_scope",
                                                                        .scope = denial.missing_scope}));
  denial.status = context.response.status;
  denial.scheme = scheme_;
}

}  // namespace gatehouse::authentication
