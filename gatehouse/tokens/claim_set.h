/// ClaimSet — the payload of a token: every member as it stood, the registered ones read and checked.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/json.h"
#include "gatehouse/base/result.h"

namespace gatehouse::tokens {

/// Immutable after parse(). Movable, not copyable: its views point into its own memory, which does not move.
class ClaimSet {
 public:
  /// The value of one member of the payload.
  struct Value {
    json::Kind kind = json::Kind::null;
    std::string_view text;  ///< a string's characters, unescaped; of any other kind, its source text
  };
  struct Member {
    std::string_view name;  ///< unescaped
    Value value;
  };

  struct Limits {
    std::size_t audiences = 64;
    bool original_leniency =
        false;  ///< Profile::aspnet_core: which wrong types of registered claims are let through
  };

  /// Reads a payload, which is a JSON object. Fails with malformed, duplicate_member, too_deep, too_large
  /// (audiences, members), or claim_type_invalid (subject: the claim) when a registered claim has the wrong
  /// type: strings for iss, sub, jti; a string or strings for aud; numbers for exp, nbf, iat (a fraction is
  /// kept to the millisecond; what a NumericDate cannot hold fails).
  static Result<ClaimSet> parse(std::string_view octets, const Limits& limits);

  const std::vector<Member>& members() const noexcept;
  const Value* find(std::string_view name) const noexcept;
  std::optional<std::string_view> find_string(std::string_view name) const noexcept;

  /// An element of an array member: as Value, but with its own text.
  struct Element {
    json::Kind kind = json::Kind::null;
    std::string text;
  };
  std::vector<Element> elements(const Value& array) const;  ///< in order; empty for another kind

  std::optional<std::string_view> issuer() const noexcept;
  std::optional<std::string_view> subject() const noexcept;
  std::optional<std::string_view> id() const noexcept;  ///< `jti`
  const std::vector<std::string_view>& audiences() const noexcept;
  std::optional<Instant> expires() const noexcept;
  std::optional<Instant> not_before() const noexcept;
  std::optional<Instant> issued_at() const noexcept;

 private:
  struct Memory;
  std::unique_ptr<Memory> memory_;

 public:
  ClaimSet();
  ClaimSet(ClaimSet&&) noexcept;
  ClaimSet& operator=(ClaimSet&&) noexcept;
  ~ClaimSet();
};

}  // namespace gatehouse::tokens
