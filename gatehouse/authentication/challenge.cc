#include "gatehouse/authentication/challenge.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>

#include "gatehouse/base/clock.h"

namespace gatehouse::authentication {
namespace {

constexpr std::size_t longest_value = 256;

// Only these could end the quoted string or start an escape; everything else outside printable ASCII could end the
// header itself (CWE-113). Replaced rather than escaped: RFC 6750 §3 allows neither character in these values.
char encoded(char c) noexcept {
  if (c == '"') return '\'';
  if (c == '\\') return '/';
  return c >= ' ' && c <= '~' ? c : '?';
}

// The original's invariant form, "06/01/2026 00:00:00"; the text as it is when it is not an instant.
std::string invariant_date(std::string_view instant) {
  const auto parsed = parse_instant(instant);
  if (!parsed) return std::string(instant);
  const auto seconds = std::chrono::floor<std::chrono::seconds>(*parsed);
  return fmt::format("{:%m/%d/%Y %H:%M:%S}", fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)));
}

}  // namespace

std::string encode_challenge_value(std::string_view value) {
  const bool cut = value.size() > longest_value;
  std::string text(cut ? value.substr(0, longest_value - 3) : value);
  std::ranges::transform(text, text.begin(), encoded);
  if (cut) text += "...";
  return text;
}

std::string make_challenge(const ChallengeParameters& parameters) {
  std::string header(parameters.challenge);
  // A challenge that carries parameters of its own is continued by a comma; a bare scheme name is not.
  bool continues = header.contains(' ');
  const auto add = [&](std::string_view name, std::string_view value) {
    if (value.empty()) return;
    header += continues ? ", " : " ";
    header += fmt::format("{}=\"{}\"", name, encode_challenge_value(value));
    continues = true;
  };
  add("realm", parameters.realm);
  add("error", parameters.error);
  add("error_description", parameters.error_description);
  add("error_uri", parameters.error_uri);
  return header;
}

std::string describe_for_client(const Error& failure) {
  const std::string& seen = failure.subject;
  switch (failure.kind) {
    case Failure::audience_invalid: return fmt::format("The audience '{}' is invalid", seen.empty() ? "empty" : seen);
    case Failure::issuer_invalid: return fmt::format("The issuer '{}' is invalid", seen.empty() ? "(null)" : seen);
    case Failure::no_expiration: return "The token has no expiration";
    case Failure::lifetime_invalid: {
      const auto slash = seen.find('/');
      const std::string_view all = seen;
      return fmt::format("The token lifetime is invalid; NotBefore: '{}', Expires: '{}'",
                         invariant_date(all.substr(0, slash)), invariant_date(all.substr(std::min(slash, all.size() - 1) + 1)));
    }
    case Failure::not_yet_valid: return fmt::format("The token is not valid before '{}'", invariant_date(seen));
    case Failure::expired: return fmt::format("The token expired at '{}'", invariant_date(seen));
    case Failure::key_not_found: return "The signature key was not found";
    case Failure::signature_invalid:
    case Failure::no_signature: return "The signature is invalid";
    default: return {};
  }
}

}  // namespace gatehouse::authentication
