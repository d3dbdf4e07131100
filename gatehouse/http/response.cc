#include "gatehouse/http/response.h"

#include <fmt/format.h>

#include "gatehouse/base/json.h"

namespace gatehouse::http {

// The registered ones that a service sends (RFC 9110 §15, RFC 6585); anything else goes without a phrase.
std::string_view reason_phrase(int status) noexcept {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 206:
      return "Partial Content";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 303:
      return "See Other";
    case 304:
      return "Not Modified";
    case 307:
      return "Temporary Redirect";
    case 308:
      return "Permanent Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 406:
      return "Not Acceptable";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 410:
      return "Gone";
    case 411:
      return "Length Required";
    case 412:
      return "Precondition Failed";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 417:
      return "Expectation Failed";
    case 421:
      return "Misdirected Request";
    case 422:
      return "Unprocessable Content";
    case 423:
      return "Locked";
    case 426:
      return "Upgrade Required";
    case 428:
      return "Precondition Required";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "";
  }
}

namespace results {
namespace {

Response with_body(int status, std::string_view content_type, std::string body) {
  Response response{.status = status, .body = std::move(body)};
  response.headers.append("Content-Type", std::string(content_type));
  return response;
}

// A credential or token that reaches this table was input of an endpoint: middleware answers 401 by itself,
// with the challenge that a 401 must carry.
int status_of(Failure kind) noexcept {
  using enum Failure;
  switch (kind) {
    case too_large:
      return 413;
    case not_found:
      return 404;
    case conflict:
      return 409;
    case refused:
    case forbidden:
      return 403;
    case throttled:
      return 429;
    case metadata_invalid:
    case metadata_unavailable:
    case address_not_allowed:
    case overloaded:
    case unavailable:
      return 503;
    case configuration_invalid:
    case internal:
      return 500;
    default:
      return 400;
  }
}

}  // namespace

Response ok() { return {}; }
Response ok(std::string body) { return json(std::move(body), 200); }
Response text(std::string body, int status) {
  return with_body(status, "text/plain; charset=utf-8", std::move(body));
}
Response json(std::string body, int status) { return with_body(status, "application/json", std::move(body)); }

Response created(std::string location, std::string body) {
  Response response = json(std::move(body), 201);
  response.headers.append("Location", std::move(location));
  return response;
}

Response no_content() { return status(204); }
Response bad_request(std::string_view detail) { return problem(400, reason_phrase(400), detail); }
Response unauthorized() { return status(401); }
Response not_found() { return status(404); }
Response status(int status) { return Response{.status = status}; }

Response redirect(std::string location, int status) {
  Response response{.status = status};
  response.headers.append("Location", std::move(location));
  return response;
}

Response problem(int status, std::string_view title, std::string_view detail) {
  json::Writer body;
  body.begin_object().member("title", title).member("status", status);
  if (!detail.empty()) body.member("detail", detail);
  body.end_object();
  return with_body(status, "application/problem+json", std::move(body).take());
}

Response problem(const Error& error) {
  const int status = status_of(error.kind);
  json::Writer body;
  body.begin_object()
      .member("title", reason_phrase(status))
      .member("status", status)
      .member("code", code(error.kind));
  body.end_object();
  Response response = with_body(status, "application/problem+json", std::move(body).take());
  if (status == 503) response.headers.append("Retry-After", "1");
  return response;
}

}  // namespace results
}  // namespace gatehouse::http
