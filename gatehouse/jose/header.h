/// Header — the protected header of a compact JWS or JWE (RFC 7515 §4), read strictly.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "gatehouse/base/json.h"
#include "gatehouse/base/result.h"
#include "gatehouse/jose/algorithm.h"

namespace gatehouse::jose {

inline constexpr std::size_t longest_kid = 256;  ///< octets

/// What the token says of itself. Nothing here is trusted: it only helps to choose among keys we already
/// hold. `jwk`, `jku`, `x5u` and `x5c` are not even read (CVE-2018-0114).
struct Header {
  std::string alg;  ///< as written; "none" and unknown names are kept for the message
  std::string kid;
  std::string typ;
  std::string cty;
  std::string x5t;
  std::string x5t_s256;
  std::string enc;       ///< JWE only
  std::string zip;       ///< JWE only
  bool has_kid = false;  ///< tells "kid":"" from none
  bool has_typ = false;

  std::optional<Algorithm> algorithm() const noexcept { return parse_algorithm(alg); }
};

/// How much of the original's laxity is let through; the compatibility profile asks for it.
enum class Leniency : std::uint8_t {
  none,
  original,  ///< null counts as absent, and `alg` may be absent
};

/// Reads decoded header octets. Fails with malformed (not strict JSON, `alg` missing or no
/// string, a registered member of the wrong type), duplicate_member, too_large (`kid` over
/// 256 octets) or crit_unsupported (any `crit`, as nothing that could stand there is
/// processed here; also `b64`, RFC 7797 §6).
Result<Header> parse_header(std::string_view octets, Leniency leniency = Leniency::none);

/// The same of a header that has been parsed already.
Result<Header> read_header(const json::Value& root, Leniency leniency = Leniency::none);

}  // namespace gatehouse::jose
