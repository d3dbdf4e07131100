#include "tests/vectors/runner/attack_setup.h"

#include <mutex>
#include <stdexcept>

#include "gatehouse/jose/algorithm.h"
#include "gatehouse/jose/jws.h"

namespace gatehouse::vectors {
namespace {

using hosting::EndpointBuilder;

// The verifier has public parts only, and no `alg` that would help it.
Json as_published(Json jwk) {
  for (const char* member : {"d", "p", "q", "dp", "dq", "qi", "alg", "use"}) jwk.erase(member);
  return jwk;
}

void protect(EndpointBuilder endpoint, const std::string& access) {
  if (access == "anonymous" || access.starts_with("counts")) return;
  if (access == "authenticated")
    endpoint.require_authorization();
  else if (access.starts_with("role "))
    endpoint.require_role(access.substr(5));
  else if (access.starts_with("scope "))
    endpoint.require_scope(access.substr(6));
  else
    throw std::runtime_error("setup.json: unknown access " + access);
}

}  // namespace

AttackSetup::AttackSetup(Json setup) : setup_(std::move(setup)) {}

Instant AttackSetup::clock() const { return Instant(Seconds(setup_.at("clock").get<std::int64_t>())); }

tokens::TokenValidationParameters AttackSetup::parameters(const std::string& profile) const {
  const Json& said = setup_.at("profiles").at(profile);
  tokens::TokenValidationParameters parameters{.valid_issuer = setup_.at("issuer"),
                                               .valid_audience = setup_.at("audience"),
                                               .clock_skew = Seconds(setup_.at("clock_skew_s").get<int>())};
  for (const std::string kid : said.at("keys"))
    parameters.issuer_signing_keys.push_back(
        jose::Key::from_jwk(as_published(setup_.at("keys").at(kid)).dump()).value());
  if (said.contains("decryption_keys"))
    for (const std::string kid : said.at("decryption_keys"))
      parameters.token_decryption_keys.push_back(
          jose::Key::from_jwk(setup_.at("keys").at(kid).dump()).value());
  if (said.contains("algorithms") && said.at("algorithms").is_array())
    for (const std::string name : said.at("algorithms"))
      if (jose::parse_algorithm(name)) parameters.valid_algorithms.push_back(name);
  if (said.contains("types")) {
    parameters.valid_types = said.at("types");
    parameters.require_type = true;
  }
  return parameters;
}

jose::Key AttackSetup::signing_key(const std::string& kid) const {
  return jose::Key::from_jwk(setup_.at("keys").at(kid).dump()).value();
}

std::string AttackSetup::token_of(std::string_view user) const {
  const Json payload = {{"iss", setup_.at("issuer")},
                        {"aud", setup_.at("audience")},
                        {"sub", std::string(user)},
                        {"iat", 1767225600},
                        {"nbf", 1767225600},
                        {"exp", 4102444800},
                        {"jti", "corpus"},
                        {"scope", "read"}};
  return jose::sign_compact(payload.dump(), signing_key("rsa-1"), jose::Algorithm::RS256).value();
}

std::string AttackSetup::fill_in(std::string text) const {
  constexpr std::string_view open = "@@TOKEN:";
  for (std::size_t at = text.find(open); at != text.npos; at = text.find(open, at)) {
    const std::size_t end = text.find("@@", at + open.size());
    const std::string token = token_of(text.substr(at + open.size(), end - at - open.size()));
    text.replace(at, end + 2 - at, token);
    at += token.size();
  }
  return text;
}

struct ProfileHost::Notes {
  std::mutex mutex;
  std::vector<std::string> log;
  std::vector<std::string> hits;
};

ProfileHost::ProfileHost(const AttackSetup& setup, const std::string& profile)
    : notes_(std::make_shared<Notes>()),
      validator_(tokens::TokenValidator::make(setup.parameters(profile)).value()) {
  clock_->set(setup.clock());
  hosting::WebApplicationBuilder builder("corpus");
  builder.use_clock(clock_);
  builder.use_log_sink([notes = notes_](diagnostics::Level, std::string_view line) {
    const std::lock_guard lock(notes->mutex);
    notes->log.emplace_back(line);
  });
  builder.services.add_authentication("Bearer").add_jwt_bearer(
      [&](authentication::JwtBearerOptions& options) {
        options.token_validation_parameters = setup.parameters(profile);
        options.error_details = authentication::ErrorDetails::values;  // the level that has most to hide
      });
  builder.services.add_authorization();
  app_.emplace(builder.build());
  app_->use_authentication();
  app_->use_authorization();
  for (const Json& route : setup.routes()) map(route.at("path"), route.at("access"));
  server_.emplace(*app_);
}

void ProfileHost::map(const std::string& path, const std::string& access) {
  const auto answer = [notes = notes_, path] {
    const std::lock_guard lock(notes->mutex);
    notes->hits.push_back(path);
    return http::results::ok("{}");
  };
  protect(app_->map_get(path, answer), access);
  protect(app_->map_post(path, answer), access);
}

std::vector<std::string> ProfileHost::take_log() {
  const std::lock_guard lock(notes_->mutex);
  return std::exchange(notes_->log, {});
}

std::vector<std::string> ProfileHost::take_hits() {
  const std::lock_guard lock(notes_->mutex);
  return std::exchange(notes_->hits, {});
}

ProfileHost& AttackHosts::of(const std::string& profile) {
  auto& host = hosts_[profile];
  if (!host) host = std::make_unique<ProfileHost>(setup, profile);
  return *host;
}

}  // namespace gatehouse::vectors
