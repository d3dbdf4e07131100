/// Error — every way a Gatehouse operation can say no.
///
/// One closed list for the whole stack. A kind is named for what its caller can do about it, never for the
/// line that noticed it, so the list stays short enough to read.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace gatehouse {

enum class Failure : std::uint8_t {
  // Reading a token
  malformed,           ///< not a compact JWS or JWE, or not strict JSON        RFC 7519 §7.2
  too_large,           ///< beyond a cap: token, members, depth, audiences      RFC 8725 §3.4
  duplicate_member,    ///< a JSON object names a member twice                  RFC 8259 §4
  too_deep,            ///< JSON nested deeper than the cap
  claim_type_invalid,  ///< a registered claim holds the wrong JSON type        RFC 7519 §4.1
  crit_unsupported,    ///< `crit` asks for an extension we do not process      RFC 7515 §4.1.11
  // The signature and its key
  no_signature,          ///< unsigned, and signatures are required               RFC 7515 §5.2
  alg_not_allowed,       ///< the algorithm is unknown, unlisted or not this key's  RFC 8725 §3.1
  key_not_found,         ///< no key matches; refreshing the key set may help     RFC 7515 §6
  signature_invalid,     ///< a key matched and the signature did not             RFC 7515 §5.2
  key_invalid,           ///< the key cannot be read, or must not be used (dates) RFC 7517 §4
  weak_key,              ///< shorter than its algorithm requires                 RFC 7518 §3.2, §3.3
  decryption_failed,     ///< every way a JWE can fail to open; one on purpose    RFC 7516 §11.5
  decompression_failed,  ///< the inflated content is broken or beyond the cap    RFC 7516 §4.1.3
  // What the claims say
  expired,           ///< `exp` is in the past                                RFC 7519 §4.1.4
  not_yet_valid,     ///< `nbf` is in the future                              RFC 7519 §4.1.5
  no_expiration,     ///< `exp` is absent and required
  lifetime_invalid,  ///< `nbf` is later than `exp`
  audience_invalid,  ///< `aud` names somebody else                           RFC 7519 §4.1.3
  issuer_invalid,    ///< `iss` is not an issuer we trust                     RFC 7519 §4.1.1
  type_invalid,      ///< `typ` is not a type we accept                       RFC 8725 §3.11
  actor_invalid,     ///< the nested actor token did not validate             RFC 8693 §4.1
  replayed,          ///< the token was seen before and may be used once
  claim_missing,     ///< a claim that this scheme requires is absent
  revoked,           ///< withdrawn before its time
  // Who asks, and for what
  several_tokens,       ///< more than one token in a request                     RFC 6750 §3.1
  refused,              ///< an application's hook refused the caller
  forbidden,            ///< known, and not allowed
  credentials_invalid,  ///< wrong name or password; which one is never said
  throttled,            ///< too many attempts; the subject is the seconds to wait   RFC 6585 §4
  password_refused,     ///< a password that may not be chosen; the subject says why
  // Infrastructure: the caller may try again
  metadata_invalid,      ///< the authority's document cannot be used
  metadata_unavailable,  ///< the authority did not answer
  address_not_allowed,   ///< an address that this host must not connect to
  overloaded,            ///< a queue is full or a deadline passed
  unavailable,           ///< a store or the system did not do its part
  // Programs and people
  not_found,              ///< no such thing
  conflict,               ///< it exists already, or changed meanwhile
  configuration_invalid,  ///< an option is wrong; the subject names it and the fix
  internal,               ///< a defect of ours, or of a hook that threw
};

/// A failure and the one value it is about: the audience seen, the instant of expiry, the kid.
/// `subject` may reach the caller in WWW-Authenticate, so it never holds a secret.
struct Error {
  Failure kind;
  std::string subject = {};
  bool operator==(const Error&) const = default;
};

std::string_view code(Failure kind) noexcept;  ///< "expired", for logs and metric labels
std::string describe(const Error& error);      ///< "expired at 2026-01-15T09:00:00Z"

}  // namespace gatehouse
