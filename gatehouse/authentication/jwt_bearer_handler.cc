#include "gatehouse/authentication/jwt_bearer_handler.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <thread>
#include <utility>

#include "gatehouse/authentication/accepted_tokens.h"
#include "gatehouse/authentication/challenge.h"
#include "gatehouse/authentication/denial.h"
#include "gatehouse/jose/jws.h"
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

// Nobody could tell whether the token is good: trouble of the infrastructure is 503, and the client keeps it.
bool is_nobodys_fault(Failure kind) noexcept {
  return kind == Failure::metadata_unavailable || kind == Failure::unavailable;
}

}  // namespace

JwtBearerHandler::JwtBearerHandler(std::string scheme, JwtBearerOptions options,
                                   std::unique_ptr<discovery::Issuers> issuers)
    : scheme_(std::move(scheme)),
      options_(std::move(options)),
      issuers_(std::move(issuers)),
      accepted_(
          [share = options_.validated_token_cache_size / std::max(1U, std::thread::hardware_concurrency())] {
            return tokens::ValidatedTokenCache(share);
          }) {}

Result<std::unique_ptr<JwtBearerHandler>> JwtBearerHandler::make(std::string scheme,
                                                                 JwtBearerOptions options) {
  GH_CHECK(options.validate());
  const auto add_audience = [&options](tokens::TokenValidationParameters& parameters) {
    if (parameters.valid_audience.empty() && parameters.valid_audiences.empty())
      parameters.valid_audience = options.audience;
  };
  add_audience(options.token_validation_parameters);
  for (discovery::IssuerOptions& one : options.issuers) add_audience(one.parameters);
  discovery::IssuersOptions issuers{.issuers = options.issuers,
                                    .resolver = options.issuer_resolver,
                                    .most_resolved = options.most_resolved_issuers,
                                    .backchannel = options.backchannel,
                                    .clock = options.clock,
                                    .on_event = options.on_configuration_event};
  if (issuers.issuers.empty() && !issuers.resolver) {
    discovery::AuthorityOptions authority = options.authority_options;
    if (!options.authority.empty()) authority.authority = options.authority;
    issuers.issuers.push_back(
        {.parameters = options.token_validation_parameters, .authority = std::move(authority)});
  }
  if (!issuers.clock) issuers.clock = std::make_shared<const SystemClock>();
  GH_TRY(auto made, discovery::Issuers::make(std::move(issuers)));
  return std::unique_ptr<JwtBearerHandler>(
      new JwtBearerHandler(std::move(scheme), std::move(options), std::move(made)));
}

// Of several issuers the first one's, where a rule is not of one issuer alone.
const tokens::TokenValidationParameters& JwtBearerHandler::parameters() const noexcept {
  return options_.issuers.empty() ? options_.token_validation_parameters
                                  : options_.issuers.front().parameters;
}

Result<std::string_view> JwtBearerHandler::token_of(const http::Request& request,
                                                    std::string& storage) const {
  if (parameters().profile == tokens::Profile::aspnet_core) return original_token(request, storage);
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

// In the order a request lives it: find a token, judge it, tell the hooks. Judging is a plain call, unless an
// authority or a resolver has to be asked first.
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
    if (!found) co_return co_await refuse(context, found.error(), text, issuers_->first());
    text = *found;
  }
  if (text.empty()) co_return AuthenticateResult::none();

  const Instant now = context.now();
  Validated validated = accepted_.get().find(text, now);
  if (!validated) {
    Result<Verifier> verifier = issuers_->choose(text);
    if (!verifier || !(*verifier)->has_keys(now))
      if (auto form = check_form(text); !form)
        co_return co_await refuse(context, std::move(form).error(), text, issuers_->first());
    if (has_to_wait(verifier, now))
      verifier = co_await wait_for(std::move(verifier), text, now, context.may_wait);
    if (!verifier) co_return co_await refuse(context, std::move(verifier).error(), text, issuers_->first());
    auto token = (*verifier)->validator->validate(text, now);
    if (!token && token.error().kind == Failure::key_not_found && (*verifier)->manager)
      token = co_await look_again(std::move(token).error(), text, *verifier, now, context.may_wait);
    if (!token) co_return co_await refuse(context, std::move(token).error(), text, (*verifier)->validator);
    validated = keep(text, *std::move(token), **verifier);
  }
  const bool is_of_request = storage.empty();
  co_return co_await accept(context, std::move(validated), text, is_of_request);
}

// What is no token needs no keys to be refused, and nobody is asked because of it.
Result<void> JwtBearerHandler::check_form(std::string_view text) const {
  if (text.size() > parameters().maximum_token_size)
    return fail(Failure::too_large, fmt::format("{} characters", text.size()));
  const auto dots = std::ranges::count(text, '.');
  if (dots == 4) return {};  // a JWE shows nothing before it is decrypted
  const bool is_lenient = parameters().profile == tokens::Profile::aspnet_core;
  const auto jws = jose::parse_jws(text, is_lenient ? jose::Leniency::original : jose::Leniency::none);
  return jws ? Result<void>() : std::unexpected(jws.error());
}

bool JwtBearerHandler::has_to_wait(const Result<Verifier>& verifier, Instant now) const {
  if (!verifier) return verifier.error().kind == Failure::issuer_invalid && issuers_->may_resolve();
  if (!(*verifier)->manager) return false;
  (*verifier)->manager->refresh_if_due(now);
  return !(*verifier)->has_keys(now);
}

Task<Result<JwtBearerHandler::Verifier>> JwtBearerHandler::wait_for(Result<Verifier> verifier,
                                                                    std::string_view text, Instant now,
                                                                    bool may_wait) {
  if (!verifier) {
    if (!may_wait) co_return fail(Failure::metadata_unavailable, "the issuer is not known yet");
    std::string copy(text);
    verifier = co_await issuers_->resolve(std::move(copy), now);
    if (!verifier || !has_to_wait(verifier, now)) co_return verifier;
  }
  const auto manager = (*verifier)->manager;
  co_await manager->wait_for_keys(now, may_wait);
  auto renewed = issuers_->choose(text);  // none for a tenant that had to make room meanwhile
  if (renewed && (*renewed)->has_keys(now)) co_return renewed;
  co_return fail(Failure::metadata_unavailable, manager->status(now).failure);
}

// A key that is not there may be a new one, for which the authority is asked once. What it cannot be asked
// about is not decided: 503, and not 401. `verifier` becomes the one that judged.
Task<Result<tokens::Token>> JwtBearerHandler::look_again(Error not_found, std::string_view text,
                                                         Verifier& verifier, Instant now, bool may_wait) {
  const auto found =
      co_await verifier->manager->look_for(not_found.subject, verifier->configuration, now, may_wait);
  if (found == discovery::Lookup::unavailable)
    co_return fail(Failure::metadata_unavailable, verifier->manager->status(now).failure);
  if (found == discovery::Lookup::unchanged) co_return std::unexpected(std::move(not_found));
  if (auto renewed = issuers_->choose(text)) verifier = *std::move(renewed);
  co_return verifier->validator->validate(text, now);
}

JwtBearerHandler::Validated JwtBearerHandler::keep(std::string_view text, tokens::Token token,
                                                   const discovery::Verifier& verifier) {
  auto principal = std::make_shared<const claims::ClaimsPrincipal>(
      tokens::to_identity(token, verifier.validator->parameters()));
  const auto validity = verifier.validator->validity(token);
  Validated validated = std::make_shared<const tokens::ValidatedToken>(
      tokens::ValidatedToken{.token = std::move(token),
                             .principal = std::move(principal),
                             .validity = validity.value_or(tokens::Validity()),
                             .trust = verifier.trust});
  if (validity) accepted_.get().insert(text, validated);
  return validated;
}

Task<AuthenticateResult> JwtBearerHandler::accept(http::HttpContext& context, Validated accepted,
                                                  std::string_view text, bool is_of_request) {
  const tokens::Token& token = accepted->token;
  context.features.get_or_add<AcceptedTokens>().add(
      {.validated = accepted,
       .of_request = is_of_request ? text : std::string_view(),
       .owned = is_of_request ? std::string() : std::string(text)});
  TokenValidatedContext validated(context, scheme_, token);
  validated.principal = accepted->principal;
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
                                  ? describe_for_client(failure, parameters())
                                  : std::string(invalid_token_sentence);
}

void JwtBearerHandler::note_answer(http::HttpContext& context) const {
  Denial& denial = context.features.get_or_add<Denial>();
  denial.status = context.response.status;
  denial.scheme = scheme_;
}

// The caller may well be who they say: nobody could tell (RFC 9110 §15.6.4).
void JwtBearerHandler::answer_unavailable(http::HttpContext& context) const {
  context.response.status = 503;
  context.response.headers.set("Retry-After", "1");
  note_answer(context);
}

Task<void> JwtBearerHandler::challenge(http::HttpContext& context, const AuthenticateResult& result) {
  if (result.failure() && is_nobodys_fault(result.failure()->kind)) {
    answer_unavailable(context);
    co_return;
  }
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
  note_answer(context);
}

Task<void> JwtBearerHandler::forbid(http::HttpContext& context) {
  context.response.status = 403;
  ForbiddenContext forbidden(context, scheme_);
  co_await options_.events.on_forbidden(forbidden);
  const Denial& denial = context.features.get_or_add<Denial>();
  if (!denial.missing_scope.empty() && options_.error_details != ErrorDetails::none)
    context.response.headers.append("WWW-Authenticate", make_challenge({.challenge = options_.challenge,
                                                                        .realm = options_.realm,
                                                                        .error = "insufficient_scope",
                                                                        .scope = denial.missing_scope}));
  note_answer(context);
}

}  // namespace gatehouse::authentication
