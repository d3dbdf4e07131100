/// Validation — from token text to claims one may believe.
///
/// Pure but for the replay cache: time and keys are values. The order is the original's and callers can see
/// it: decrypt → signature → lifetime → audience → issuer → replay → actor → type. With a `kid` that nobody
/// here knows, lifetime → audience → issuer are asked first, of the unverified claims, and win: a stale token
/// never causes a key refresh.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/result.h"
#include "gatehouse/claims/claims_identity.h"
#include "gatehouse/jose/header.h"
#include "gatehouse/jose/jwe.h"
#include "gatehouse/jose/jws.h"
#include "gatehouse/jose/key_set.h"
#include "gatehouse/tokens/claim_set.h"
#include "gatehouse/tokens/validation_parameters.h"

namespace gatehouse::tokens {

/// A token that passed every check. Of an encrypted one all of this is the signed token's inside.
struct Token {
  std::shared_ptr<const jose::Header> header;  ///< never null once validated
  ClaimSet claims;
  std::string text;                           ///< filled only when save_signin_token asks for it
  std::optional<jose::Key> signing_key = {};  ///< the key that verified it; empty for an unsigned one
  std::unique_ptr<Token> actor = {};          ///< validated `actort`
};

/// From when until when an accepted token stays one, both included.
struct Validity {
  Instant from = Instant::min();
  Instant until = Instant::max();
  bool holds(Instant now) const noexcept { return from <= now && now <= until; }
  bool operator==(const Validity&) const = default;
};

/// Validates under frozen parameters. Immutable and shared by all threads; made again when keys or options
/// change.
class TokenValidator {
 public:
  /// Fails with configuration_invalid; the subject names the parameter and the fix: validate_issuer without
  /// an issuer, validate_audience without an audience, no key, a negative skew, an unknown algorithm in
  /// valid_algorithms, validate_token_replay without a cache, a decryption key that opens nothing.
  /// (Profile::aspnet_core reports the first three at validation, as the original does.)
  static Result<TokenValidator> make(TokenValidationParameters parameters);

  /// Every failure of the design's table, `subject` being the value seen:
  /// expired, not_yet_valid an instant as format_instant writes it; lifetime_invalid "<nbf>/<exp>";
  /// audience_invalid the audiences joined by ", " ("(none)" when there are none); issuer_invalid the issuer,
  /// and whose key it was when that is bound to another (jose::Key::issuer);
  /// type_invalid the typ; alg_not_allowed the alg; key_not_found the kid (empty: none). Never throws.
  Result<Token> validate(std::string_view token, Instant now) const;

  /// When `token`, which this has accepted, would be accepted again, so that it need not be validated until
  /// then. Empty where that depends on more than time and keys: on checks of the application's own, on
  /// replay, on an actor's token.
  std::optional<Validity> validity(const Token& token) const;

  const TokenValidationParameters& parameters() const noexcept { return parameters_; }

  /// What the parameters would have wanted where a token failed: "https://issuer.example", "api://orders",
  /// "no later than 2026-…". For the operator's log; computed only when somebody reads it.
  std::string expectation(Failure kind, Instant now) const;

 private:
  friend class Explainer;  // runs the same steps one by one
  explicit TokenValidator(TokenValidationParameters parameters);

  static Result<void> check_actor(const TokenValidationParameters& parameters);
  Result<jose::Jws> read(std::string_view& text, std::string& decrypted) const;
  Result<void> verify(const jose::Jws& jws, Token& token, Instant now) const;
  Result<void> check_signature(const jose::Jws& jws, Token& token, Instant now,
                               bool& asks_claims_first) const;
  Result<void> read_actor(Token& token, Instant now) const;
  Result<std::optional<std::string_view>> find_actor(const ClaimSet& claims) const;
  TokenValidator actor_validator() const;
  Error actor_failure(Error failure) const;
  std::vector<std::string> allowed_algorithms() const;

  TokenValidationParameters parameters_;
  jose::KeySet keys_;
  jose::KeySet decryption_keys_;
  jose::DecryptionOptions decryption_;
};

/// Whether `issuer` has a place for a tenant: "{tenantid}".
bool is_issuer_template(std::string_view issuer) noexcept;
/// Whether `issuer` is `pattern` with some tenant in that place: letters, digits and hyphens.
bool matches_issuer_template(std::string_view pattern, std::string_view issuer) noexcept;

// The single checks, for tests and for `explain`.
Result<void> check_lifetime(const ClaimSet& claims, const TokenValidationParameters& parameters, Instant now);
Result<void> check_audience(const ClaimSet& claims, const TokenValidationParameters& parameters);
Result<void> check_issuer(const ClaimSet& claims, const TokenValidationParameters& parameters);
Result<void> check_type(const jose::Header& header, const TokenValidationParameters& parameters);

}  // namespace gatehouse::tokens
