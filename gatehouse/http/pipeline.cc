#include "gatehouse/http/pipeline.h"

#include "gatehouse/base/ascii.h"
#include "gatehouse/http/endpoint.h"

namespace gatehouse::http {
namespace {

// The innermost part, reached when no middleware answered. A status that one of them has set stands.
Task<void> answer_not_found(HttpContext& context) {
  if (context.response.status == 200) context.response.status = 404;
  co_return;
}

// Fields that add up instead of replacing one another (RFC 6265 §3, RFC 9110 §12.5.5).
bool adds_up(std::string_view name) noexcept {
  return equals_ignoring_case(name, "Set-Cookie") || equals_ignoring_case(name, "Vary");
}

void lay_over(Response& below, Response&& above) {
  below.status = above.status;
  below.body = std::move(above.body);
  if (below.headers.size() == 0) {
    below.headers = std::move(above.headers);
    return;
  }
  for (const ResponseHeaders::Field& field : above.headers)
    if (!adds_up(field.name)) below.headers.remove(field.name);
  for (const ResponseHeaders::Field& field : above.headers) below.headers.append(field.name, field.value);
}

}  // namespace

Task<void> Next::operator()(HttpContext& context) const {
  const std::vector<Middleware>& middleware = pipeline_->middleware_;
  if (position_ >= middleware.size()) return answer_not_found(context);
  return middleware[position_](context, Next(*pipeline_, position_ + 1));
}

Task<void> Pipeline::run(HttpContext& context) const {
  const Next first(*this, 0);
  try {
    co_await first(context);
  } catch (...) {
    context.exception = std::current_exception();
    context.response = Response{.status = 500};
  }
  if (observer_) observer_(context);
}

Task<void> run_endpoint(HttpContext& context, Next next) {
  const Endpoint* endpoint = context.endpoint();
  if (!endpoint) {
    co_await next(context);
    co_return;
  }
  Response answer = co_await endpoint->handler(context);
  lay_over(context.response, std::move(answer));
}

}  // namespace gatehouse::http
