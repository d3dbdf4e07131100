/// TokenValidationParameters — what a token has to satisfy, named as in the original.
///
/// A plain struct; TokenValidator freezes it. Secure when empty: an empty list of issuers, audiences or keys
/// accepts nobody, and a check goes off only by the field named for it.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/base/clock.h"
#include "gatehouse/jose/header.h"
#include "gatehouse/jose/key.h"
#include "gatehouse/tokens/replay_cache.h"

namespace gatehouse::tokens {

/// Whose habits decide where a field does not. `aspnet_core` is the compatibility profile: the golden corpus
/// is recorded under it. It never switches off a refusal of the design's "also in the compatibility profile".
enum class Profile : std::uint8_t { gatehouse, aspnet_core };

struct TokenValidationParameters {
  // Issuer (RFC 7519 §4.1.1)
  bool validate_issuer = true;  ///< false accepts any `iss`, and none
  /// Joins valid_issuers. In both, "{tenantid}" stands for the token's `tid`:
  /// "https://login.example/{tenantid}/v2.0" accepts every tenant, so that an application has to look at
  /// `tid` as well.
  std::string valid_issuer = {};
  std::vector<std::string> valid_issuers = {};

  // Audience (RFC 7519 §4.1.3)
  bool validate_audience = true;                  ///< false accepts any `aud`, and none
  bool require_audience = true;                   ///< false lets a token without any `aud` pass
  std::string valid_audience = {};                ///< joins valid_audiences
  std::vector<std::string> valid_audiences = {};  ///< one of them has to be among the token's
  bool ignore_trailing_slash_when_validating_audience = false;
  /// The claim that says whom a token without any `aud` is for, in its stead: "client_id" in the access
  /// tokens of Amazon Cognito. It has to be one string. Empty: none.
  std::string audience_fallback_claim = {};

  // Signature
  bool validate_issuer_signing_key = true;  ///< a certificate's dates are checked; the signature always is
  std::optional<jose::Key> issuer_signing_key = {};  ///< joins issuer_signing_keys
  std::vector<jose::Key> issuer_signing_keys = {};
  bool require_signed_tokens = true;  ///< false lets `alg` none pass, and only under Profile::aspnet_core
  bool try_all_issuer_signing_keys =
      false;  ///< try keys whose kid does not match; see design: which keys are tried
  /// Empty: every algorithm that a key fits, but for ES256K, which verifies only where it is named here.
  std::vector<std::string> valid_algorithms = {};
  jose::KeyStrength key_strength = {};

  // Decryption (RFC 7516). What comes out has to be a signed token; encryption alone says nothing of who
  // wrote it.
  std::optional<jose::Key> token_decryption_key = {};  ///< joins token_decryption_keys
  std::vector<jose::Key> token_decryption_keys = {};
  bool try_all_token_decryption_keys = false;  ///< try keys whose kid does not match, as with signatures
  /// Names of `alg`, `enc` and `zip`. Empty: every one that a key fits, but for RSA1_5, PBES2-… and DEF,
  /// which work only where they are named here. In the compatibility profile, when this is empty: those that
  /// valid_algorithms names, or all but PBES2.
  std::vector<std::string> valid_encryption_algorithms = {};

  // Lifetime (RFC 7519 §4.1.4, §4.1.5)
  bool require_expiration_time = true;
  bool validate_lifetime = true;
  std::chrono::milliseconds clock_skew = Seconds(60);  ///< on both sides, edges inclusive; never negative
  std::optional<Seconds> max_token_age = {};  ///< when set, `iat` is required and may be no older than this

  // Type (RFC 8725 §3.11)
  std::vector<std::string> valid_types = {"JWT", "at+jwt"};  ///< of `typ`; see require_type. Empty: any
  bool require_type = false;  ///< whether `typ` must be there; the original requires it with valid_types

  // Presence
  std::vector<std::string> required_claims = {};  ///< each has to be there; claim_missing otherwise
  bool rfc9068 = false;  ///< access tokens of RFC 9068 only: typ at+jwt, and every claim that §2.2 requires

  // Checks of the application's own. Each stands in the place of the built-in one where that is switched on,
  // and must not throw.
  std::function<bool(std::optional<Instant> not_before, std::optional<Instant> expires, Instant now)>
      lifetime_validator = {};
  std::function<bool(std::span<const std::string_view> audiences)> audience_validator = {};
  std::function<bool(std::string_view issuer)> issuer_validator = {};
  std::function<bool(std::string_view typ)> type_validator = {};
  std::function<std::vector<jose::Key>(const jose::Header& header)> issuer_signing_key_resolver =
      {};  ///< the keys to try for one token, instead of the ones above
  std::function<std::vector<jose::Key>(const jose::Header& header)> token_decryption_key_resolver =
      {};  ///< the same for decryption

  // Replay, actor
  bool validate_token_replay = false;
  std::shared_ptr<TokenReplayCache> token_replay_cache = {};
  bool validate_actor = false;  ///< `actort` holds a token that has to validate as well
  std::shared_ptr<const TokenValidationParameters> actor_validation_parameters = {};  ///< null: these

  // Claims
  std::string authentication_type = "AuthenticationTypes.Federation";
  std::vector<std::string> name_claim_types = {"name", "sub"};
  /// A name with dots that no claim of the token has is a path into an object: "realm_access.roles". Names of
  /// name_claim_types may be paths as well.
  std::vector<std::string> role_claim_types = {"role", "roles"};
  bool map_inbound_claims = false;  ///< short JWT names become the original's long URIs
  bool save_signin_token = false;   ///< keeps the token in the identity's bootstrap_context

  // Caps
  std::size_t maximum_token_size = 16'384;  ///< characters
  std::size_t maximum_audiences = 64;
  std::size_t maximum_keys_tried = 4;  ///< for a token that names no known key
  std::uint64_t maximum_pbes2_rounds = 10'000;
  std::size_t maximum_inflated_size =
      256 * 1024;  ///< octets of a compressed content; its token has its own cap

  Profile profile = Profile::gatehouse;

  /// The original's values in one call: skew 300 s, mapping on, any type, all keys, 256,000 characters, RSA
  /// from 1024.
  static TokenValidationParameters aspnet_core();
};

}  // namespace gatehouse::tokens
