#include "gatehouse/tokens/validator_set.h"

#include <fmt/format.h>

#include <utility>

#include "gatehouse/base/base64url.h"

namespace gatehouse::tokens {

std::string unverified_issuer(std::string_view token) {
  const std::size_t first = token.find('.');
  if (first == token.npos) return {};
  const std::size_t second = token.find('.', first + 1);
  const auto payload = base64url::decode(token.substr(first + 1, second - first - 1));
  if (!payload) return {};
  const auto claims = ClaimSet::parse(*payload, {});
  return claims ? std::string(claims->issuer().value_or("")) : std::string();
}

std::vector<std::string> issuers_of(const TokenValidationParameters& parameters) {
  std::vector<std::string> issuers = parameters.valid_issuers;
  if (!parameters.valid_issuer.empty()) issuers.push_back(parameters.valid_issuer);
  return issuers;
}

Result<TokenValidatorSet> TokenValidatorSet::make(std::vector<TokenValidationParameters> by_issuer) {
  TokenValidatorSet set;
  for (TokenValidationParameters& parameters : by_issuer) {
    std::vector<std::string> issuers = issuers_of(parameters);
    if (issuers.empty() || !parameters.validate_issuer)
      return fail(Failure::configuration_invalid,
                  "one of several issuers names no issuer; set valid_issuer, and leave validate_issuer on");
    GH_TRY(TokenValidator made, TokenValidator::make(std::move(parameters)));
    const auto validator = std::make_shared<const TokenValidator>(std::move(made));
    if (!set.first_) set.first_ = validator;
    for (std::string& issuer : issuers)
      if (const auto [at, is_new] = set.by_issuer_.emplace(std::move(issuer), validator); !is_new)
        return fail(Failure::configuration_invalid, fmt::format("the issuer '{}' is named twice", at->first));
  }
  if (!set.first_) return fail(Failure::configuration_invalid, "there is no issuer");
  return set;
}

Result<std::shared_ptr<const TokenValidator>> TokenValidatorSet::choose(std::string_view token) const {
  if (token.size() > first_->parameters().maximum_token_size) return first_;
  std::string issuer = unverified_issuer(token);
  const auto found = by_issuer_.find(issuer);
  if (found != by_issuer_.end()) return found->second;
  return issuer.empty() ? Result<std::shared_ptr<const TokenValidator>>(first_)
                        : fail(Failure::issuer_invalid, std::move(issuer));
}

}  // namespace gatehouse::tokens
