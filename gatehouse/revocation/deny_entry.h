/// DenyEntry — one thing that was withdrawn before its time.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "gatehouse/base/clock.h"
#include "gatehouse/tokens/validate.h"

namespace gatehouse::revocation {

enum class DenyKind : std::uint8_t {
  token,    ///< one, by its `jti`
  session,  ///< all of one sign-in, by its `sid`: the kind to prefer
  subject,  ///< all of a user that were issued before `not_before`
  client,   ///< all of a client (`client_id`, else `azp`) that were issued before `not_before`
  key,      ///< all that one key signed, by its `kid`
};
inline constexpr std::size_t deny_kinds = 5;

std::string_view name(DenyKind kind) noexcept;  ///< "jti", "sid", "sub", "client", "kid"
std::optional<DenyKind> find_deny_kind(std::string_view name) noexcept;

struct DenyEntry {
  DenyKind kind = DenyKind::token;
  std::string issuer;  ///< whose tokens: nobody withdraws another's
  std::string value;
  Instant until;            ///< after which every token that it is about has expired by itself
  Instant not_before = {};  ///< of subject and client alone

  bool operator==(const DenyEntry&) const = default;
};

/// By what a token can be withdrawn: its own words, once its signature has held. Views of the token.
struct TokenMarks {
  std::string_view issuer = {};
  std::array<std::string_view, deny_kinds> values = {};  ///< by kind; empty where the token has none
  std::optional<Instant> issued = {};

  std::string_view operator[](DenyKind kind) const noexcept { return values[static_cast<std::size_t>(kind)]; }
};
TokenMarks marks_of(const tokens::Token& token) noexcept;

/// How long entries have to live.
struct DenyLifetimes {
  Seconds token{660};  ///< the longest lifetime of any access token, and the verifiers' clock skew
  /// Of an entry about a key, which is longer: whoever has stolen a key makes tokens that never expire. By
  /// then no verifier holds the key any more, however late it asks for keys.
  Seconds key = std::chrono::hours(48);
};

/// Withdraws what exists `now`. A subject or client gets a `not_before` at the next full second, as `iat`
/// counts whole ones: what is to live has to be issued from then on.
DenyEntry make_deny_entry(DenyKind kind, std::string issuer, std::string value, Instant now,
                          const DenyLifetimes& lifetimes = {});

}  // namespace gatehouse::revocation
