/// Claim values — of a token that was judged, as the endpoints of an issuer read them. Private to this room.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "gatehouse/base/json.h"
#include "gatehouse/tokens/claim_set.h"

namespace gatehouse::issuer {

/// Empty when it is absent or no string.
inline std::string claim_text(const tokens::ClaimSet& claims, std::string_view name) {
  return std::string(claims.find_string(name).value_or(""));
}

/// `auth_time` (OpenID Connect Core §2), in seconds; nothing when it is absent or no integer.
inline std::optional<std::int64_t> auth_time_of(const tokens::ClaimSet& claims) {
  const auto* claim = claims.find("auth_time");
  if (!claim) return std::nullopt;
  json::Parser parser;
  const auto value = parser.parse(claim->text);
  return value && value->kind() == json::Kind::integer ? std::optional(value->as_integer()) : std::nullopt;
}

}  // namespace gatehouse::issuer
