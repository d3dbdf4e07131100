/// Response — what an endpoint gives back; nobody writes to a socket.
#pragma once

#include <string>
#include <string_view>

#include "gatehouse/base/error.h"
#include "gatehouse/http/headers.h"

namespace gatehouse::http {

struct Response {
  int status = 200;
  ResponseHeaders headers = {};
  std::string body = {};
};

std::string_view reason_phrase(int status) noexcept;  ///< "Not Found"; empty for an unknown status

/// The ways an endpoint usually answers, named as the original's Results.
namespace results {

Response ok();
Response ok(std::string json);                      ///< application/json
Response text(std::string body, int status = 200);  ///< text/plain; charset=utf-8
Response json(std::string json, int status);
Response created(std::string location, std::string json);
Response no_content();
Response bad_request(std::string_view detail);
Response unauthorized();
Response not_found();
Response status(int status);
Response redirect(std::string location, int status);  ///< 307 keeps the method

/// RFC 9457 problem details. `detail` reaches the client.
Response problem(int status, std::string_view title, std::string_view detail = {});

/// The answer to a failure of the infrastructure or of input: 503 with Retry-After, 400, 403, 404, 409, 413,
/// 429 or 500, with the failure's code; the subject of `error` stays here.
Response problem(const Error& error);

}  // namespace results
}  // namespace gatehouse::http
