/// JwtBearerHandler — one bearer scheme: finds the token, has it judged, tells the hooks (RFC 6750).
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "gatehouse/authentication/jwt_bearer_options.h"
#include "gatehouse/authentication/scheme.h"
#include "gatehouse/base/per_thread.h"
#include "gatehouse/discovery/issuers.h"
#include "gatehouse/tokens/validated_token_cache.h"

namespace gatehouse::authentication {

class JwtBearerHandler final : public AuthenticationHandler {
 public:
  /// Freezes the options. Fails with configuration_invalid as JwtBearerOptions::validate and
  /// TokenValidator::make do.
  static Result<std::unique_ptr<JwtBearerHandler>> make(std::string scheme, JwtBearerOptions options);

  Task<AuthenticateResult> authenticate(http::HttpContext& context) override;
  Task<void> challenge(http::HttpContext& context, const AuthenticateResult& result) override;
  Task<void> forbid(http::HttpContext& context) override;
  bool may_wait() const noexcept override { return options_.events.may_wait(); }
  bool may_fetch() const noexcept override {
    return issuers_->may_resolve() || !issuers_->managers().empty();
  }
  Authorities authorities() const override { return issuers_->managers(); }

  const JwtBearerOptions& options() const noexcept { return options_; }
  const discovery::Issuers& issuers() const noexcept { return *issuers_; }

 private:
  using Verifier = std::shared_ptr<const discovery::Verifier>;
  using Validated = std::shared_ptr<const tokens::ValidatedToken>;

  JwtBearerHandler(std::string scheme, JwtBearerOptions options, std::unique_ptr<discovery::Issuers> issuers);

  Result<std::string_view> token_of(const http::Request& request, std::string& storage) const;
  Task<AuthenticateResult> judge(http::HttpContext& context);
  Result<void> check_form(std::string_view text) const;
  bool has_to_wait(const Result<Verifier>& verifier, Instant now) const;
  Task<Result<Verifier>> wait_for(Result<Verifier> verifier, std::string_view text, Instant now,
                                  bool may_wait);
  Task<Result<tokens::Token>> look_again(Error not_found, std::string_view text, Verifier& verifier,
                                         Instant now, bool may_wait);
  Validated keep(std::string_view text, tokens::Token token, const discovery::Verifier& verifier);
  Task<AuthenticateResult> accept(http::HttpContext& context, Validated validated, std::string_view text,
                                  bool is_of_request);
  Task<AuthenticateResult> refuse(http::HttpContext& context, Error error, std::string_view text,
                                  std::shared_ptr<const tokens::TokenValidator> validator);
  const tokens::TokenValidationParameters& parameters() const noexcept;
  void note_answer(http::HttpContext& context) const;
  void answer_unavailable(http::HttpContext& context) const;
  void describe(ChallengeContext& details, const Error& failure) const;

  std::string scheme_;
  JwtBearerOptions options_;
  std::unique_ptr<discovery::Issuers> issuers_;
  PerThread<tokens::ValidatedTokenCache> accepted_;
};

}  // namespace gatehouse::authentication
