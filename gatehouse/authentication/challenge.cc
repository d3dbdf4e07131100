#include "gatehouse/authentication/challenge.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "gatehouse/base/clock.h"

namespace gatehouse::authentication {
namespace {

constexpr std::size_t longest_value = 256;

// Only these could end the quoted string or start an escape; everything else outside printable ASCII could
// end the header itself (CWE-113). Replaced rather than escaped: RFC 6750 §3 allows neither character in
// these values.
char encoded(char c) noexcept {
  if (c == '"') return '\'';
  if (c == '\\') return '/';
  return c >= ' ' && c <= '~' ? c : '?';
}

// The original's invariant form, "06/01/2026 00:00:00"; the text as it is when it is not an instant.
std::string invariant_date(std::string_view instant) {
  const auto parsed = parse_instant(instant);
  if (!parsed) return std::string(instant);
  const auto day = std::chrono::floor<std::chrono::days>(*parsed);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(*parsed - day);
  return fmt::format("{:02}/{:02}/{:04} {:02}:{:02}:{:02}", unsigned(date.month()), unsigned(date.day()),
                     int(date.year()), time.hours().count(), time.minutes().count(), time.seconds().count());
}

// The original names the audience only where none is configured; elsewhere its sentence holds "(null)" or
// "empty".
std::string audience_for_client(const std::string& seen,
                                const tokens::TokenValidationParameters& parameters) {
  if (parameters.profile == tokens::Profile::gatehouse) return seen;
  if (seen == "(none)") return "empty";
  const bool has_audience = !parameters.valid_audiences.empty() ||
                            parameters.valid_audience.find_first_not_of(' ') != std::string::npos;
  return has_audience ? "(null)" : seen;
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
  add("scope", parameters.scope);
  return header;
}

std::string describe_for_client(const Error& failure, const tokens::TokenValidationParameters& parameters) {
  const std::string& seen = failure.subject;
  switch (failure.kind) {
    case Failure::audience_invalid:
      return fmt::format("The audience '{}' is invalid", audience_for_client(seen, parameters));
    case Failure::issuer_invalid:
      return fmt::format("The issuer '{}' is invalid", seen);
    case Failure::no_expiration:
      return "The token has no expiration";
    case Failure::lifetime_invalid: {
      const auto slash = seen.find('/');
      const std::string_view all = seen;
      return fmt::format("The token lifetime is invalid; NotBefore: '{}', Expires: '{}'",
                         invariant_date(all.substr(0, slash)),
                         invariant_date(all.substr(std::min(slash, all.size() - 1) + 1)));
    }
    case Failure::not_yet_valid:
      return fmt::format("The token is not valid before '{}'", invariant_date(seen));
    case Failure::expired:
      return fmt::format("The token expired at '{}'", invariant_date(seen));
    case Failure::key_not_found:
      return "The signature key was not found";
    case Failure::signature_invalid:
    case Failure::no_signature:
      return "The signature is invalid";
    case Failure::revoked:
      return "The token was withdrawn";
    default:
      return {};
  }
}

}  // namespace gatehouse::authentication
