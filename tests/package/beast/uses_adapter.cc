// The adapter's own way to the same answers, with whichever Boost stands first.
#include <gatehouse/adapters/beast.h>

#include <boost/beast.hpp>

namespace http = boost::beast::http;
using Request = http::request<http::string_body>;
using Response = http::response<http::string_body>;

Response handle_by_adapter(const Request& request, const gatehouse::Guard& guard) {
  const gatehouse::Verdict verdict = gatehouse::beast::check(guard, request);
  if (!verdict.allowed()) return gatehouse::beast::refuse<Response>(verdict, request);
  Response response(http::status::ok, request.version());
  gatehouse::beast::add_headers(verdict, response);
  response.prepare_payload();
  return response;
}
