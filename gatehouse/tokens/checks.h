/// Checks — the steps of validation that `validate` and `explain` share; private to this room.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/result.h"
#include "gatehouse/tokens/claim_set.h"
#include "gatehouse/tokens/validation_parameters.h"

namespace gatehouse::tokens {

/// The entries of `many`, and `one` before them, that are not blank.
std::vector<std::string> joined(const std::string& one, const std::vector<std::string>& many);

/// The claims in a payload that is still base64url. Fails as ClaimSet::parse.
Result<ClaimSet> parse_claims(std::string_view payload, const TokenValidationParameters& parameters);

Result<void> check_age(const ClaimSet& claims, const TokenValidationParameters& parameters, Instant now);
Result<void> check_presence(const ClaimSet& claims, const TokenValidationParameters& parameters);

/// Whom the token is for: its `aud`, or what stands in for that where there is none.
/// Points into `claims`.
std::span<const std::string_view> audiences_of(const ClaimSet& claims,
                                               const TokenValidationParameters& parameters);

/// A key that is bound to an issuer vouches for the tokens of no other, whatever else is validated. Fails
/// with issuer_invalid.
Result<void> check_key_issuer(const ClaimSet& claims, const jose::Key& key);

/// Whether a token that may be used once is used now, or only looked at.
enum class Replay : std::uint8_t { remember, look };

Result<void> check_replay(std::string_view token, const ClaimSet& claims,
                          const TokenValidationParameters& parameters, Instant now, Replay use);

}  // namespace gatehouse::tokens
