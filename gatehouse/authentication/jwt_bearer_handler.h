/// JwtBearerHandler — one bearer scheme: finds the token, has it judged, tells the hooks (RFC 6750).
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "gatehouse/authentication/jwt_bearer_options.h"
#include "gatehouse/authentication/scheme.h"
#include "gatehouse/tokens/validate.h"

namespace gatehouse::authentication {

class JwtBearerHandler final : public AuthenticationHandler {
 public:
  /// Freezes the options. Fails with configuration_invalid as JwtBearerOptions::validate and
  /// TokenValidator::make do.
  static Result<std::unique_ptr<JwtBearerHandler>> make(std::string scheme, JwtBearerOptions options);

  Task<AuthenticateResult> authenticate(http::HttpContext& context) override;
  Task<void> challenge(http::HttpContext& context, const AuthenticateResult& result) override;
  Task<void> forbid(http::HttpContext& context) override;

  const JwtBearerOptions& options() const noexcept { return options_; }

 private:
  JwtBearerHandler(std::string scheme, JwtBearerOptions options, tokens::TokenValidator validator);

  Task<AuthenticateResult> judge(http::HttpContext& context);
  Task<AuthenticateResult> accept(http::HttpContext& context, tokens::Token token, std::string_view text);
  Task<AuthenticateResult> refuse(http::HttpContext& context, Error error, std::string_view text);
  void describe(ChallengeContext& details, const Error& failure) const;

  std::string scheme_;
  JwtBearerOptions options_;
  std::shared_ptr<const tokens::TokenValidator> validator_;
};

/// The token of an `Authorization: Bearer …` header: the scheme without regard to case, blanks around the
/// token taken off (RFC 6750 §2.1). Empty when there is none. Several such headers are joined by commas, as
/// HTTP has it, and so become one token that cannot be valid.
std::string bearer_token(const http::Request& request);

}  // namespace gatehouse::authentication
