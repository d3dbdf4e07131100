/// AuthenticateResult — what one scheme makes of a request: nobody tried, success with a ticket, or a
/// failure.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/error.h"
#include "gatehouse/claims/claims_principal.h"

namespace gatehouse::authentication {

/// What is known about an authentication besides who it was.
struct AuthenticationProperties {
  std::optional<Instant> issued_utc = {};
  std::optional<Instant> expires_utc = {};
  std::string access_token = {};  ///< the raw token, only where save_token asks for it
};

struct AuthenticationTicket {
  std::shared_ptr<const claims::ClaimsPrincipal> principal;  ///< never null
  AuthenticationProperties properties = {};
  std::string scheme = {};
};

class AuthenticateResult {
 public:
  static AuthenticateResult none() { return {}; }  ///< no credentials of this scheme: not a failure
  static AuthenticateResult success(AuthenticationTicket ticket) {
    return AuthenticateResult(std::move(ticket));
  }
  static AuthenticateResult fail(Error error) { return AuthenticateResult(std::move(error)); }

  bool is_none() const noexcept { return std::holds_alternative<std::monostate>(outcome_); }
  bool succeeded() const noexcept { return ticket() != nullptr; }
  const AuthenticationTicket* ticket() const noexcept { return std::get_if<AuthenticationTicket>(&outcome_); }
  const Error* failure() const noexcept { return std::get_if<Error>(&outcome_); }

 private:
  AuthenticateResult() = default;
  explicit AuthenticateResult(AuthenticationTicket ticket) : outcome_(std::move(ticket)) {}
  explicit AuthenticateResult(Error error) : outcome_(std::move(error)) {}

  std::variant<std::monostate, AuthenticationTicket, Error> outcome_;
};

}  // namespace gatehouse::authentication
