/// Explain — every check of one token, with what it saw, what it wanted, and what would mend it.
///
/// For people who ask why, on demand: it runs the steps of TokenValidator::validate, goes on after the first
/// that fails, and costs a request nothing. It decides nothing: what is `accepted` here may be replayed
/// later.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/error.h"
#include "gatehouse/tokens/validate.h"

namespace gatehouse::tokens {

/// The steps of validation, in the order of an explanation.
enum class Check : std::uint8_t {
  read,
  decryption,
  key,
  signature,
  payload,
  lifetime,
  age,  ///< max_token_age
  audience,
  issuer,
  claims,  ///< required_claims, rfc9068
  replay,  ///< looked at; the token is not used up
  actor,
  type,
};

std::string_view name(Check check) noexcept;

enum class CheckVerdict : std::uint8_t {
  passed,
  failed,
  off,          ///< nobody asked for it, or the token has nothing to check
  not_reached,  ///< something before it failed, without which it cannot be judged
};

struct ExplainedCheck {
  Check check;
  CheckVerdict verdict = CheckVerdict::not_reached;
  std::string seen = {};              ///< at most 200 characters of what the token says
  std::string expected = {};          ///< what would pass, where one can say
  std::optional<Error> failure = {};  ///< when it failed
  bool is_unverified = false;         ///< of claims that no signature vouches for
};

/// Who can mend it.
enum class FixKind : std::uint8_t { client, setting, key, clock, issuer };

std::string_view name(FixKind kind) noexcept;

struct Fix {
  FixKind kind;
  std::string sentence;
  std::string setting = {};  ///< of kind `setting`: "Jwt:Audiences"
  std::string value =
      {};  ///< what to set it to, as JSON; of another kind, what to write, where that is short
};

struct Explanation {
  std::vector<ExplainedCheck> checks;        ///< every one of them, in the order of the enum
  std::optional<std::size_t> decisive = {};  ///< of `checks`: the one whose failure `validate` reports
  std::vector<Fix> fixes = {};  ///< of that failure, the likeliest first; never empty when there is one

  bool is_accepted() const noexcept { return !decisive; }
  const Error* failure() const noexcept;  ///< what `validate` reports; null when it accepts
  const ExplainedCheck& of(Check check) const noexcept { return checks[static_cast<std::size_t>(check)]; }
};

/// Never holds a key, a secret, or the token. Proposes no setting that would trust what nobody signed.
Explanation explain(std::string_view token, const TokenValidator& validator, Instant now);

/// What a token says, whoever wrote it: header and claims, decrypted where it has to be; nothing when it
/// cannot be read. For display; nobody vouches for any of it.
std::optional<Token> read_unverified(std::string_view token, const TokenValidator& validator);

}  // namespace gatehouse::tokens
