#include "gatehouse/testing/test_server.h"

#include <future>

#include "gatehouse/http/http_context.h"
#include "gatehouse/http/pipeline.h"
#include "gatehouse/http/request_target.h"

namespace gatehouse::testing {
namespace {

// A request's views need somebody who owns what they see.
http::Request view_of(const TestRequest& request, std::string_view path, std::string_view query) {
  http::Request view{.method = request.method,
                     .path = path,
                     .query = query,
                     .host = "localhost",
                     .remote_address = request.remote_address,
                     .is_https = request.is_https,
                     .body = request.body};
  for (const auto& [name, value] : request.headers) view.headers.add(name, value);
  if (const auto host = view.headers.find("Host")) view.host = *host;
  return view;
}

}  // namespace

TestRequest&& TestRequest::with_header(std::string name, std::string value) && {
  headers.emplace_back(std::move(name), std::move(value));
  return std::move(*this);
}

TestRequest&& TestRequest::with_token(std::string_view token) && {
  return std::move(*this).with_header("Authorization", "Bearer " + std::string(token));
}

TestRequest&& TestRequest::with_user(claims::ClaimsIdentity somebody) && {
  user = std::make_shared<const claims::ClaimsPrincipal>(std::move(somebody));
  return std::move(*this);
}

std::string TestResponse::header(std::string_view name) const {
  return std::string(headers.find(name).value_or(""));
}

TestServer::TestServer(hosting::WebApplication& app) : app_(app), pipeline_(app.prepare()) {}

TestResponse TestServer::send(const TestRequest& request) const {
  std::string storage;
  const auto target = http::split_target(request.method, request.target);
  const auto path = target ? http::decode_path(target->path, storage) : std::nullopt;
  if (!path) return {.status = 400};
  const http::Request view = view_of(request, *path, target->query);
  http::HttpContext context(view, app_.services(), app_.clock());
  context.trace = http::make_trace_context(view.headers);
  if (request.user) app_.authentication().assume(context, request.user);

  std::promise<void> finished;
  start(pipeline_.run(context), [&finished] { finished.set_value(); });
  finished.get_future().wait();
  return {.status = context.response.status,
          .headers = std::move(context.response.headers),
          .body = std::move(context.response.body)};
}

TestResponse TestServer::get(std::string target, const std::string& token) const {
  TestRequest request{.target = std::move(target)};
  return send(token.empty() ? request : std::move(request).with_token(token));
}

TestResponse TestServer::post(std::string target, const std::string& token, std::string body) const {
  TestRequest request{.method = "POST", .target = std::move(target), .body = std::move(body)};
  return send(token.empty() ? request : std::move(request).with_token(token));
}

claims::ClaimsIdentity make_user(std::vector<std::pair<std::string, std::string>> claims) {
  claims::ClaimsIdentity user{.authentication_type = "Test",
                              .name_claim_types = {"name", "sub"},
                              .role_claim_types = {"role", "roles"}};
  for (auto& [type, value] : claims)
    user.claims.push_back({.type = std::move(type), .value = std::move(value)});
  return user;
}

}  // namespace gatehouse::testing
