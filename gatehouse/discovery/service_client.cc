#include "gatehouse/discovery/service_client.h"

#include <fmt/format.h>

#include <utility>

#include "gatehouse/base/ascii.h"
#include "gatehouse/base/base64url.h"
#include "gatehouse/base/json.h"

namespace gatehouse::discovery {
namespace {

constexpr std::size_t longest_shown = 64;

Result<Url> endpoint(const ServiceClientOptions& options, const std::string& named, std::string_view usual) {
  const std::string text = named.empty() ? options.issuer + std::string(usual) : named;
  auto url = Url::parse(text);
  if (!url) return fail(Failure::configuration_invalid, fmt::format("issuer: '{}' is no URL", text));
  if (options.require_https && !url->is_https())
    return fail(
        Failure::configuration_invalid,
        fmt::format("issuer: {} is not https: whoever carries it learns the client's secret; use https, or "
                    "switch require_https off in Development",
                    text));
  return url;
}

// An error code of RFC 6749 §5.2; anything else that a server says is not repeated.
std::string error_of(const DocumentResponse& response) {
  json::Parser parser;
  const auto body = parser.parse(response.body);
  const auto code = body && body->is_object() ? body->find_string("error") : std::nullopt;
  const bool is_word = code && code->size() <= longest_shown &&
                       code->find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == std::string_view::npos;
  return is_word ? std::string(*code) : fmt::format("status {}", response.status);
}

}  // namespace

Result<std::shared_ptr<ServiceClient>> ServiceClient::make(ServiceClientOptions options,
                                                           std::shared_ptr<Backchannel> backchannel,
                                                           const Clock& clock) {
  if (options.client_id.empty() || options.client_secret.empty())
    return fail(Failure::configuration_invalid,
                "client_id and client_secret are needed: the server gives both");
  GH_TRY(Url token, endpoint(options, options.token_endpoint, "/connect/token"));
  GH_TRY(Url introspection, endpoint(options, options.introspection_endpoint, "/connect/introspect"));
  return std::shared_ptr<ServiceClient>(new ServiceClient(
      std::move(options), std::move(token), std::move(introspection), std::move(backchannel), clock));
}

// The body of a 200. Both are encoded before they are joined (RFC 6749 §2.3.1, Appendix B).
Task<Result<std::string>> ServiceClient::post(Url to, std::string form) const {
  const std::string proof = fmt::format("{}:{}", percent_encode(options_.client_id),
                                        percent_encode(options_.client_secret.reveal()));
  DocumentRequest request{.url = std::move(to),
                          .authorization = "Basic " + base64url::encode_padded(proof),
                          .form = std::move(form)};
  auto response = co_await backchannel_->fetch(std::move(request));
  if (!response) co_return std::unexpected(std::move(response).error());
  if (response->status == 200) co_return std::move(response->body);
  const bool is_trouble = response->status >= 500 || response->status == 429;
  co_return fail(is_trouble ? Failure::unavailable : Failure::credentials_invalid, error_of(*response));
}

Task<Result<std::string>> ServiceClient::authorization() {
  {
    const std::lock_guard lock(mutex_);
    if (clock_.now() < renew_) co_return authorization_;
  }
  std::string form = "grant_type=client_credentials";
  if (!options_.scope.empty()) form += "&scope=" + percent_encode(options_.scope);
  if (!options_.resource.empty()) form += "&resource=" + percent_encode(options_.resource);
  GH_CO_TRY(const std::string body, co_await post(token_endpoint_, std::move(form)));
  json::Parser parser;
  const auto root = parser.parse(body);
  const auto token = root && root->is_object() ? root->find_string("access_token") : std::nullopt;
  const auto life = token ? root->find("expires_in") : std::nullopt;
  if (!token || !life || life->kind() != json::Kind::integer)
    co_return fail(Failure::unavailable, "the answer has no access_token or no expires_in");
  std::string authorization = "Bearer " + std::string(*token);
  const std::lock_guard lock(mutex_);
  authorization_ = authorization;
  renew_ = clock_.now() + Seconds(life->as_integer()) - options_.early;
  co_return authorization;
}

Task<Result<bool>> ServiceClient::introspect(std::string token) {
  GH_CO_TRY(const std::string body, co_await post(introspection_endpoint_, "token=" + percent_encode(token)));
  json::Parser parser;
  const auto root = parser.parse(body);
  const auto active = root && root->is_object() ? root->find("active") : std::nullopt;
  if (!active || active->kind() != json::Kind::boolean)
    co_return fail(Failure::unavailable, "the answer does not say whether it is active");
  co_return active->as_bool();
}

}  // namespace gatehouse::discovery
