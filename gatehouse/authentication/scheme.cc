#include "gatehouse/authentication/scheme.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <optional>
#include <stdexcept>
#include <variant>

namespace gatehouse::authentication {
namespace {

// What each handler said in this request: a challenge must see the very result that the middleware saw, and a
// hook must not run twice.
class Memo {
 public:
  struct Entry {
    const AuthenticationHandler* handler = nullptr;
    std::optional<AuthenticateResult> result = {};
    std::exception_ptr thrown = {};
  };

  const Entry* find(const AuthenticationHandler* handler) const noexcept {
    if (first_.handler == handler) return &first_;
    const auto found = std::ranges::find(others_, handler, &Entry::handler);
    return found == others_.end() ? nullptr : &*found;
  }
  const Entry& add(Entry entry) {
    if (!first_.handler) return first_ = std::move(entry);
    return others_.emplace_back(std::move(entry));
  }

 private:
  Entry first_;  // most requests ask one scheme, and that costs no allocation
  std::vector<Entry> others_;
};

AuthenticateResult answer_of(const Memo::Entry& entry) {
  if (entry.thrown) std::rethrow_exception(entry.thrown);
  return *entry.result;
}

}  // namespace

void ClaimsTransformationContext::add_claim(claims::Claim claim) {
  principal = claims::with_claim(*principal, std::move(claim));
}

AuthenticationService::AuthenticationService(AuthenticationOptions options,
                                             std::vector<AuthenticationScheme> schemes)
    : options_(std::move(options)), schemes_(std::move(schemes)) {}

const AuthenticationScheme* AuthenticationService::find(std::string_view name) const noexcept {
  const auto found = std::ranges::find(schemes_, name, &AuthenticationScheme::name);
  return found == schemes_.end() ? nullptr : &*found;
}

std::string_view AuthenticationService::default_for(const std::string& own) const noexcept {
  if (!own.empty()) return own;
  if (!options_.default_scheme.empty()) return options_.default_scheme;
  return schemes_.size() == 1 ? std::string_view(schemes_.front().name) : std::string_view();
}

std::string_view AuthenticationService::default_authenticate_scheme() const noexcept {
  return default_for(options_.default_authenticate_scheme);
}

bool AuthenticationService::may_wait() const noexcept {
  return options_.claims_transformation.may_wait() ||
         std::ranges::any_of(schemes_, [](const AuthenticationScheme& scheme) {
           return scheme.handler && scheme.handler->may_wait();
         });
}

bool AuthenticationService::may_fetch() const noexcept {
  return std::ranges::any_of(schemes_, [](const AuthenticationScheme& scheme) {
    return scheme.handler && scheme.handler->may_fetch();
  });
}

Authorities AuthenticationService::authorities() const {
  Authorities all;
  for (const AuthenticationScheme& scheme : schemes_)
    if (scheme.handler) std::ranges::move(scheme.handler->authorities(), std::back_inserter(all));
  return all;
}

Result<void> AuthenticationService::check() const {
  const auto unknown = [this](std::string_view what, std::string_view name) -> Result<void> {
    if (name.empty() || has_scheme(name)) return {};
    return fail(Failure::configuration_invalid,
                fmt::format("{} names the authentication scheme '{}', which was not added", what, name));
  };
  GH_CHECK(unknown("add_authentication", options_.default_scheme));
  GH_CHECK(unknown("default_authenticate_scheme", options_.default_authenticate_scheme));
  GH_CHECK(unknown("default_challenge_scheme", options_.default_challenge_scheme));
  GH_CHECK(unknown("default_forbid_scheme", options_.default_forbid_scheme));
  for (const auto& [name, forwarding, handler] : schemes_) {
    if (std::ranges::count(schemes_, name, &AuthenticationScheme::name) > 1)
      return fail(Failure::configuration_invalid,
                  fmt::format("the authentication scheme '{}' was added twice", name));
    for (const std::string* target : {&forwarding.forward_default, &forwarding.forward_authenticate,
                                      &forwarding.forward_challenge, &forwarding.forward_forbid})
      GH_CHECK(unknown(fmt::format("the forwarding of '{}'", name), *target));
  }
  return {};
}

const AuthenticationScheme& AuthenticationService::resolve(const http::HttpContext& context,
                                                           std::string_view name, Forward forward) const {
  std::string target(name);
  // Each hop leaves a scheme that forwards; as many hops as schemes means a circle.
  for (std::size_t hops = 0; hops <= schemes_.size(); ++hops) {
    const AuthenticationScheme* scheme = find(target);
    if (!scheme)
      throw std::logic_error(target.empty() ? "no authentication scheme was named and there is no default"
                                            : fmt::format("no authentication scheme '{}' was added", target));
    std::string next = scheme->forwarding.*forward;
    if (next.empty() && scheme->forwarding.forward_default_selector)
      next = scheme->forwarding.forward_default_selector(context);
    if (next.empty()) next = scheme->forwarding.forward_default;
    const bool stays = next.empty() || next == scheme->name;
    if (stays && !scheme->handler)
      throw std::logic_error(fmt::format("the scheme '{}' only forwards and found nowhere to", scheme->name));
    if (stays) return *scheme;
    target = std::move(next);
  }
  throw std::logic_error(fmt::format("the scheme '{}' forwards in a circle", name));
}

Task<AuthenticateResult> AuthenticationService::authenticate_once(http::HttpContext& context,
                                                                  const AuthenticationScheme& scheme) const {
  const AuthenticationHandler* handler = scheme.handler.get();
  if (const Memo::Entry* known = context.features.get_or_add<Memo>().find(handler))
    co_return answer_of(*known);
  Memo::Entry entry{.handler = handler};
  try {
    auto result = co_await scheme.handler->authenticate(context);
    if (result.succeeded() && options_.claims_transformation) {
      AuthenticationTicket ticket = *result.ticket();
      ClaimsTransformationContext transformation{
          .http = context, .scheme = scheme.name, .principal = ticket.principal};
      co_await options_.claims_transformation(transformation);
      ticket.principal = std::move(transformation.principal);
      result = AuthenticateResult::success(std::move(ticket));
    }
    entry.result = std::move(result);
  } catch (...) {  // a hook's exception is this request's answer too, and is remembered like one
    entry.thrown = std::current_exception();
  }
  co_return answer_of(context.features.get_or_add<Memo>().add(std::move(entry)));
}

Task<AuthenticateResult> AuthenticationService::authenticate(http::HttpContext& context,
                                                             std::string_view scheme) const {
  const std::string_view name = scheme.empty() ? default_authenticate_scheme() : scheme;
  const AuthenticationScheme& target = resolve(context, name, &SchemeForwarding::forward_authenticate);
  co_return co_await authenticate_once(context, target);
}

void AuthenticationService::assume(http::HttpContext& context,
                                   const std::shared_ptr<const claims::ClaimsPrincipal>& user) const {
  Memo& memo = context.features.get_or_add<Memo>();
  for (const AuthenticationScheme& scheme : schemes_)
    if (scheme.handler)
      memo.add({.handler = scheme.handler.get(),
                .result = AuthenticateResult::success({.principal = user, .scheme = scheme.name})});
}

Task<void> AuthenticationService::challenge(http::HttpContext& context, std::string_view scheme) const {
  const std::string_view name = scheme.empty() ? default_for(options_.default_challenge_scheme) : scheme;
  const AuthenticationScheme& target = resolve(context, name, &SchemeForwarding::forward_challenge);
  AuthenticateResult result = AuthenticateResult::none();
  try {
    auto own = co_await authenticate_once(context, target);
    result = std::move(own);
  } catch (const std::exception& thrown) {
    result = AuthenticateResult::fail({.kind = Failure::internal, .subject = thrown.what()});
  }
  co_await target.handler->challenge(context, result);
}

Task<void> AuthenticationService::challenge_refused(http::HttpContext& context, std::string_view scheme,
                                                    Error failure) const {
  const std::string_view name = scheme.empty() ? default_for(options_.default_challenge_scheme) : scheme;
  const AuthenticationScheme& target = resolve(context, name, &SchemeForwarding::forward_challenge);
  const auto refused = AuthenticateResult::fail(std::move(failure));
  co_await target.handler->challenge(context, refused);
}

Task<void> AuthenticationService::forbid(http::HttpContext& context, std::string_view scheme) const {
  const bool own_default = !options_.default_forbid_scheme.empty();
  const std::string_view name = !scheme.empty() ? scheme
                                : own_default   ? std::string_view(options_.default_forbid_scheme)
                                                : default_for(options_.default_challenge_scheme);
  const AuthenticationScheme& target = resolve(context, name, &SchemeForwarding::forward_forbid);
  co_await target.handler->forbid(context);
}

}  // namespace gatehouse::authentication
