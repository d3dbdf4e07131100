#include "gatehouse/tokens/token_warnings.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <utility>

#include "gatehouse/base/ascii.h"

namespace gatehouse::tokens {
namespace {

// Names are compared without case and without what joins words, so that "Credit-Card" is "creditcard".
constexpr std::array<std::string_view, 14> secret_names = {
    "apikey", "accesskey", "privatekey", "secretkey",    "clientsecret", "connectionstring", "credentials",
    "pin",    "pwd",       "passphrase", "passwordhash", "refreshtoken", "accesstoken",      "otp"};
constexpr std::array<std::string_view, 2> secret_parts = {"password", "secret"};
constexpr std::array<std::string_view, 14> personal_names = {"ssn",
                                                             "socialsecuritynumber",
                                                             "creditcard",
                                                             "creditcardnumber",
                                                             "cardnumber",
                                                             "cvv",
                                                             "iban",
                                                             "taxnumber",
                                                             "taxid",
                                                             "passportnumber",
                                                             "driverslicense",
                                                             "nationalid",
                                                             "dateofbirth",
                                                             "diagnosis"};

std::string simplified(std::string_view name) {
  std::string simple;
  for (const char c : name)
    if (c != '_' && c != '-' && c != '.' && c != ' ') simple += to_lower(c);
  return simple;
}

bool is_one_of(std::string_view name, std::span<const std::string_view> names) {
  return std::ranges::find(names, name) != names.end();
}

// The beginning of a token's header, `{"`, in base64url.
bool looks_like_a_token(std::string_view value) {
  const auto dots = std::ranges::count(value, '.');
  return value.starts_with("eyJ") && (dots == 2 || dots == 4);
}

bool looks_like_a_private_key(std::string_view value) {
  const bool is_jwk = value.contains("\"kty\"") && (value.contains("\"d\"") || value.contains("\"k\""));
  return is_jwk || (value.contains("-----BEGIN ") && value.contains("PRIVATE KEY-----"));
}

bool is_secret(std::string_view value) {
  return looks_like_a_token(value) || looks_like_a_private_key(value);
}

bool is_secret(const ClaimValue& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return is_secret(std::string_view(*text));
  const auto* list = std::get_if<std::vector<std::string>>(&value);
  return list && std::ranges::any_of(
                     *list, [](const std::string& entry) { return is_secret(std::string_view(entry)); });
}

std::optional<TokenWarning> warning_for(const std::string& name, const ClaimValue& value) {
  const std::string simple = simplified(name);
  const auto is_part = [&](std::string_view part) { return simple.contains(part); };
  if (is_one_of(simple, secret_names) || std::ranges::any_of(secret_parts, is_part))
    return TokenWarning::secret_name;
  if (is_one_of(simple, personal_names)) return TokenWarning::personal_name;
  // An actor's token is there to be shown (RFC 8693 §4.1 in the original's form).
  if (name != "actort" && is_secret(value)) return TokenWarning::secret_value;
  return std::nullopt;
}

}  // namespace

std::vector<TokenRemark> warnings(const TokenDescriptor& descriptor, std::string_view token) {
  std::vector<TokenRemark> remarks;
  for (const auto& [name, value] : descriptor.claims)
    if (const auto kind = warning_for(name, value)) remarks.push_back({.kind = *kind, .subject = name});
  if (token.size() > longest_token)
    remarks.push_back({.kind = TokenWarning::too_long, .subject = std::to_string(token.size())});
  return remarks;
}

std::string describe(const TokenRemark& remark) {
  switch (remark.kind) {
    case TokenWarning::secret_name:
      return fmt::format(
          "the claim '{}' is named like a secret, and everybody who holds the token can read it",
          remark.subject);
    case TokenWarning::personal_name:
      return fmt::format(
          "the claim '{}' is named like personal data, and everybody who holds the token can read it",
          remark.subject);
    case TokenWarning::secret_value:
      return fmt::format("the claim '{}' holds a private key or a token", remark.subject);
    case TokenWarning::too_long:
      return fmt::format(
          "the token has {} characters, and every request carries it; proxies refuse headers of {}",
          remark.subject, 2 * longest_token);
  }
  std::unreachable();
}

}  // namespace gatehouse::tokens
