/// ClaimSet — the payload of a token: every member as it stood, the registered ones read and checked.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/json.h"
#include "gatehouse/base/result.h"

namespace gatehouse::tokens {

/// Immutable after parse(). Movable, not copyable: its views point into one block of memory, which does not
/// move.
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

  std::span<const Member> members() const noexcept { return members_; }
  const Value* find(std::string_view name) const noexcept;
  std::optional<std::string_view> find_string(std::string_view name) const noexcept;

  /// An element of an array member: as Value, but with its own text.
  struct Element {
    json::Kind kind = json::Kind::null;
    std::string text;
  };
  std::vector<Element> elements(const Value& array) const;  ///< in order; empty for another kind

  std::optional<std::string_view> issuer() const noexcept { return issuer_; }
  std::optional<std::string_view> subject() const noexcept { return subject_; }
  std::optional<std::string_view> id() const noexcept { return id_; }  ///< `jti`
  std::span<const std::string_view> audiences() const noexcept { return audiences_; }
  std::optional<Instant> expires() const noexcept { return expires_; }
  std::optional<Instant> not_before() const noexcept { return not_before_; }
  std::optional<Instant> issued_at() const noexcept { return issued_at_; }

 private:
  class Builder;

  std::unique_ptr<std::byte[]> block_;  // members, audiences, and the text of both
  std::span<const Member> members_;
  std::span<const std::string_view> audiences_;
  std::optional<std::string_view> issuer_;
  std::optional<std::string_view> subject_;
  std::optional<std::string_view> id_;
  std::optional<Instant> expires_;
  std::optional<Instant> not_before_;
  std::optional<Instant> issued_at_;
};

}  // namespace gatehouse::tokens
