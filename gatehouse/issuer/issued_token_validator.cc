#include "gatehouse/issuer/issued_token_validator.h"

#include "gatehouse/base/ascii.h"

namespace gatehouse::issuer {

std::string_view bearer_token(const http::Request& request) {
  const std::string_view header = request.header("Authorization").value_or("");
  constexpr std::string_view scheme = "Bearer ";
  return equals_ignoring_case(header.substr(0, scheme.size()), scheme) ? trim(header.substr(scheme.size()))
                                                                       : std::string_view();
}

Result<std::shared_ptr<const tokens::TokenValidator>> IssuedTokenValidator::validator() const {
  auto published = keys_.published();
  const std::lock_guard lock(mutex_);
  if (published == made_of_) return validator_;
  GH_TRY(auto made, tokens::TokenValidator::make({.valid_issuer = issuer_,
                                                  .validate_audience = false,
                                                  .issuer_signing_keys = published->keys.keys(),
                                                  .clock_skew = Seconds(0),
                                                  .rfc9068 = true}));
  validator_ = std::make_shared<const tokens::TokenValidator>(std::move(made));
  made_of_ = std::move(published);
  return validator_;
}

Result<tokens::Token> IssuedTokenValidator::validate(std::string_view token) const {
  GH_TRY(const auto current, validator());
  return current->validate(token, clock_.now());
}

}  // namespace gatehouse::issuer
