#include "gatehouse/authentication/middleware.h"

namespace gatehouse::authentication {
namespace {

Task<void> authenticate(const AuthenticationService& service, http::HttpContext& context, http::Next next) {
  if (!service.default_authenticate_scheme().empty()) {
    const std::string_view default_scheme;
    auto result = co_await service.authenticate(context, default_scheme);
    if (const AuthenticationTicket* ticket = result.ticket()) {
      context.set_user(ticket->principal);
      context.features.set<AuthenticateResultFeature>(AuthenticateResultFeature{std::move(result)});
    }
  }
  co_await next(context);
}

}  // namespace

http::Middleware use_authentication(const AuthenticationService& service) {
  return [&service](http::HttpContext& context, http::Next next) {
    return authenticate(service, context, next);
  };
}

}  // namespace gatehouse::authentication
