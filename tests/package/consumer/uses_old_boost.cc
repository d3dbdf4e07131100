// A Beast service on Debian's own Boost, and Gatehouse beside it in one translation unit.
#include <gatehouse/gatehouse.h>
#include <boost/asio.hpp>
#include <boost/beast.hpp>
#include <boost/version.hpp>

#include <cstdio>

static_assert(BOOST_VERSION == 107400);

namespace http = boost::beast::http;

http::response<http::string_body> answer(const http::request<http::string_body>& request,
                                         const gatehouse::AuthorizationPolicy& policy) {
  const auto decision = evaluate(policy, gatehouse::ClaimsPrincipal());
  http::response<http::string_body> response(
      decision.is_allowed() ? http::status::ok : http::status::unauthorized, request.version());
  response.prepare_payload();
  return response;
}

int main() {
  gatehouse::PolicyBuilder policy;
  policy.require_authenticated_user();
  const http::request<http::string_body> request(http::verb::get, "/orders", 11);
  std::printf("answered %u\n", answer(request, policy.build()).result_int());
}
