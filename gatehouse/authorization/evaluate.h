/// Evaluation — may this principal pass? A pure decision over a compiled policy.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "gatehouse/authorization/policy.h"
#include "gatehouse/claims/claims_principal.h"
#include "gatehouse/http/http_context.h"

namespace gatehouse::authorization {

/// What the handlers of one evaluation agree on. A requirement is met when any handler says so; one explicit
/// fail() vetoes everything.
class AuthorizationHandlerContext {
 public:
  AuthorizationHandlerContext(const std::vector<Requirement>& requirements,
                              const claims::ClaimsPrincipal& principal, const http::HttpContext* request);

  const claims::ClaimsPrincipal& user;
  const http::HttpContext* http;  ///< the request as the resource; null outside one

  const std::vector<Requirement>& requirements() const noexcept { return requirements_; }
  void succeed(const Requirement& requirement) noexcept;
  void fail(std::string reason);

  bool has_failed() const noexcept { return failed_; }
  bool has_succeeded() const noexcept;
  bool is_met(std::size_t index) const noexcept { return met_[index]; }
  const std::vector<std::string>& reasons() const noexcept { return reasons_; }

 private:
  const std::vector<Requirement>& requirements_;
  std::vector<bool> met_;
  bool failed_ = false;
  std::vector<std::string> reasons_;
};

/// Judges custom requirements. Called once an evaluation, for all of them; must not throw.
class AuthorizationHandler {
 public:
  virtual ~AuthorizationHandler() = default;
  virtual void handle(AuthorizationHandlerContext& context) const = 0;
};

enum class Outcome : std::uint8_t {
  allowed,
  challenge,  ///< nobody is known: 401
  forbidden,  ///< somebody is known, and not allowed: 403
};

struct Decision {
  Outcome outcome = Outcome::challenge;
  std::vector<std::string> unmet =
      {};  ///< descriptions of the requirements not met, and the reasons of vetoes
};

/// Built-in requirements first, then the handlers in order, until a veto if `invoke_handlers_after_failure`
/// is off.
Decision evaluate(const AuthorizationPolicy& policy, const claims::ClaimsPrincipal& user,
                  const std::vector<const AuthorizationHandler*>& handlers = {},
                  bool invoke_handlers_after_failure = true, const http::HttpContext* request = nullptr);

}  // namespace gatehouse::authorization
