#include "gatehouse/tokens/validate.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "gatehouse/base/ascii.h"
#include "gatehouse/base/base64url.h"
#include "gatehouse/jose/jws.h"
#include "gatehouse/tokens/checks.h"
#include "gatehouse/tokens/decryption.h"
#include "gatehouse/tokens/signature.h"

namespace gatehouse::tokens {
namespace {

constexpr std::string_view tenant_place = "{tenantid}";

std::vector<jose::Key> all_keys(const TokenValidationParameters& parameters) {
  std::vector<jose::Key> keys;
  if (parameters.issuer_signing_key) keys.push_back(*parameters.issuer_signing_key);
  keys.insert(keys.end(), parameters.issuer_signing_keys.begin(), parameters.issuer_signing_keys.end());
  return keys;
}

std::vector<jose::Key> all_decryption_keys(const TokenValidationParameters& parameters) {
  std::vector<jose::Key> keys = parameters.token_decryption_keys;
  if (parameters.token_decryption_key) keys.insert(keys.begin(), *parameters.token_decryption_key);
  return keys;
}

bool equal_but_for_a_slash(std::string_view a, std::string_view b) {
  if (a.size() < b.size()) std::swap(a, b);
  return a.size() == b.size() + 1 && a.ends_with('/') && a.starts_with(b);
}

// "application/at+jwt" and "AT+JWT" are one media type (RFC 7515 §4.1.9).
bool is_same_media_type(std::string_view a, std::string_view b) {
  const auto without_prefix = [](std::string_view type) {
    constexpr std::string_view prefix = "application/";
    const bool has_prefix = equals_ignoring_case(type.substr(0, prefix.size()), prefix) &&
                            type.find('/', prefix.size()) == type.npos;
    return has_prefix ? type.substr(prefix.size()) : type;
  };
  return equals_ignoring_case(without_prefix(a), without_prefix(b));
}

bool has_five_parts(std::string_view text) {
  std::size_t dots = 0;
  for (std::size_t at = text.find('.'); at != text.npos && dots < 5; at = text.find('.', at + 1)) ++dots;
  return dots == 4;
}

// Only `alg` none, only without any signature, and only where the compatibility profile was asked to let it
// pass.
bool may_be_unsigned(const jose::Jws& jws, const TokenValidationParameters& parameters) {
  return !parameters.require_signed_tokens && parameters.profile == Profile::aspnet_core &&
         jws.header->alg == "none";
}

Result<void> check_signing_key(const jose::Key& key, const TokenValidationParameters& parameters,
                               Instant now) {
  if (!parameters.validate_issuer_signing_key || !key.has_certificate()) return {};
  if (key.not_before() > now + parameters.clock_skew)
    return fail(Failure::key_invalid, "certificate valid from " + format_instant(key.not_before()));
  if (key.not_after() < now - parameters.clock_skew)
    return fail(Failure::key_invalid, "certificate expired at " + format_instant(key.not_after()));
  return {};
}

std::unexpected<Error> from_the_future(Instant issued_at) {
  return fail(Failure::lifetime_invalid, "issued at " + format_instant(issued_at));
}

// RFC 9068 §2.1, §2.2: what an access token is called, and what it has to say.
void require_access_token(TokenValidationParameters& parameters) {
  parameters.valid_types = {"at+jwt"};
  parameters.require_type = true;
  for (const char* name : {"iss", "exp", "aud", "sub", "client_id", "iat", "jti"})
    parameters.required_claims.emplace_back(name);
}

Result<void> check_claims(const ClaimSet& claims, const TokenValidationParameters& parameters, Instant now) {
  GH_CHECK(check_lifetime(claims, parameters, now));
  GH_CHECK(check_age(claims, parameters, now));
  GH_CHECK(check_audience(claims, parameters));
  return check_issuer(claims, parameters);
}

Result<void> check_algorithm_names(const TokenValidationParameters& parameters) {
  for (const std::string& name : parameters.valid_algorithms)
    if (!jose::parse_algorithm(name))
      return fail(
          Failure::configuration_invalid,
          fmt::format("valid_algorithms names '{}', which is no signature algorithm; use names such as RS256",
                      name));
  return {};
}

// The tenant that the issuer names has to be the one that the token is of.
bool is_tenants_issuer(std::string_view pattern, std::string_view issuer, const ClaimSet& claims) {
  if (!matches_issuer_template(pattern, issuer)) return false;
  std::string expected(pattern);
  const auto tenant = claims.find_string("tid");
  return tenant && expected.replace(expected.find(tenant_place), tenant_place.size(), *tenant) == issuer;
}

}  // namespace

bool is_issuer_template(std::string_view issuer) noexcept { return issuer.contains(tenant_place); }

bool matches_issuer_template(std::string_view pattern, std::string_view issuer) noexcept {
  const std::size_t place = pattern.find(tenant_place);
  if (place == pattern.npos || issuer.size() <= pattern.size() - tenant_place.size()) return false;
  const std::string_view before = pattern.substr(0, place),
                         after = pattern.substr(place + tenant_place.size());
  if (!issuer.starts_with(before) || !issuer.ends_with(after)) return false;
  const std::string_view tenant = issuer.substr(place, issuer.size() - before.size() - after.size());
  return std::ranges::all_of(tenant, [](char c) { return is_alphanumeric(c) || c == '-'; });
}

// The lists with their single companions; blank entries accept nobody, as in the original.
std::vector<std::string> joined(const std::string& one, const std::vector<std::string>& many) {
  std::vector<std::string> all;
  if (!is_blank(one)) all.push_back(one);
  std::ranges::copy_if(many, std::back_inserter(all),
                       [](const std::string& entry) { return !is_blank(entry); });
  return all;
}

Result<ClaimSet> parse_claims(std::string_view payload, const TokenValidationParameters& parameters) {
  SmallOctets<2048> octets(base64url::decoded_size(payload.size()));
  if (!base64url::decode_to(payload, octets.data())) return fail(Failure::malformed, "payload");
  const bool original = parameters.profile == Profile::aspnet_core;
  if (original && payload.empty()) return ClaimSet::parse("{}", {});
  return ClaimSet::parse(octets, {.audiences = parameters.maximum_audiences, .original_leniency = original});
}

Result<void> check_lifetime(const ClaimSet& claims, const TokenValidationParameters& parameters,
                            Instant now) {
  if (!parameters.validate_lifetime) return {};
  const auto exp = claims.expires();
  const auto nbf = claims.not_before();
  if (parameters.lifetime_validator)
    return parameters.lifetime_validator(nbf, exp, now) ? Result<void>() : fail(Failure::lifetime_invalid);
  const auto skew = parameters.clock_skew;
  if (!exp && parameters.require_expiration_time) return fail(Failure::no_expiration);
  if (nbf && exp && *nbf > *exp)
    return fail(Failure::lifetime_invalid, format_instant(*nbf) + '/' + format_instant(*exp));
  if (nbf && *nbf > now + skew) return fail(Failure::not_yet_valid, format_instant(*nbf));
  if (exp && *exp < now - skew) return fail(Failure::expired, format_instant(*exp));
  // Who issues in the future has a clock, or a key, that is not to be trusted; the original does not look.
  const auto iat = claims.issued_at();
  if (iat && *iat > now + skew && parameters.profile != Profile::aspnet_core) return from_the_future(*iat);
  return {};
}

Result<void> check_age(const ClaimSet& claims, const TokenValidationParameters& parameters, Instant now) {
  if (!parameters.max_token_age) return {};
  if (!claims.issued_at()) return fail(Failure::claim_missing, "iat");
  if (*claims.issued_at() > now + parameters.clock_skew) return from_the_future(*claims.issued_at());
  const Instant oldest = now - *parameters.max_token_age - parameters.clock_skew;
  return *claims.issued_at() >= oldest ? Result<void>()
                                       : fail(Failure::expired, format_instant(*claims.issued_at()));
}

// An `aud` that is there counts, also one that names nobody.
std::span<const std::string_view> audiences_of(const ClaimSet& claims,
                                               const TokenValidationParameters& parameters) {
  const std::string& fallback = parameters.audience_fallback_claim;
  if (fallback.empty() || claims.find("aud")) return claims.audiences();
  const ClaimSet::Value* said = claims.find(fallback);
  if (!said || said->kind != json::Kind::string) return {};
  return {&said->text, 1};
}

Result<void> check_audience(const ClaimSet& claims, const TokenValidationParameters& parameters) {
  if (!parameters.validate_audience) return {};
  const auto audiences = audiences_of(claims, parameters);
  if (audiences.empty() && !parameters.require_audience) return {};
  const auto refused = [&] {
    return fail(Failure::audience_invalid,
                audiences.empty() ? "(none)" : fmt::format("{}", fmt::join(audiences, ", ")));
  };
  if (parameters.audience_validator)
    return parameters.audience_validator(audiences) ? Result<void>() : refused();
  const bool lax = parameters.ignore_trailing_slash_when_validating_audience;
  const auto is_ours = [&](std::string_view audience) {
    const auto matches = [&](std::string_view valid) {
      return (valid == audience || (lax && equal_but_for_a_slash(valid, audience))) && !is_blank(valid);
    };
    return matches(parameters.valid_audience) || std::ranges::any_of(parameters.valid_audiences, matches);
  };
  return std::ranges::any_of(audiences, is_ours) ? Result<void>() : refused();
}

Result<void> check_issuer(const ClaimSet& claims, const TokenValidationParameters& parameters) {
  if (!parameters.validate_issuer) return {};
  const auto issuer = claims.issuer().value_or(std::string_view());
  if (parameters.issuer_validator)
    return parameters.issuer_validator(issuer) ? Result<void>()
                                               : fail(Failure::issuer_invalid, std::string(issuer));
  const auto is_issuer = [&](std::string_view valid) {
    return issuer == valid || is_tenants_issuer(valid, issuer, claims);
  };
  const bool is_listed =
      is_issuer(parameters.valid_issuer) || std::ranges::any_of(parameters.valid_issuers, is_issuer);
  return is_listed && !is_blank(issuer) ? Result<void>() : fail(Failure::issuer_invalid, std::string(issuer));
}

Result<void> check_key_issuer(const ClaimSet& claims, const jose::Key& key) {
  if (key.issuer().empty()) return {};
  const auto issuer = claims.issuer().value_or(std::string_view());
  const bool is_bound_to_it = is_issuer_template(key.issuer())
                                  ? is_tenants_issuer(key.issuer(), issuer, claims)
                                  : issuer == key.issuer();
  if (is_bound_to_it) return {};
  return fail(Failure::issuer_invalid, fmt::format("{}, signed by a key of {}", issuer, key.issuer()));
}

Result<void> check_presence(const ClaimSet& claims, const TokenValidationParameters& parameters) {
  for (const std::string& name : parameters.required_claims)
    if (!claims.find(name)) return fail(Failure::claim_missing, name);
  return {};
}

Result<void> check_replay(std::string_view token, const ClaimSet& claims,
                          const TokenValidationParameters& parameters, Instant now, Replay use) {
  if (!parameters.validate_token_replay) return {};
  if (!claims.expires()) return fail(Failure::no_expiration);
  if (!parameters.token_replay_cache) return {};
  const Instant forgotten = *claims.expires() + parameters.clock_skew;
  // Without the signature: an ECDSA signature can be bent into another one that is as good.
  const std::string_view said = token.substr(0, token.rfind('.'));
  TokenReplayCache& cache = *parameters.token_replay_cache;
  const bool is_new = use == Replay::remember ? cache.add(said, forgotten, now) : !cache.contains(said, now);
  return is_new ? Result<void>() : fail(Failure::replayed);
}

Result<void> check_type(const jose::Header& header, const TokenValidationParameters& parameters) {
  if (parameters.type_validator)
    return parameters.type_validator(header.typ) ? Result<void>() : fail(Failure::type_invalid, header.typ);
  if (parameters.valid_types.empty()) return {};
  const bool original = parameters.profile == Profile::aspnet_core;
  if (header.typ.empty() && !header.has_typ && !original && !parameters.require_type) return {};
  const auto is_same = [&](const std::string& valid) {
    return original ? valid == header.typ : is_same_media_type(valid, header.typ);
  };
  if (!header.typ.empty() && std::ranges::any_of(parameters.valid_types, is_same)) return {};
  return fail(Failure::type_invalid, header.typ);
}

TokenValidator::TokenValidator(TokenValidationParameters parameters)
    : parameters_(std::move(parameters)),
      keys_(all_keys(parameters_)),
      decryption_keys_(all_decryption_keys(parameters_)),
      decryption_(decryption_options(parameters_)) {}

Result<void> TokenValidator::check_actor(const TokenValidationParameters& parameters) {
  if (!parameters.validate_actor || !parameters.actor_validation_parameters) return {};
  TokenValidationParameters actor = *parameters.actor_validation_parameters;
  if (actor.profile != parameters.profile)
    return fail(Failure::configuration_invalid,
                "actor_validation_parameters has another profile than the parameters around it");
  actor.validate_actor = false;  // as read_actor has it
  const auto made = make(std::move(actor));
  if (made) return {};
  return fail(Failure::configuration_invalid, "actor_validation_parameters: " + made.error().subject);
}

Result<TokenValidator> TokenValidator::make(TokenValidationParameters parameters) {
  const auto wrong = [](std::string what) { return fail(Failure::configuration_invalid, std::move(what)); };
  if (parameters.clock_skew < parameters.clock_skew.zero())
    return wrong("clock_skew is negative; use zero or more");
  if (parameters.validate_token_replay && !parameters.token_replay_cache)
    return wrong("validate_token_replay needs a token_replay_cache");
  if (parameters.profile == Profile::gatehouse) {
    GH_CHECK(check_algorithm_names(parameters));
    GH_CHECK(check_decryption(parameters, all_decryption_keys(parameters)));
    if (parameters.validate_issuer && !parameters.issuer_validator &&
        joined(parameters.valid_issuer, parameters.valid_issuers).empty())
      return wrong("validate_issuer needs valid_issuer: the `iss` that tokens for this API carry");
    if (parameters.validate_audience && !parameters.audience_validator &&
        joined(parameters.valid_audience, parameters.valid_audiences).empty())
      return wrong("validate_audience needs valid_audience: the `aud` that tokens for this API carry");
    if (!parameters.require_signed_tokens) return wrong("require_signed_tokens can not be switched off");
    GH_CHECK(check_actor(parameters));
    if (all_keys(parameters).empty() && !parameters.issuer_signing_key_resolver)
      return wrong("there is no key to verify with; set issuer_signing_key");
  }
  if (parameters.rfc9068) require_access_token(parameters);
  return TokenValidator(std::move(parameters));
}

// In the original's order. A signature is checked before anything it covers is read, so that a forged token
// is turned away at the price of its signature; only the compatibility profile reads first, as its corpus
// shows.
Result<Token> TokenValidator::validate(std::string_view text, Instant now) const {
  const bool original = parameters_.profile == Profile::aspnet_core;
  std::string decrypted;
  auto jws = read(text, decrypted);
  if (!jws) return std::unexpected(std::move(jws).error());

  Result<Token> validated(std::in_place);
  Token& token = *validated;
  if (original) {
    GH_TRY(token.claims, parse_claims(jws->payload, parameters_));
  }
  GH_CHECK(verify(*jws, token, now));
  if (!original) {
    GH_TRY(token.claims, parse_claims(jws->payload, parameters_));
  }
  token.header = std::move(jws->header);
  GH_CHECK(check_claims(token.claims, parameters_, now));
  if (token.signing_key) GH_CHECK(check_key_issuer(token.claims, *token.signing_key));
  GH_CHECK(check_presence(token.claims, parameters_));
  GH_CHECK(check_replay(text, token.claims, parameters_, now, Replay::remember));
  GH_CHECK(read_actor(token, now));
  GH_CHECK(check_type(*token.header, parameters_));
  if (parameters_.save_signin_token) token.text = text;
  return validated;
}

// `text` becomes the signed token, which is the content of an encrypted one.
Result<jose::Jws> TokenValidator::read(std::string_view& text, std::string& decrypted) const {
  const bool original = parameters_.profile == Profile::aspnet_core;
  if (text.size() > parameters_.maximum_token_size)
    return fail(Failure::too_large, fmt::format("{} characters", text.size()));
  const jose::Leniency leniency = original ? jose::Leniency::original : jose::Leniency::none;
  auto jws = jose::parse_jws(text, leniency);
  if (jws || !has_five_parts(text)) return jws;
  GH_TRY(decrypted, open_encrypted(text, decryption_keys_, decryption_, parameters_));
  text = decrypted;
  return jose::parse_jws(text, leniency);
}

Result<void> TokenValidator::verify(const jose::Jws& jws, Token& token, Instant now) const {
  bool asks_claims_first = false;
  auto verified = check_signature(jws, token, now, asks_claims_first);
  // Nothing is trusted here: the claims of a token that no key vouches for can only make it fail sooner.
  if (asks_claims_first) {
    GH_TRY(const ClaimSet unverified, parse_claims(jws.payload, parameters_));
    GH_CHECK(check_claims(unverified, parameters_, now));
  }
  return verified;
}

Result<void> TokenValidator::check_signature(const jose::Jws& jws, Token& token, Instant now,
                                             bool& asks_claims_first) const {
  if (!jws.is_signed) return may_be_unsigned(jws, parameters_) ? Result<void>() : fail(Failure::no_signature);
  std::optional<jose::KeySet> resolved;
  if (parameters_.issuer_signing_key_resolver)
    resolved.emplace(parameters_.issuer_signing_key_resolver(*jws.header));
  SignatureVerdict verdict = verify_signature(jws, resolved ? *resolved : keys_, parameters_);
  asks_claims_first = verdict.asks_claims_first;
  if (!verdict.key) return std::unexpected(std::move(verdict.key).error());
  token.signing_key = **verdict.key;
  return check_signing_key(**verdict.key, parameters_, now);
}

// `actort` carries the token of who acts for the subject. It counts only when it validates by itself.
Result<void> TokenValidator::read_actor(Token& token, Instant now) const {
  GH_TRY(const auto text, find_actor(token.claims));
  if (!text) return {};
  auto actor = actor_validator().validate(*text, now);
  if (!actor) return std::unexpected(actor_failure(std::move(actor).error()));
  token.actor = std::make_unique<Token>(*std::move(actor));
  return {};
}

Result<std::optional<std::string_view>> TokenValidator::find_actor(const ClaimSet& claims) const {
  const ClaimSet::Value* claim = claims.find("actort");
  if (claim && claim->kind == json::Kind::array) return fail(Failure::claim_type_invalid, "actort");
  return parameters_.validate_actor ? claims.find_string("actort") : std::nullopt;
}

TokenValidator TokenValidator::actor_validator() const {
  TokenValidationParameters parameters =
      parameters_.actor_validation_parameters ? *parameters_.actor_validation_parameters : parameters_;
  parameters.validate_actor = false;  // one level deep: a chain of actors is no way to make a server work
  return TokenValidator(std::move(parameters));
}

Error TokenValidator::actor_failure(Error failure) const {
  if (parameters_.profile == Profile::aspnet_core) return failure;
  return {.kind = Failure::actor_invalid, .subject = std::string(code(failure.kind))};
}

// The same comparisons as check_lifetime, check_age and check_signing_key make, solved for the time.
std::optional<Validity> TokenValidator::validity(const Token& token) const {
  const auto& all = parameters_;
  if (all.lifetime_validator || all.audience_validator || all.issuer_validator || all.type_validator ||
      all.issuer_signing_key_resolver || all.token_decryption_key_resolver || all.validate_token_replay ||
      token.actor)
    return std::nullopt;
  Validity validity;
  const auto narrow = [&](std::optional<Instant> from, std::optional<Instant> until) {
    if (from) validity.from = std::max(validity.from, *from - all.clock_skew);
    if (until) validity.until = std::min(validity.until, *until + all.clock_skew);
  };
  const ClaimSet& claims = token.claims;
  if (all.validate_lifetime) narrow(claims.not_before(), claims.expires());
  if (all.profile != Profile::aspnet_core) narrow(claims.issued_at(), {});
  if (all.max_token_age) narrow(claims.issued_at(), *claims.issued_at() + *all.max_token_age);
  if (all.validate_issuer_signing_key && token.signing_key && token.signing_key->has_certificate())
    narrow(token.signing_key->not_before(), token.signing_key->not_after());
  return validity;
}

std::string TokenValidator::expectation(Failure kind, Instant now) const {
  const auto& all = parameters_;
  switch (kind) {
    case Failure::issuer_invalid:
      return fmt::format("{}", fmt::join(joined(all.valid_issuer, all.valid_issuers), " or "));
    case Failure::audience_invalid:
      return fmt::format("{}", fmt::join(joined(all.valid_audience, all.valid_audiences), " or "));
    case Failure::expired:
      return "exp no earlier than " + format_instant(now - all.clock_skew);
    case Failure::not_yet_valid:
      return "nbf no later than " + format_instant(now + all.clock_skew);
    case Failure::type_invalid:
      return fmt::format("{}", fmt::join(all.valid_types, " or "));
    case Failure::too_large:
      return fmt::format("at most {} characters", all.maximum_token_size);
    case Failure::no_signature:
      return "a signed token";
    case Failure::no_expiration:
      return "exp";
    case Failure::alg_not_allowed:
      return fmt::format("{}", fmt::join(allowed_algorithms(), " or "));
    case Failure::decryption_failed:
      return fmt::format("encrypted for one of {} known keys", decryption_keys_.keys().size());
    case Failure::key_not_found:
      return fmt::format("one of {} known keys", keys_.keys().size());
    default:
      return {};
  }
}

std::vector<std::string> TokenValidator::allowed_algorithms() const {
  if (!parameters_.valid_algorithms.empty()) return parameters_.valid_algorithms;
  std::vector<std::string> names;
  for (const jose::AlgorithmTraits& row : jose::algorithms())
    if (!row.on_request &&
        std::ranges::any_of(keys_.keys(), [&](const jose::Key& key) { return key.fits(row.algorithm); }))
      names.emplace_back(row.name);
  return names;
}

}  // namespace gatehouse::tokens
