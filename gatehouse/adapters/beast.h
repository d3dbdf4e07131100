/// A guard in front of Boost.Beast's requests.
///
///     const gatehouse::Verdict verdict = gatehouse::beast::check(guard, request);
///     if (!verdict.allowed()) return gatehouse::beast::refuse<http::response<http::string_body>>(verdict,
///     request);
///
/// Beast's types are template parameters: this header includes none of it, and fits Boost 1.74 and later.
#pragma once

#include <string_view>

#include "gatehouse/guard.h"

namespace gatehouse::beast {

/// A view of Beast's own string views, which do not convert in every version.
template <class View>
std::string_view view_of(const View& view) {
  return {view.data(), view.size()};
}

/// Every field of `request` as the guard wants them; views, which `request` has to outlive.
template <class Request>
http::RequestHeaders fields_of(const Request& request) {
  http::RequestHeaders headers;
  for (const auto& field : request) headers.add(view_of(field.name_string()), view_of(field.value()));
  return headers;
}

/// Judges `request` as Guard::check does. A body of text is looked into where a token may stand in a form.
template <class Request>
Verdict check(const Guard& guard, const Request& request) {
  const http::RequestHeaders headers = fields_of(request);
  GuardRequest asked{.headers = &headers};
  const auto method = request.method_string();
  const auto target = request.target();
  asked.method = view_of(method);
  asked.target = view_of(target);
  if constexpr (requires { std::string_view(request.body()); }) asked.body = request.body();
  return guard.check(asked);
}

/// The headers of a verdict, on the answer to a request that it let through.
template <class Response>
void add_headers(const Verdict& verdict, Response& response) {
  for (const auto& [name, value] : verdict.headers) response.insert(name, value);
}

/// The answer to a request that was turned away: the verdict's status and headers, and no body.
template <class Response, class Request>
Response refuse(const Verdict& verdict, const Request& request) {
  Response response;
  response.version(request.version());
  response.keep_alive(request.keep_alive());
  response.result(static_cast<unsigned>(verdict.status));
  add_headers(verdict, response);
  response.prepare_payload();
  return response;
}

}  // namespace gatehouse::beast
