#include "gatehouse/authorization/policy_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "gatehouse/base/ascii.h"

namespace gatehouse::authorization {
namespace {

constexpr std::string_view blanks = " ";

std::vector<std::string> split(std::string_view text, std::string_view word) {
  std::vector<std::string> parts;
  for (;;) {
    const std::size_t end = text.find(word);
    parts.emplace_back(trim(text.substr(0, end), blanks));
    if (end == text.npos) return parts;
    text.remove_prefix(end + word.size());
  }
}

// "and" and "or" join, and name nothing: whoever reads the policy again has to find the same parts.
bool are_words(const std::vector<std::string>& words) {
  return std::ranges::all_of(words, [](const std::string& word) {
    return !word.empty() && !word.contains(' ') && word != "and" && word != "or";
  });
}

// "TYPE" or "TYPE = VALUE or VALUE".
bool add_claim(PolicyBuilder& policy, std::string_view text) {
  const std::size_t equals = text.find('=');
  const std::string type(trim(text.substr(0, equals), blanks));
  if (!are_words({type})) return false;
  if (equals == text.npos) {
    policy.require_claim(type);
    return true;
  }
  auto values = split(text.substr(equals + 1), " or ");
  if (!are_words(values)) return false;
  policy.require_claim(type, std::move(values));
  return true;
}

bool add_requirement(PolicyBuilder& policy, std::string_view text) {
  if (text == "authenticated" || text == "an authenticated user") {
    policy.require_authenticated_user();
    return true;
  }
  const std::size_t blank = std::min(text.find(' '), text.size());
  const std::string_view kind = text.substr(0, blank);
  const std::string_view rest = trim(text.substr(blank), blanks);
  if (kind == "claim") return add_claim(policy, rest);
  auto words = split(rest, " or ");
  if (!are_words(words)) return false;
  if (kind == "role")
    policy.require_roles(std::move(words));
  else if (kind == "scope")
    policy.require_any_scope(std::move(words));
  else if (kind == "name" && words.size() == 1)
    policy.require_user_name(words.front());
  else
    return false;
  return true;
}

}  // namespace

Result<AuthorizationPolicy> parse_policy(std::string_view text) {
  PolicyBuilder policy;
  for (const std::string& part : split(text, " and "))
    if (!add_requirement(policy, part))
      return fail(Failure::configuration_invalid,
                  fmt::format("'{}' is no requirement; write authenticated, role …, scope …, claim …, "
                              "claim … = … or name …, several joined by 'and'",
                              part));
  return policy.build();
}

}  // namespace gatehouse::authorization
