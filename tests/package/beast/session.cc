#include <gatehouse/guard.h>
#include <boost/beast.hpp>
namespace http = boost::beast::http;

http::response<http::string_body> handle(const http::request<http::string_body>& request,
                                         gatehouse::Guard& guard) {
  const auto text = [](const auto& view) {
    return std::string_view(view.data(), view.size());
  };  // Boost 1.74's does not convert
  const gatehouse::Verdict verdict =
      guard.check({.method = text(request.method_string()),
                   .target = text(request.target()),
                   .authorization = text(request[http::field::authorization])});
  http::response<http::string_body> response{http::status(verdict.status), request.version()};
  if (!verdict.challenge.empty()) response.set(http::field::www_authenticate, verdict.challenge);
  if (verdict.allowed()) response.body() = verdict.user.find_first("sub");
  response.prepare_payload();
  return response;
}
