/// JwtBearerHandler — one bearer scheme: finds the token, has it judged, tells the hooks (RFC 6750).
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "gatehouse/authentication/jwt_bearer_options.h"
#include "gatehouse/authentication/scheme.h"
#include "gatehouse/tokens/validator_set.h"

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

  const JwtBearerOptions& options() const noexcept { return options_; }

 private:
  JwtBearerHandler(std::string scheme, JwtBearerOptions options, tokens::TokenValidatorSet validators);

  Result<std::string_view> token_of(const http::Request& request, std::string& storage) const;
  Task<AuthenticateResult> judge(http::HttpContext& context);
  Task<AuthenticateResult> accept(http::HttpContext& context, tokens::Token token, std::string_view text,
                                  const tokens::TokenValidator& validator);
  Task<AuthenticateResult> refuse(http::HttpContext& context, Error error, std::string_view text,
                                  std::shared_ptr<const tokens::TokenValidator> validator);
  void describe(ChallengeContext& details, const Error& failure) const;

  std::string scheme_;
  JwtBearerOptions options_;
  tokens::TokenValidatorSet validators_;
};

}  // namespace gatehouse::authentication
