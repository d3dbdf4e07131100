#include "tests/golden/runner/golden_options.h"

#include <fstream>
#include <functional>
#include <memory>
#include <set>
#include <stdexcept>

#include "gatehouse/base/base64url.h"

namespace gatehouse::golden {
namespace {

using authentication::ErrorDetails;
using authentication::JwtBearerOptions;
using tokens::TokenValidationParameters;

[[noreturn]] void unknown(const std::string& what) {
  throw std::runtime_error("the corpus names an unknown " + what);
}

std::string text_of(const Json& value) { return value.is_null() ? std::string() : value.get<std::string>(); }

std::vector<std::string> list_of(const Json& value) {
  return value.is_null() ? std::vector<std::string>() : value.get<std::vector<std::string>>();
}

std::vector<std::string> split_by_comma(const std::string& text) {
  std::vector<std::string> parts;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t comma = std::min(text.find(',', at), text.size());
    const std::size_t first = text.find_first_not_of(' ', at);
    const std::size_t last = text.find_last_not_of(' ', comma == 0 ? 0 : comma - 1);
    parts.push_back(first < comma && last != text.npos ? text.substr(first, last - first + 1) : "");
    at = comma + 1;
  }
  return parts;
}

// Remembers tokens by their text, as the corpus' own cache does.
class MemoryReplayCache final : public tokens::TokenReplayCache {
 public:
  bool add(std::string_view token, Instant, Instant) override { return seen_.emplace(token).second; }
  bool contains(std::string_view token, Instant) const override { return seen_.contains(token); }

 private:
  std::set<std::string, std::less<>> seen_;
};

void set_parameter(TokenValidationParameters& to, const std::string& name, const Json& value) {
  static const std::map<std::string, std::function<void(TokenValidationParameters&, const Json&)>> setters = {
      {"ValidIssuer", [](auto& p, const Json& v) { p.valid_issuer = text_of(v); }},
      {"ValidIssuers", [](auto& p, const Json& v) { p.valid_issuers = list_of(v); }},
      {"ValidAudience", [](auto& p, const Json& v) { p.valid_audience = text_of(v); }},
      {"ValidAudiences", [](auto& p, const Json& v) { p.valid_audiences = list_of(v); }},
      {"ValidTypes", [](auto& p, const Json& v) { p.valid_types = list_of(v); }},
      {"ValidAlgorithms", [](auto& p, const Json& v) { p.valid_algorithms = list_of(v); }},
      {"ValidateIssuer", [](auto& p, const Json& v) { p.validate_issuer = v; }},
      {"ValidateAudience", [](auto& p, const Json& v) { p.validate_audience = v; }},
      {"RequireAudience", [](auto& p, const Json& v) { p.require_audience = v; }},
      {"IgnoreTrailingSlashWhenValidatingAudience",
       [](auto& p, const Json& v) { p.ignore_trailing_slash_when_validating_audience = v; }},
      {"ValidateLifetime", [](auto& p, const Json& v) { p.validate_lifetime = v; }},
      {"RequireExpirationTime", [](auto& p, const Json& v) { p.require_expiration_time = v; }},
      {"ClockSkewSeconds",
       [](auto& p, const Json& v) {
         p.clock_skew = std::chrono::milliseconds(static_cast<std::int64_t>(v.template get<double>() * 1000));
       }},
      {"RequireSignedTokens", [](auto& p, const Json& v) { p.require_signed_tokens = v; }},
      {"TryAllIssuerSigningKeys", [](auto& p, const Json& v) { p.try_all_issuer_signing_keys = v; }},
      {"TryAllDecryptionKeys", [](auto& p, const Json& v) { p.try_all_token_decryption_keys = v; }},
      {"ValidateIssuerSigningKey", [](auto& p, const Json& v) { p.validate_issuer_signing_key = v; }},
      {"ValidateActor", [](auto& p, const Json& v) { p.validate_actor = v; }},
      {"ValidateTokenReplay", [](auto& p, const Json& v) { p.validate_token_replay = v; }},
      {"TokenReplayCache",
       [](auto& p, const Json& v) {
         if (!v.is_null()) p.token_replay_cache = std::make_shared<MemoryReplayCache>();
       }},
      {"NameClaimType", [](auto& p, const Json& v) { p.name_claim_types = {text_of(v)}; }},
      {"RoleClaimType", [](auto& p, const Json& v) { p.role_claim_types = {text_of(v)}; }},
      {"AuthenticationType", [](auto& p, const Json& v) { p.authentication_type = text_of(v); }},
      {"SaveSigninToken", [](auto& p, const Json& v) { p.save_signin_token = v; }},
      {"IncludeTokenOnFailedValidation", [](auto&, const Json&) {}},  // it changes what an exception carries
  };
  const auto setter = setters.find(name);
  if (setter == setters.end()) unknown("parameter " + name);
  setter->second(to, value);
}

void set_bearer(JwtBearerOptions& to, const std::string& name, const Json& value) {
  static const std::map<std::string, std::function<void(JwtBearerOptions&, const Json&)>> setters = {
      {"MapInboundClaims",
       [](auto& o, const Json& v) { o.token_validation_parameters.map_inbound_claims = v; }},
      {"SaveToken", [](auto& o, const Json& v) { o.save_token = v; }},
      {"IncludeErrorDetails",
       [](auto& o, const Json& v) { o.error_details = v ? ErrorDetails::values : ErrorDetails::none; }},
      {"Challenge", [](auto& o, const Json& v) { o.challenge = text_of(v); }},
      {"Audience", [](auto& o, const Json& v) { o.audience = text_of(v); }},
      {"Authority", [](auto& o, const Json& v) { o.authority = text_of(v); }},
      {"MetadataAddress", [](auto& o, const Json& v) { o.authority_options.metadata_address = text_of(v); }},
      {"RequireHttpsMetadata",
       [](auto& o, const Json& v) { o.authority_options.require_https_metadata = v; }},
      {"RefreshOnIssuerKeyNotFound", [](auto&, const Json&) {}},  // changes nothing in the original either
      {"ForwardDefault", [](auto& o, const Json& v) { o.forwarding.forward_default = text_of(v); }},
      {"ForwardAuthenticate", [](auto& o, const Json& v) { o.forwarding.forward_authenticate = text_of(v); }},
      {"ForwardChallenge", [](auto& o, const Json& v) { o.forwarding.forward_challenge = text_of(v); }},
      {"ForwardForbid", [](auto& o, const Json& v) { o.forwarding.forward_forbid = text_of(v); }},
  };
  const auto setter = setters.find(name);
  if (setter == setters.end()) unknown("bearer option " + name);
  setter->second(to, value);
}

}  // namespace

KeyRing KeyRing::read(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot read " + path);
  KeyRing ring;
  const Json document = Json::parse(file);
  for (const auto& [name, jwk] : document.at("keys").items()) ring.keys_[name] = jwk;
  return ring;
}

jose::Key KeyRing::verifying(const Json& entry) const { return make(entry, false); }
jose::Key KeyRing::decrypting(const Json& entry) const { return make(entry, true); }

jose::Key KeyRing::make(const Json& entry, bool is_private) const {
  const std::string name = entry.is_string() ? entry.get<std::string>() : entry.at("key").get<std::string>();
  const std::string form = entry.is_object() && entry.contains("as") ? entry.at("as").get<std::string>() : "";
  Json jwk = keys_.at(name);
  if (form == "x509") {
    std::string url = jwk.at("x5c").at(0);
    for (char& c : url) c = c == '+' ? '-' : c == '/' ? '_' : c;
    while (url.ends_with('=')) url.pop_back();
    return jose::Key::from_certificate(*base64url::decode(url)).value();
  }
  for (const char* member : {"kid", "x5c", "x5t", "x5t#S256", "thumbprint_hex"}) jwk.erase(member);
  if (!is_private)
    for (const char* member : {"d", "p", "q", "dp", "dq", "qi"}) jwk.erase(member);
  auto key = jose::Key::from_jwk(jwk.dump()).value();
  const bool has_kid = entry.is_object() && entry.contains("kid") && !entry.at("kid").is_null();
  return has_kid ? key.with_kid(entry.at("kid")) : key;
}

JwtBearerOptions read_options(const Json& options, const KeyRing& keys) {
  JwtBearerOptions read = JwtBearerOptions::aspnet_core();
  TokenValidationParameters& parameters = read.token_validation_parameters;
  const auto each = [&](const char* section, const auto& set) {
    if (options.contains(section))
      for (const auto& [name, value] : options.at(section).items()) set(name, value);
  };
  each("parameters", [&](const auto& name, const Json& value) { set_parameter(parameters, name, value); });
  each("bearer", [&](const auto& name, const Json& value) { set_bearer(read, name, value); });
  if (options.contains("single_key"))
    parameters.issuer_signing_key = keys.verifying(options.at("single_key"));
  if (options.contains("keys"))
    for (const Json& entry : options.at("keys"))
      parameters.issuer_signing_keys.push_back(keys.verifying(entry));
  if (options.contains("single_decryption_key"))
    parameters.token_decryption_key = keys.decrypting(options.at("single_decryption_key"));
  if (options.contains("decryption_keys"))
    for (const Json& entry : options.at("decryption_keys"))
      parameters.token_decryption_keys.push_back(keys.decrypting(entry));
  if (options.contains("handler"))
    parameters.maximum_token_size = options.at("handler").at("MaximumTokenSizeInBytes");
  return read;
}

namespace {

// A requirement of the corpus that nobody handles.
class Unhandled final : public authorization::CustomRequirement {
 public:
  std::string describe() const override { return "a requirement nobody handles"; }
};

}  // namespace

authorization::AuthorizationPolicy read_policy(const Json& policy, std::string name) {
  authorization::PolicyBuilder builder;
  for (const Json& requirement : policy.at("requirements")) {
    if (requirement.contains("authenticated"))
      builder.require_authenticated_user();
    else if (requirement.contains("roles"))
      builder.require_roles(requirement.at("roles").get<std::vector<std::string>>());
    else if (requirement.contains("claim"))
      builder.require_claim(requirement.at("claim"), requirement.contains("values")
                                                         ? list_of(requirement.at("values"))
                                                         : std::vector<std::string>());
    else if (requirement.contains("name"))
      builder.require_user_name(requirement.at("name"));
    else if (requirement.contains("unhandled"))
      builder.add_requirement(std::make_shared<const Unhandled>());
    else
      unknown("requirement " + requirement.dump());
  }
  if (policy.contains("schemes"))
    for (const Json& scheme : policy.at("schemes")) builder.add_authentication_scheme(scheme);
  auto built = builder.build();
  built.name = std::move(name);
  return built;
}

authorization::AuthorizeData read_statement(const Json& statement) {
  authorization::AuthorizeData data;
  if (statement.contains("policy")) data.policy = text_of(statement.at("policy"));
  if (statement.contains("roles")) data.roles = split_by_comma(text_of(statement.at("roles")));
  if (statement.contains("schemes")) data.schemes = split_by_comma(text_of(statement.at("schemes")));
  return data;
}

}  // namespace gatehouse::golden
