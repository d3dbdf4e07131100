/// TestServer — sends requests through an application's real pipeline, without a socket.
///
/// What a client would get on the wire, it gets as a value: the same decoding of the path, the same order of
/// middleware, the same policies. Nothing is mocked but the connection, so no test waits or picks a port.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gatehouse/claims/claims_principal.h"
#include "gatehouse/hosting/web_application.h"
#include "gatehouse/http/response.h"

namespace gatehouse::testing {

struct TestRequest {
  std::string method = "GET";
  std::string target = "/";  ///< path and query, as a client writes them
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string body = {};
  bool is_https = true;
  std::string remote_address = "192.0.2.1";
  std::shared_ptr<const claims::ClaimsPrincipal> user =
      {};  ///< who every scheme says is asking; see with_user

  TestRequest&& with_header(std::string name, std::string value) &&;
  TestRequest&& with_token(std::string_view token) &&;  ///< `Authorization: Bearer <token>`

  /// Authenticated as `user` without a token, whatever scheme is asked: for tests that are about policies.
  TestRequest&& with_user(claims::ClaimsIdentity user) &&;
};

struct TestResponse {
  int status = 0;
  http::ResponseHeaders headers = {};
  std::string body = {};

  std::string header(std::string_view name) const;  ///< the first of that name; empty when there is none
  std::string challenge() const { return header("WWW-Authenticate"); }
};

class TestServer {
 public:
  /// Checks the application as run() does; throws ConfigurationError. `app` must outlive the server.
  explicit TestServer(hosting::WebApplication& app);

  /// Waits for the answer, also when the endpoint hands work to other threads. A target that no connection
  /// would let through is 400.
  TestResponse send(const TestRequest& request) const;

  TestResponse get(std::string target, const std::string& token = {}) const;
  TestResponse post(std::string target, const std::string& token = {}, std::string body = {}) const;

 private:
  hosting::WebApplication& app_;
  const http::Pipeline& pipeline_;
};

/// Somebody with these claims, as with_user wants it: {{"sub", "ada"}, {"role", "Admin"}}. Names and roles
/// are read from `name`, `sub`, `role` and `roles`.
claims::ClaimsIdentity make_user(std::vector<std::pair<std::string, std::string>> claims);

}  // namespace gatehouse::testing
