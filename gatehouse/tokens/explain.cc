#include "gatehouse/tokens/explain.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <initializer_list>
#include <utility>

#include "gatehouse/jose/jwe.h"
#include "gatehouse/tokens/checks.h"
#include "gatehouse/tokens/fixes.h"

namespace gatehouse::tokens {
namespace {

constexpr std::size_t check_count = static_cast<std::size_t>(Check::type) + 1;

// A hostile value may be as long as the token, and may be one.
std::string shortened(std::string text) {
  constexpr std::size_t longest = 200;
  if (text.size() <= longest) return text;
  std::size_t end = longest;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;  // not within a character
  return text.substr(0, end) + "…";
}

std::string described(const jose::Header& header) {
  std::vector<std::string> words;
  if (!header.typ.empty()) words.push_back(header.typ);
  words.push_back(header.alg.empty() ? "no alg" : header.alg);
  if (!header.enc.empty()) words.push_back(header.enc);
  if (!header.kid.empty()) words.push_back("kid " + header.kid);
  return fmt::format("{}", fmt::join(words, ", "));
}

std::string described(const jose::Key& key) {
  if (!key.kid().empty()) return "kid " + key.kid();
  return key.type() == jose::KeyType::oct ? "a secret without a kid" : "thumbprint " + key.thumbprint();
}

// Dates may lie as far away as their type can hold.
std::chrono::milliseconds from_to(Instant from, Instant to) {
  constexpr Instant first{std::chrono::years(-10'000)};
  constexpr Instant last{std::chrono::years(10'000)};
  return std::clamp(to, first, last) - std::clamp(from, first, last);
}

std::string lifetime_of(const ClaimSet& claims, const TokenValidationParameters& parameters, Instant now) {
  std::vector<std::string> words;
  if (const auto issued = claims.issued_at())
    words.push_back(*issued <= now ? fmt::format("issued {} ago", rounded(from_to(*issued, now)))
                                   : fmt::format("issued in {}", rounded(from_to(now, *issued))));
  if (const auto begins = claims.not_before(); begins && *begins > now)
    words.push_back(fmt::format("begins in {}", rounded(from_to(now, *begins))));
  if (const auto ends = claims.expires()) {
    const auto left = from_to(now, *ends) + parameters.clock_skew;
    words.push_back(left.count() >= 0 ? fmt::format("{} left after skew", rounded(left))
                                      : fmt::format("expired {} ago", rounded(from_to(*ends, now))));
  } else {
    words.emplace_back("no exp");
  }
  return fmt::format("{}", fmt::join(words, ", "));
}

bool is_of_the_key(Failure kind) {
  return kind != Failure::signature_invalid && kind != Failure::no_signature;
}

}  // namespace

/// One token on its way through all checks.
class Explainer {
 public:
  Explainer(std::string_view text, const TokenValidator& validator, Instant now)
      : text_(text), validator_(validator), parameters_(validator.parameters_), now_(now) {
    for (std::size_t i = 0; i < check_count; ++i) checks_.push_back({.check = static_cast<Check>(i)});
  }

  Explanation run() {
    if (read()) {
      judge_signature();
      if (read_claims()) judge_claims();
    }
    return conclude();
  }

  std::optional<Token> read_token() {
    if (!read() || !read_claims()) return std::nullopt;
    return Token{.header = std::move(jws_->header), .claims = std::move(*claims_), .text = {}};
  }

 private:
  ExplainedCheck& at(Check check) { return checks_[static_cast<std::size_t>(check)]; }

  void record(Check check, const Result<void>& result, std::string seen = {}, std::string expected = {}) {
    ExplainedCheck& step = at(check);
    step.verdict = result ? CheckVerdict::passed : CheckVerdict::failed;
    if (!result) step.failure = result.error();
    step.seen = shortened(std::move(seen));
    if (expected.empty() && !result) expected = validator_.expectation(result.error().kind, now_);
    step.expected = std::move(expected);
  }

  void record_off(Check check, std::string seen = {}) {
    at(check).verdict = CheckVerdict::off;
    at(check).seen = shortened(std::move(seen));
  }

  bool read();
  void judge_signature();
  bool read_claims();
  void judge_claims();
  void judge_parties(const ClaimSet& claims);
  void judge_what_was_asked_for(const ClaimSet& claims);
  void judge_actor(const ClaimSet& claims);
  std::optional<std::size_t> find_decisive() const;
  Explanation conclude();

  std::string_view text_;
  const TokenValidator& validator_;
  const TokenValidationParameters& parameters_;
  Instant now_;

  std::vector<ExplainedCheck> checks_;
  std::string decrypted_;
  std::string_view signed_text_;
  std::optional<jose::Jws> jws_;
  std::optional<ClaimSet> claims_;
  std::optional<jose::Key> signing_key_;  // that verified it
  bool asks_claims_first_ = false;
  bool is_verified_ = false;
};

bool Explainer::read() {
  const auto leniency =
      parameters_.profile == Profile::aspnet_core ? jose::Leniency::original : jose::Leniency::none;
  signed_text_ = text_;
  auto jws = validator_.read(signed_text_, decrypted_);
  const Result<void> result = jws ? Result<void>() : std::unexpected(jws.error());
  const std::string size = fmt::format("{} bytes", text_.size());
  const std::string inner = jws ? described(*jws->header) : std::string();

  const bool is_encrypted = std::ranges::count(text_, '.') == 4;
  const auto jwe = is_encrypted && text_.size() <= parameters_.maximum_token_size
                       ? jose::parse_jwe(text_, leniency)
                       : fail(Failure::malformed);
  if (jwe) {
    record(Check::read, {}, described(jwe->header) + ", " + size);
    record(Check::decryption, result, inner);
  } else {
    record(Check::read, result, inner.empty() ? size : inner + ", " + size);
    if (!is_encrypted) record_off(Check::decryption);
  }
  if (jws) jws_ = *std::move(jws);
  return jws_.has_value();
}

void Explainer::judge_signature() {
  Token token;
  const auto verified = validator_.check_signature(*jws_, token, now_, asks_claims_first_);
  is_verified_ = verified.has_value();
  if (verified) signing_key_ = token.signing_key;
  if (verified) {
    record(Check::key, {}, token.signing_key ? described(*token.signing_key) : "none is asked for");
    record(Check::signature, {}, token.signing_key ? "valid" : "none, and none is asked for");
    return;
  }
  const Failure kind = verified.error().kind;
  const std::string kid = jws_->header->kid.empty() ? "no kid" : "kid " + jws_->header->kid;
  if (!is_of_the_key(kind)) {
    if (kind == Failure::signature_invalid) record(Check::key, {}, kid);
    return record(Check::signature, verified, kind == Failure::no_signature ? "none" : "does not match");
  }
  record(Check::key, verified, kind == Failure::alg_not_allowed ? jws_->header->alg : kid);
  if (token.signing_key) record(Check::signature, {}, "valid, of a key that must not be used now");
}

bool Explainer::read_claims() {
  auto claims = parse_claims(jws_->payload, parameters_);
  record(Check::payload, claims ? Result<void>() : std::unexpected(claims.error()),
         claims ? fmt::format("{} claims", claims->members().size()) : "");
  if (claims) claims_ = *std::move(claims);
  return claims_.has_value();
}

void Explainer::judge_claims() {
  judge_parties(*claims_);
  judge_what_was_asked_for(*claims_);
  judge_actor(*claims_);
  record(Check::type, check_type(*jws_->header, parameters_), jws_->header->typ,
         validator_.expectation(Failure::type_invalid, now_));
  for (std::size_t i = static_cast<std::size_t>(Check::payload); i < check_count; ++i)
    checks_[i].is_unverified = !is_verified_;
}

void Explainer::judge_parties(const ClaimSet& claims) {
  const std::string times = lifetime_of(claims, parameters_, now_);
  if (parameters_.validate_lifetime)
    record(Check::lifetime, check_lifetime(claims, parameters_, now_), times);
  else
    record_off(Check::lifetime, times);

  const std::string audiences = fmt::format("{}", fmt::join(audiences_of(claims, parameters_), ", "));
  if (parameters_.validate_audience)
    record(Check::audience, check_audience(claims, parameters_), audiences,
           validator_.expectation(Failure::audience_invalid, now_));
  else
    record_off(Check::audience, audiences);

  const std::string issuer(claims.issuer().value_or(""));
  const auto judged = check_issuer(claims, parameters_);
  if (const auto bound = judged && signing_key_ ? check_key_issuer(claims, *signing_key_) : Result<void>();
      !bound)
    record(Check::issuer, bound, issuer, signing_key_->issuer());
  else if (parameters_.validate_issuer)
    record(Check::issuer, judged, issuer, validator_.expectation(Failure::issuer_invalid, now_));
  else
    record_off(Check::issuer, issuer);
}

void Explainer::judge_what_was_asked_for(const ClaimSet& claims) {
  if (parameters_.max_token_age)
    record(Check::age, check_age(claims, parameters_, now_), lifetime_of(claims, parameters_, now_),
           fmt::format("issued at most {} ago", rounded(*parameters_.max_token_age)));
  else
    record_off(Check::age);
  if (!parameters_.required_claims.empty())
    record(Check::claims, check_presence(claims, parameters_), "",
           fmt::format("{}", fmt::join(parameters_.required_claims, ", ")));
  else
    record_off(Check::claims);
  if (parameters_.validate_token_replay)
    record(Check::replay, check_replay(signed_text_, claims, parameters_, now_, Replay::look));
  else
    record_off(Check::replay);
}

void Explainer::judge_actor(const ClaimSet& claims) {
  const auto text = validator_.find_actor(claims);
  if (!text) return record(Check::actor, std::unexpected(text.error()));
  if (!*text) return record_off(Check::actor);
  const Explanation nested = explain(**text, validator_.actor_validator(), now_);
  const Error* failure = nested.failure();
  record(Check::actor, failure ? std::unexpected(validator_.actor_failure(*failure)) : Result<void>(),
         failure ? describe(*failure) : "");
}

// The order of TokenValidator::validate, which is not that of the checks where nothing is trusted yet.
std::optional<std::size_t> Explainer::find_decisive() const {
  std::vector<Check> order = {Check::read, Check::decryption};
  const auto then = [&](std::initializer_list<Check> checks) { order.insert(order.end(), checks); };
  if (parameters_.profile == Profile::aspnet_core) then({Check::payload});
  if (asks_claims_first_) then({Check::payload, Check::lifetime, Check::age, Check::audience, Check::issuer});
  for (std::size_t i = static_cast<std::size_t>(Check::key); i < check_count; ++i)
    order.push_back(static_cast<Check>(i));
  const auto found = std::ranges::find_if(order, [&](Check check) {
    return checks_[static_cast<std::size_t>(check)].verdict == CheckVerdict::failed;
  });
  if (found == order.end()) return std::nullopt;
  return static_cast<std::size_t>(*found);
}

Explanation Explainer::conclude() {
  Explanation explanation{.decisive = find_decisive()};
  explanation.checks = std::move(checks_);
  const Error* failure = explanation.failure();
  if (!failure) return explanation;
  std::optional<jose::KeySet> resolved;
  if (jws_ && parameters_.issuer_signing_key_resolver)
    resolved.emplace(parameters_.issuer_signing_key_resolver(*jws_->header));
  explanation.fixes = find_fixes({.failure = *failure,
                                  .text = text_,
                                  .parameters = parameters_,
                                  .now = now_,
                                  .jws = jws_ ? &*jws_ : nullptr,
                                  .claims = claims_ ? &*claims_ : nullptr,
                                  .is_verified = is_verified_,
                                  .keys = resolved ? &*resolved : &validator_.keys_});
  return explanation;
}

std::string_view name(Check check) noexcept {
  using enum Check;
  switch (check) {
    case read:
      return "read";
    case decryption:
      return "decryption";
    case key:
      return "key";
    case signature:
      return "signature";
    case payload:
      return "payload";
    case lifetime:
      return "lifetime";
    case age:
      return "age";
    case audience:
      return "audience";
    case issuer:
      return "issuer";
    case claims:
      return "claims";
    case replay:
      return "replay";
    case actor:
      return "actor";
    case type:
      return "type";
  }
  std::unreachable();
}

std::string_view name(FixKind kind) noexcept {
  using enum FixKind;
  switch (kind) {
    case client:
      return "client";
    case setting:
      return "setting";
    case key:
      return "key";
    case clock:
      return "clock";
    case issuer:
      return "issuer";
  }
  std::unreachable();
}

const Error* Explanation::failure() const noexcept {
  return decisive ? &*checks[*decisive].failure : nullptr;
}

Explanation explain(std::string_view token, const TokenValidator& validator, Instant now) {
  return Explainer(token, validator, now).run();
}

std::optional<Token> read_unverified(std::string_view token, const TokenValidator& validator) {
  return Explainer(token, validator, {}).read_token();
}

}  // namespace gatehouse::tokens
