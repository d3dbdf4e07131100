/// Fixes — what would mend a token that failed, likeliest first; private to this room.
#pragma once

#include <string_view>
#include <vector>

#include "gatehouse/jose/jws.h"
#include "gatehouse/tokens/explain.h"

namespace gatehouse::tokens {

/// A failure, and what is known beside it.
struct Diagnosis {
  const Error& failure;
  std::string_view text;  ///< as it came
  const TokenValidationParameters& parameters;
  Instant now;
  const jose::Jws* jws = nullptr;      ///< null when it cannot be read
  const ClaimSet* claims = nullptr;    ///< null when they cannot be read
  bool is_verified = false;            ///< a key vouches for the claims
  const jose::KeySet* keys = nullptr;  ///< those that were to be tried; null when none were
};

std::vector<Fix> find_fixes(const Diagnosis& diagnosis);

/// "3 min", "2 h": a length of time in its largest unit.
std::string rounded(std::chrono::milliseconds length);

}  // namespace gatehouse::tokens
