#include "gatehouse/issuer/external_login.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "gatehouse/base/ascii.h"
#include "gatehouse/base/json.h"
#include "gatehouse/discovery/issuers.h"
#include "gatehouse/issuer/claim_values.h"
#include "gatehouse/issuer/scope.h"

namespace gatehouse::issuer {
namespace {

using tokens::ClaimSet;

constexpr Seconds clock_skew{60};
constexpr std::size_t longest_subject = 255;  // OpenID Connect Core §2
constexpr std::size_t longest_email = 254;    // RFC 5321 §4.5.3
constexpr std::size_t most_methods = 10;

bool is_id_token(const ExternalIssuer& issuer) { return issuer.kind == ExternalTokenKind::id_token; }

// An access token that its issuer marks as one is no ID token, whatever else it says (RFC 9068 §6).
Result<void> check_type(const ExternalIssuer& issuer, const tokens::Token& token) {
  const std::string type = token.header ? to_lower(token.header->typ) : std::string();
  const bool is_access_token = type == "at+jwt" || type == "application/at+jwt";
  return is_access_token && is_id_token(issuer) ? fail(Failure::type_invalid, type) : Result<void>();
}

// For whom it was made, and at whose request: a token that another client there was given must not let that
// client in here.
Result<void> check_parties(const ExternalIssuer& issuer, const ClaimSet& claims) {
  const auto audiences = claims.audiences();
  if (std::ranges::find(audiences, issuer.audience) == audiences.end())
    return fail(Failure::audience_invalid, audiences.empty() ? "(none)" : std::string(audiences.front()));
  bool is_named = false;
  for (const char* name : {"azp", "client_id"}) {
    const auto party = claims.find_string(name);
    if (!party) continue;
    is_named = true;
    const bool is_ours = is_id_token(issuer) && *party == issuer.audience;
    if (!is_ours && !has_name(issuer.authorized_parties, *party))
      return fail(Failure::refused, std::string(*party));
  }
  const bool has_to_be_named = !is_id_token(issuer) || audiences.size() > 1;
  return is_named || !has_to_be_named ? Result<void>() : fail(Failure::claim_missing, "azp");
}

Result<Instant> check_age(const ExternalIssuer& issuer, const ClaimSet& claims, Instant now) {
  const auto made = claims.issued_at();
  if (!made) return fail(Failure::claim_missing, "iat");
  if (*made > now + clock_skew) return fail(Failure::not_yet_valid, format_instant(*made));
  if (*made < now - issuer.max_age - clock_skew) return fail(Failure::expired, format_instant(*made));
  return std::min(*made, now);
}

// Some issuers write the truth value as a string.
bool is_true(const ClaimSet& claims, std::string_view name) {
  const auto* claim = claims.find(name);
  return claim && (claim->kind == json::Kind::boolean || claim->kind == json::Kind::string) &&
         claim->text == "true";
}

std::string verified_email(const ExternalIssuer& issuer, const ClaimSet& claims) {
  std::string email = claim_text(claims, "email");
  if (!is_true(claims, "email_verified") || email.size() > longest_email) return {};
  const std::size_t at = email.find('@');
  if (at == 0 || at == std::string::npos || email.find('@', at + 1) != std::string::npos) return {};
  const std::string domain = to_lower(std::string_view(email).substr(at + 1));
  const bool is_theirs = std::ranges::any_of(
      issuer.email_domains, [&](const std::string& theirs) { return to_lower(theirs) == domain; });
  return is_theirs ? email : std::string();
}

std::string methods_of(const ClaimSet& claims) {
  const auto* claim = claims.find("amr");
  std::vector<std::string> methods;
  if (claim)
    for (const auto& element : claims.elements(*claim))
      if (methods.size() < most_methods && read_scope(element.text) == std::vector{element.text})
        methods.push_back(element.text);
  return write_scope(methods);
}

Instant authenticated_at(const ClaimSet& claims, Instant made) {
  const auto seconds = auth_time_of(claims);
  return !seconds || *seconds < 0 || *seconds > to_unix_seconds(made) ? made : Instant(Seconds(*seconds));
}

Result<void> wrong(const ExternalIssuer& issuer, std::string_view sentence) {
  return fail(Failure::configuration_invalid, fmt::format("external issuer '{}': {}", issuer.name, sentence));
}

discovery::IssuerOptions options_of(const ExternalIssuer& issuer) {
  discovery::IssuerOptions options{
      .parameters = {.valid_audience = issuer.audience,
                     .clock_skew = clock_skew,
                     .valid_types = is_id_token(issuer) ? std::vector<std::string>{"JWT"}
                                                        : std::vector<std::string>{"JWT", "at+jwt"},
                     .required_claims = {"sub", "iat"}},
      .authority = issuer.authority};
  options.parameters.valid_issuer = issuer.issuer();
  return options;
}

}  // namespace

Result<void> check(const ExternalIssuer& issuer) {
  if (issuer.name.empty()) return wrong(issuer, "'name' is empty");
  if (issuer.issuer().empty()) return wrong(issuer, "'authority' is empty; name the URL of the issuer");
  if (tokens::is_issuer_template(issuer.issuer()))
    return wrong(issuer, "an issuer of many tenants is not one whose users are known");
  if (issuer.audience.empty())
    return wrong(issuer, "'audience' is empty; name the client id that you have there");
  if (!is_id_token(issuer) && issuer.authorized_parties.empty())
    return wrong(
        issuer, "'authorized_parties' is empty; name the clients there whose access tokens are a login here");
  if (issuer.creates_users && issuer.email_domains.empty())
    return wrong(issuer, "'creates_users' takes 'email_domains'");
  if (issuer.max_age < Seconds(1) || issuer.max_age > Seconds(3600))
    return wrong(issuer, "'max_age' has to be from 1 s to 3600 s");
  return {};
}

Result<ExternalIdentity> read_external_identity(const ExternalIssuer& issuer, const tokens::Token& token,
                                                Instant now) {
  const ClaimSet& claims = token.claims;
  GH_CHECK(check_type(issuer, token));
  GH_CHECK(check_parties(issuer, claims));
  GH_TRY(const Instant made, check_age(issuer, claims, now));
  ExternalIdentity identity{.issuer = issuer.issuer(),
                            .subject = std::string(claims.subject().value_or("")),
                            .email = verified_email(issuer, claims),
                            .nonce = is_id_token(issuer) ? claim_text(claims, "nonce") : std::string(),
                            .amr = methods_of(claims),
                            .authenticated = authenticated_at(claims, made)};
  if (identity.subject.empty() || identity.subject.size() > longest_subject)
    return fail(Failure::claim_missing, "sub");
  if (is_id_token(issuer) && identity.nonce.empty()) return fail(Failure::claim_missing, "nonce");
  return identity;
}

Result<ExternalValidator> make_external_validator(const std::vector<ExternalIssuer>& issuers,
                                                  std::shared_ptr<discovery::Backchannel> backchannel,
                                                  std::shared_ptr<const Clock> clock) {
  discovery::IssuersOptions options{.backchannel = std::move(backchannel), .clock = clock};
  for (const ExternalIssuer& issuer : issuers) {
    GH_CHECK(check(issuer));
    options.issuers.push_back(options_of(issuer));
  }
  GH_TRY(auto made, discovery::Issuers::make(std::move(options)));
  return [issuers = std::shared_ptr<discovery::Issuers>(std::move(made)), clock = std::move(clock)](
             std::string token) { return issuers->validate(std::move(token), clock->now()); };
}

}  // namespace gatehouse::issuer
