#include "gatehouse/issuer/cross_origin.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "gatehouse/issuer/scope.h"

namespace gatehouse::issuer {
namespace {

struct AskingClient {
  std::vector<std::string> origins;
};

}  // namespace

void note_client(http::HttpContext& context, const stores::Client& client) {
  context.features.set<AskingClient>(AskingClient{client.origins});
}

// "null" is every sandboxed page and file: nobody's, whoever registered it.
Task<bool> CrossOrigin::may_read(const http::HttpContext& context, std::string_view origin) {
  if (origin.empty() || origin == "null") co_return false;
  if (const auto* client = context.features.find<AskingClient>()) co_return has_name(client->origins, origin);
  const auto all = co_await catalog_.read();
  co_return std::ranges::binary_search(all->origins, origin);
}

Task<http::Response> CrossOrigin::answer(const http::Handler& handler, http::HttpContext& context) {
  http::Response response = co_await handler(context);
  const std::string origin(context.request.header("Origin").value_or(""));
  const bool is_allowed = co_await may_read(context, origin);
  response.headers.append("Vary", "Origin");
  if (!is_allowed) co_return response;
  response.headers.set("Access-Control-Allow-Origin", origin);
  response.headers.set("Access-Control-Expose-Headers", "Gatehouse-Refresh, Retry-After");
  co_return response;
}

Task<http::Response> CrossOrigin::answer_preflight(const std::string& method, http::HttpContext& context) {
  const std::string origin(context.request.header("Origin").value_or(""));
  const bool is_allowed = co_await may_read(context, origin);
  http::Response response = http::results::no_content();
  response.headers.set("Vary", "Origin, Access-Control-Request-Method, Access-Control-Request-Headers");
  if (!is_allowed) co_return response;
  response.headers.set("Access-Control-Allow-Origin", origin);
  response.headers.set("Access-Control-Allow-Methods", method);
  response.headers.set("Access-Control-Allow-Headers", "Authorization, Content-Type");
  response.headers.set("Access-Control-Max-Age", "600");
  co_return response;
}

http::Handler CrossOrigin::readable(http::Handler handler) {
  return
      [this, handler = std::move(handler)](http::HttpContext& context) { return answer(handler, context); };
}

http::Handler CrossOrigin::preflight(std::string method) {
  return [this, method = std::move(method)](http::HttpContext& context) {
    return answer_preflight(method, context);
  };
}

http::Handler make_public_preflight() {
  return http::make_handler([] {
    http::Response response = http::results::no_content();
    response.headers.set("Access-Control-Allow-Origin", "*");
    response.headers.set("Access-Control-Allow-Methods", "GET");
    response.headers.set("Access-Control-Allow-Headers", "If-None-Match");
    response.headers.set("Access-Control-Max-Age", "86400");
    return response;
  });
}

}  // namespace gatehouse::issuer
