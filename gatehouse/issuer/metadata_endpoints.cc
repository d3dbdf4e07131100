#include "gatehouse/issuer/metadata_endpoints.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "gatehouse/base/ascii.h"
#include "gatehouse/base/base64url.h"
#include "gatehouse/base/digest.h"
#include "gatehouse/base/json.h"

namespace gatehouse::issuer {
namespace {

constexpr std::ptrdiff_t most_scopes = 200;

void write_list(json::Writer& writer, std::string_view name, const std::vector<std::string>& values) {
  writer.name(name).begin_array();
  for (const std::string& value : values) writer.value(value);
  writer.end_array();
}

// `If-None-Match` compares weakly (RFC 9110 §13.1.2).
bool names_tag(std::string_view header, std::string_view tag) {
  while (!header.empty()) {
    std::string_view item = take_item(header);
    if (item.starts_with("W/")) item.remove_prefix(2);
    if (item == tag || item == "*") return true;
  }
  return false;
}

http::Response answer(const http::Request& request, std::string body, Seconds max_age) {
  const std::string tag = fmt::format("\"{}\"", base64url::encode(sha256(body).substr(0, 12)));
  const bool is_known = names_tag(request.header("If-None-Match").value_or(""), tag);
  http::Response response = is_known ? http::results::status(304) : http::results::ok(std::move(body));
  response.headers.set("ETag", tag);
  response.headers.set(
      "Cache-Control",
      fmt::format("public, max-age={}, stale-while-revalidate=3600, stale-if-error=86400", max_age.count()));
  response.headers.set("Access-Control-Allow-Origin", "*");
  response.headers.set("Access-Control-Expose-Headers", "ETag");
  return response;
}

Task<http::Response> answer_metadata(IssuerMetadata metadata, const KeyRing& keys, ClientCatalog& catalog,
                                     http::HttpContext& context) {
  const auto clients = co_await catalog.read();
  metadata.scopes.assign(clients->scopes.begin(),
                         clients->scopes.begin() + std::min(std::ssize(clients->scopes), most_scopes));
  co_return answer(context.request, write_metadata(metadata, keys), keys.published()->max_age);
}

}  // namespace

std::string write_metadata(const IssuerMetadata& metadata, const KeyRing& keys) {
  const std::string& issuer = metadata.issuer;
  json::Writer writer;
  writer.begin_object().member("issuer", issuer);
  writer.member("jwks_uri", issuer + "/.well-known/jwks.json");
  writer.member("token_endpoint", issuer + "/connect/token");
  writer.member("revocation_endpoint", issuer + "/connect/revoke");
  writer.member("introspection_endpoint", issuer + "/connect/introspect");
  write_list(writer, "grant_types_supported", metadata.grants);
  write_list(writer, "response_types_supported", {});
  const std::vector<std::string> methods = {"client_secret_basic", "client_secret_post", "private_key_jwt"};
  auto token_methods = methods;
  token_methods.emplace_back("none");
  write_list(writer, "token_endpoint_auth_methods_supported", token_methods);
  write_list(writer, "revocation_endpoint_auth_methods_supported", token_methods);
  write_list(writer, "introspection_endpoint_auth_methods_supported", methods);
  write_list(writer, "token_endpoint_auth_signing_alg_values_supported",
             {"ES256", "RS256", "PS256", "EdDSA"});
  if (!metadata.scopes.empty()) write_list(writer, "scopes_supported", metadata.scopes);
  std::vector<std::string> algorithms;
  for (const jose::Algorithm algorithm : keys.options().algorithms)
    algorithms.emplace_back(jose::name(algorithm));
  write_list(writer, "id_token_signing_alg_values_supported", algorithms);
  write_list(writer, "subject_types_supported", {"public"});
  writer.member("authorization_response_iss_parameter_supported", false);
  if (metadata.has_deny_feed) writer.member("gatehouse_deny_feed", issuer + "/feeds/deny");
  return std::move(writer.end_object()).take();
}

std::string authorization_server_metadata_path(const std::string& issuer) {
  const std::size_t host = issuer.find("://") + 3;
  const std::size_t path = issuer.find('/', host);
  return "/.well-known/oauth-authorization-server" + (path == std::string::npos ? "" : issuer.substr(path));
}

http::Handler make_metadata_endpoint(IssuerMetadata metadata, const KeyRing& keys, ClientCatalog& catalog) {
  return [metadata = std::move(metadata), &keys, &catalog](http::HttpContext& context) {
    return answer_metadata(metadata, keys, catalog, context);
  };
}

http::Handler make_key_set_endpoint(const KeyRing& keys) {
  return http::make_handler([&keys](http::HttpContext& context) {
    const auto published = keys.published();
    return answer(context.request, published->jwks, published->max_age);
  });
}

}  // namespace gatehouse::issuer
