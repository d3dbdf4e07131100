#include "gatehouse/issuer/client_authentication.h"

#include <algorithm>
#include <utility>

#include "gatehouse/base/ascii.h"
#include "gatehouse/base/base64url.h"
#include "gatehouse/base/digest.h"
#include "gatehouse/base/random.h"
#include "gatehouse/base/secret.h"
#include "gatehouse/jose/jws.h"
#include "gatehouse/jose/key_set.h"
#include "gatehouse/tokens/claim_set.h"
#include "gatehouse/tokens/validate.h"

namespace gatehouse::issuer {
namespace {

using Method = ClientCredentials::Method;

constexpr std::string_view assertion_type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

std::unexpected<OAuthError> refuse(OAuthErrorCode code, std::string description = {},
                                   bool has_tried_basic = false) {
  return std::unexpected(
      OAuthError{.code = code, .description = std::move(description), .has_tried_basic = has_tried_basic});
}

// base64 with padding (RFC 7617 §2), by the decoder for its sibling: each has two characters of its own.
std::optional<std::string> decode_base64(std::string_view text) {
  if (text.size() % 4 != 0 || text.find_first_of("-_") != text.npos) return std::nullopt;
  std::string translated(text.substr(0, text.find_last_not_of('=') + 1));
  if (text.size() - translated.size() > 2) return std::nullopt;
  std::ranges::replace(translated, '+', '-');
  std::ranges::replace(translated, '/', '_');
  return base64url::decode(translated);
}

// Id and secret are form-encoded within the header (RFC 6749 §2.3.1).
std::optional<ClientCredentials> read_basic(std::string_view credentials) {
  const auto decoded = decode_base64(trim(credentials, " "));
  const std::size_t colon = decoded ? decoded->find(':') : std::string::npos;
  if (colon == std::string::npos) return std::nullopt;
  auto id = http::decode_component(std::string_view(*decoded).substr(0, colon));
  auto secret = http::decode_component(std::string_view(*decoded).substr(colon + 1));
  if (!id || !secret || id->empty()) return std::nullopt;
  return ClientCredentials{.method = Method::client_secret_basic,
                           .id = *std::move(id),
                           .secret = *std::move(secret),
                           .assertion = {}};
}

// `iss` of an assertion that nobody has verified: where to look for the key that will.
std::string issuer_of(std::string_view assertion) {
  const auto jws = jose::parse_jws(assertion);
  const auto payload = jws ? base64url::decode(jws->payload) : std::nullopt;
  const auto claims = payload ? tokens::ClaimSet::parse(*payload, {}) : fail(Failure::malformed);
  return claims ? std::string(claims->issuer().value_or("")) : std::string();
}

}  // namespace

std::expected<ClientCredentials, OAuthError> read_client_credentials(const http::Request& request,
                                                                     const http::Form& form) {
  const std::string_view header = request.header("Authorization").value_or("");
  constexpr std::string_view basic = "Basic ";
  const bool has_basic = equals_ignoring_case(header.substr(0, basic.size()), basic);
  const bool has_secret = !form["client_secret"].empty();
  const bool has_assertion = !form["client_assertion"].empty() || !form["client_assertion_type"].empty();
  if (has_basic + has_secret + has_assertion > 1)
    return refuse(OAuthErrorCode::invalid_request,
                  "a client authenticates in one way (RFC 6749 section 2.3)");

  const std::string_view id = form["client_id"];
  if (has_basic) {
    auto read = read_basic(header.substr(basic.size()));
    if (!read || (!id.empty() && id != read->id)) return refuse(OAuthErrorCode::invalid_client, {}, true);
    return *std::move(read);
  }
  ClientCredentials credentials{.id = std::string(id)};
  if (has_secret) {
    credentials.method = Method::client_secret_post;
    credentials.secret = form["client_secret"];
  } else if (has_assertion) {
    if (form["client_assertion_type"] != assertion_type) return refuse(OAuthErrorCode::invalid_client);
    credentials.method = Method::private_key_jwt;
    credentials.assertion = form["client_assertion"];
    const std::string issuer = issuer_of(credentials.assertion);
    if (!id.empty() && id != issuer) return refuse(OAuthErrorCode::invalid_client);
    credentials.id = issuer;
  }
  if (credentials.id.empty()) return refuse(OAuthErrorCode::invalid_client);
  return credentials;
}

bool verify_client_secret(const stores::Client* client, std::string_view secret, Instant now) {
  const std::string hash = base64url::encode(sha256(secret));
  bool is_known = false;
  if (client)
    for (const stores::ClientSecret& one : client->secrets)
      is_known |= equal_in_constant_time(one.hash, hash) && (!one.expires || now < *one.expires);
  return is_known;
}

NewClientSecret make_client_secret(Instant now, std::optional<Instant> expires) {
  std::string text = "gcs_" + random_text(32);
  std::string hash = base64url::encode(sha256(text));
  return {.text = std::move(text), .stored = {.hash = std::move(hash), .created = now, .expires = expires}};
}

bool ClientAuthenticator::is_assertion_of(const stores::Client& client, const std::string& assertion) const {
  const auto set = jose::KeySet::parse(client.keys);
  if (!set) return false;
  const auto validator = tokens::TokenValidator::make({.valid_issuer = client.id,
                                                       .valid_audiences = rules_.audiences,
                                                       .issuer_signing_keys = set->keys(),
                                                       .clock_skew = rules_.clock_skew,
                                                       .valid_types = {"JWT", "client-authentication+jwt"},
                                                       .required_claims = {"sub", "jti"}});
  const Instant now = clock_.now();
  const auto token = validator ? validator->validate(assertion, now) : std::unexpected(validator.error());
  if (!token || token->claims.subject() != client.id) return false;
  // One that names other audiences besides could have been meant for them.
  if (token->claims.audiences().size() != 1) return false;
  const auto expires = token->claims.expires();
  if (!expires || *expires > now + rules_.longest_life + rules_.clock_skew) return false;
  const std::string once = client.id + '\n' + std::string(token->claims.id().value_or(""));
  return used_.add(once, *expires + rules_.clock_skew, now);
}

bool ClientAuthenticator::proves(const stores::Client* client, const ClientCredentials& credentials) const {
  switch (credentials.method) {
    case Method::none:
      return client && is_public(*client);
    case Method::client_secret_basic:
    case Method::client_secret_post:
      return verify_client_secret(client, credentials.secret, clock_.now());
    case Method::private_key_jwt:
      return client && !client->keys.empty() && is_assertion_of(*client, credentials.assertion);
  }
  return false;
}

Task<std::expected<stores::Client, http::Response>> ClientAuthenticator::authenticate(
    const http::Request& request, const http::Form& form) {
  auto credentials = read_client_credentials(request, form);
  if (!credentials) co_return std::unexpected(to_response(credentials.error()));
  if (const auto admitted = throttle_.admit(request, credentials->id); !admitted)
    co_return std::unexpected(to_oauth_response(admitted.error()));
  auto client = co_await clients_.find(credentials->id);
  if (!client && client.error().kind != Failure::not_found)
    co_return std::unexpected(to_oauth_response(client.error()));
  const bool is_proven = proves(client ? &*client : nullptr, *credentials);
  wipe(credentials->secret);
  if (client && !client->is_disabled && is_proven) co_return *std::move(client);
  throttle_.failed(request, credentials->id);
  co_return std::unexpected(
      to_response({.code = OAuthErrorCode::invalid_client,
                   .description = {},
                   .reason = {},
                   .has_tried_basic = credentials->method == Method::client_secret_basic}));
}

Task<std::expected<ClientRequest, http::Response>> ClientAuthenticator::authenticate(
    const http::Request& request) {
  auto form = http::Form::read(request);
  if (!form)
    co_return std::unexpected(
        to_response({.code = OAuthErrorCode::invalid_request, .description = form.error().subject}));
  auto client = co_await authenticate(request, *form);
  if (!client) co_return std::unexpected(std::move(client).error());
  co_return ClientRequest{.form = *std::move(form), .client = *std::move(client)};
}

}  // namespace gatehouse::issuer
