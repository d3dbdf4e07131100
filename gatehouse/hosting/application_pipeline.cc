#include "gatehouse/hosting/application_pipeline.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "gatehouse/base/ascii.h"

namespace gatehouse::hosting {
namespace {

std::size_t position_of(const PipelineFacts& facts, StepKind kind) {
  return static_cast<std::size_t>(std::ranges::find(facts.steps, kind) - facts.steps.begin());
}

std::string_view without_port(std::string_view host) noexcept {
  const std::size_t bracket = host.rfind(']');  // of an IPv6 literal, whose colons are its own
  const std::size_t colon = host.rfind(':');
  return colon != host.npos && (bracket == host.npos || colon > bracket) ? host.substr(0, colon) : host;
}

Task<void> redirect(const std::function<int()>& https_port, http::HttpContext& context, http::Next next) {
  const http::Request& request = context.request;
  const int port = request.is_https ? 0 : https_port();
  if (port == 0) {
    co_await next(context);
    co_return;
  }
  std::string url = fmt::format("https://{}", without_port(request.host));
  if (port != 443) url += fmt::format(":{}", port);
  url += percent_encode(request.path, "!$&'()*+,;=:@/");  // it was decoded
  if (!request.query.empty()) (url += '?') += request.query;
  context.response.status = 307;
  context.response.headers.set("Location", std::move(url));
}

}  // namespace

void check_pipeline(const PipelineFacts& facts, configuration::Faults& faults) {
  const std::size_t none = facts.steps.size();
  const std::size_t authentication = position_of(facts, StepKind::authentication);
  const std::size_t authorization = position_of(facts, StepKind::authorization);

  if (authorization != none && authentication == none)
    faults.add("pipeline",
               "use_authorization() has no use_authentication() before it, so nobody would ever be known; "
               "call app.use_authentication() first");
  else if (authorization < authentication)
    faults.add("pipeline",
               "use_authorization() comes before use_authentication(), so every request would be 401; "
               "call app.use_authentication() first");
  if (authentication != none && !facts.has_schemes)
    faults.add("pipeline",
               "use_authentication() has no scheme to ask; call "
               "builder.services.add_authentication(\"Bearer\").add_jwt_bearer(…)");
  if (authorization != none) return;
  if (!facts.protected_endpoints.empty())
    faults.add("pipeline",
               fmt::format("{} demands authorization, but use_authorization() was not called; call "
                           "app.use_authorization() after app.use_authentication()",
                           facts.protected_endpoints.front()));
  else if (facts.has_fallback_policy)
    faults.add("pipeline",
               "a fallback policy is set, but use_authorization() was not called; call "
               "app.use_authorization() after app.use_authentication()");
}

http::Middleware use_https_redirection(std::function<int()> https_port) {
  return [https_port = std::move(https_port)](http::HttpContext& context, http::Next next) {
    return redirect(https_port, context, next);
  };
}

}  // namespace gatehouse::hosting
