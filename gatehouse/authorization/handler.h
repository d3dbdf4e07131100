/// Authorization handlers — the application's own judgement of custom requirements, and of resources.
#pragma once

#include <string>
#include <typeinfo>
#include <vector>

#include "gatehouse/authorization/requirement.h"
#include "gatehouse/base/task.h"
#include "gatehouse/claims/claims_principal.h"
#include "gatehouse/http/http_context.h"

namespace gatehouse::authorization {

/// What somebody wants to act on: borrowed, with its type. The middleware's resource is the HttpContext.
class Resource {
 public:
  Resource() = default;
  template <class T>
  Resource(const T& resource) noexcept  // NOLINT(google-explicit-constructor): stands where a T is passed
      : type_(&typeid(T)), resource_(&resource) {}

  /// Null when it is of another type: a handler that meets a resource it does not know leaves it alone.
  template <class T>
  const T* as() const noexcept {
    return type_ && *type_ == typeid(T) ? static_cast<const T*>(resource_) : nullptr;
  }

 private:
  const std::type_info* type_ = nullptr;
  const void* resource_ = nullptr;
};

/// What the handlers of one evaluation agree on. A requirement is met when any handler says so; one explicit
/// fail() vetoes everything.
class AuthorizationHandlerContext {
 public:
  AuthorizationHandlerContext(const std::vector<Requirement>& requirements,
                              const claims::ClaimsPrincipal& principal, const Resource& on);

  const claims::ClaimsPrincipal& user;
  const Resource& resource;

  const std::vector<Requirement>& requirements() const noexcept { return requirements_; }

  /// The custom requirements, also those inside any_of, all_of and none_of, that no handler has met yet.
  std::vector<const CustomRequirement*> pending() const;

  void succeed(const CustomRequirement& requirement) { say(requirement, Verdict::met); }

  /// It is known not to be met, which is what none_of() waits for. Another handler's succeed() still wins.
  void reject(const CustomRequirement& requirement) { say(requirement, Verdict::unmet); }

  void fail(std::string reason);  ///< nobody passes, whatever else is said; `reason` is for the operator

  bool has_failed() const noexcept { return !vetoes_.empty(); }
  bool has_succeeded() const noexcept;  ///< every requirement is met, as far as is known by now
  Verdict verdict(const Requirement& requirement) const noexcept;
  const std::vector<std::string>& vetoes() const noexcept { return vetoes_; }

 private:
  void say(const CustomRequirement& requirement, Verdict verdict);

  const std::vector<Requirement>& requirements_;
  CustomVerdicts custom_;
  std::vector<std::string> vetoes_;
};

class WaitingAuthorizationHandler;

/// Called once an evaluation, for all requirements; must not throw. Shared by all threads.
class AuthorizationHandler {
 public:
  virtual ~AuthorizationHandler() = default;
  virtual void handle(AuthorizationHandlerContext& context) const = 0;
  virtual const WaitingAuthorizationHandler* waiting() const noexcept { return nullptr; }
};

/// A handler that has to fetch what it decides by. One such handler makes every evaluation a coroutine.
class WaitingAuthorizationHandler : public AuthorizationHandler {
 public:
  virtual Task<void> handle_async(AuthorizationHandlerContext& context) const = 0;
  void handle(AuthorizationHandlerContext&) const final {}
  const WaitingAuthorizationHandler* waiting() const noexcept final { return this; }
};

/// Judges the requirements of one class, on resources of one type; other ones are left to other handlers.
template <class R, class T>
class ResourceHandler : public AuthorizationHandler {
 public:
  virtual void judge(AuthorizationHandlerContext& context, const R& requirement, const T& resource) const = 0;

  void handle(AuthorizationHandlerContext& context) const final {
    const T* resource = context.resource.as<T>();
    if (!resource) return;
    for (const CustomRequirement* pending : context.pending())
      if (const R* requirement = dynamic_cast<const R*>(pending)) judge(context, *requirement, *resource);
  }
};

/// Judges the requirements of one class, whatever the resource.
template <class R>
class RequirementHandler : public AuthorizationHandler {
 public:
  virtual void judge(AuthorizationHandlerContext& context, const R& requirement) const = 0;

  void handle(AuthorizationHandlerContext& context) const final {
    for (const CustomRequirement* pending : context.pending())
      if (const R* requirement = dynamic_cast<const R*>(pending)) judge(context, *requirement);
  }
};

}  // namespace gatehouse::authorization
