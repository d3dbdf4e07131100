/// Evaluation — may this principal pass? A pure decision over a compiled policy.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "gatehouse/authorization/handler.h"
#include "gatehouse/authorization/policy.h"
#include "gatehouse/base/task.h"
#include "gatehouse/claims/claims_principal.h"

namespace gatehouse::authorization {

enum class Outcome : std::uint8_t {
  allowed,
  challenge,  ///< nobody is known: 401
  forbidden,  ///< somebody is known, and not allowed: 403
};

/// Why somebody may or may not, for the log: nothing of it is sent to the client but `missing_scope`.
struct Decision {
  struct Part {
    std::string requirement;  ///< "role Admin"
    Verdict verdict = Verdict::unknown;
  };

  Outcome outcome = Outcome::challenge;
  std::vector<Part> parts = {};          ///< each requirement of the policy, in order; empty when allowed
  std::vector<std::string> vetoes = {};  ///< what handlers gave as reasons
  std::string missing_scope = {};        ///< scopes that a failed scope requirement names, space-separated

  bool is_allowed() const noexcept { return outcome == Outcome::allowed; }
  std::vector<std::string> unmet() const;  ///< the requirements that were not met, and the vetoes
};

/// The application's handlers, borrowed, in the order in which they are asked.
class Handlers {
 public:
  Handlers() = default;
  explicit Handlers(std::vector<const AuthorizationHandler*> handlers, bool invoke_after_failure = true);

  bool empty() const noexcept { return handlers_.empty(); }
  bool has_to_wait() const noexcept { return has_to_wait_; }

 private:
  friend Decision evaluate(const AuthorizationPolicy&, const claims::ClaimsPrincipal&, const Handlers&,
                           const Resource&);
  friend Task<Decision> evaluate_waiting(const AuthorizationPolicy&, const claims::ClaimsPrincipal&,
                                         const Handlers&, Resource);

  std::vector<const AuthorizationHandler*> handlers_;
  bool invoke_after_failure_ = true;  ///< whether a veto still lets the remaining handlers be asked
  bool has_to_wait_ = false;
};

/// Built-in requirements and the handlers that do not wait; one that does counts as having said nothing. Does
/// not allocate when there are no handlers and the answer is yes.
Decision evaluate(const AuthorizationPolicy& policy, const claims::ClaimsPrincipal& user,
                  const Handlers& handlers = {}, const Resource& resource = {});

/// The same with the handlers that wait.
Task<Decision> evaluate_waiting(const AuthorizationPolicy& policy, const claims::ClaimsPrincipal& user,
                                const Handlers& handlers, Resource resource);

}  // namespace gatehouse::authorization
