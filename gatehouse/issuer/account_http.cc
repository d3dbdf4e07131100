#include "gatehouse/issuer/account_http.h"

#include <algorithm>
#include <utility>

#include "gatehouse/base/ascii.h"
#include "gatehouse/base/json.h"
#include "gatehouse/issuer/password_hash.h"

namespace gatehouse::issuer {
namespace {

constexpr std::size_t longest_label = 64;

bool is_json(const http::Request& request) {
  const auto type = request.header("Content-Type").value_or("");
  return equals_ignoring_case(trim(type.substr(0, type.find(';'))), "application/json");
}

}  // namespace

Result<AccountRequest> read_account_request(const http::Request& request, std::size_t most_octets) {
  if (!is_json(request)) return fail(Failure::malformed, "the body has to be application/json");
  thread_local json::Parser parser;
  GH_TRY(const json::Value root, parser.parse(request.body, {.octets = most_octets}));
  if (!root.is_object()) return fail(Failure::malformed, "the body has to be an object");
  const auto text = [&](std::string_view name) { return std::string(root.find_string(name).value_or("")); };
  AccountRequest body{.email = text("email"),
                      .password = text("password"),
                      .client_id = text("client_id"),
                      .refresh_token = text("refreshToken"),
                      .current = text("current"),
                      .fresh = text("new"),
                      .scope = text("scope"),
                      .device = text("device").substr(0, longest_label),
                      .token = text("token")};
  if (const auto all = root.find("all"); all && all->kind() == json::Kind::boolean) body.all = all->as_bool();
  if (std::max({body.email.size(), body.password.size(), body.current.size(), body.fresh.size()}) >
      longest_password)
    return fail(Failure::too_large, "email or password");
  return body;
}

http::Response to_account_response(const GrantedTokens& granted) {
  json::Writer writer;
  writer.begin_object().member("tokenType", "Bearer").member("accessToken", granted.access.text);
  writer.member("expiresIn",
                std::chrono::duration_cast<Seconds>(granted.access.expires - granted.now).count());
  writer.member("refreshToken", granted.refresh_token).end_object();
  return never_cached(http::results::ok(std::move(writer).take()));
}

http::Response to_account_response(const RefusedGrant& refusal) {
  if (refusal.trouble) return account_problem(*refusal.trouble);
  http::Response response = to_response(refusal.error);
  response.status = 401;
  return response;
}

http::Response account_bad_request(const Error& error) {
  return never_cached(http::results::problem(400, "Bad Request", error.subject));
}
http::Response account_problem(const Error& error) { return never_cached(http::results::problem(error)); }
http::Response account_unauthorized() { return never_cached(http::results::problem(401, "Unauthorized")); }

}  // namespace gatehouse::issuer
