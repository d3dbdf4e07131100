#include "gatehouse/issuer/live_tokens.h"

namespace gatehouse::issuer {

bool is_trouble(const Error& error) noexcept {
  return error.kind == Failure::unavailable || error.kind == Failure::overloaded ||
         error.kind == Failure::metadata_unavailable;
}

Task<Result<tokens::Token>> LiveTokens::find(std::string text) {
  auto token = issued_.validate(text);
  if (!token) co_return token;
  if (is_revoked_ && is_revoked_(*token, clock_.now())) co_return fail(Failure::revoked, "token");
  const auto sid = token->claims.find_string("sid");
  if (!sid) co_return token;
  GH_CO_TRY(const bool is_alive, co_await sessions_.is_alive(std::string(*sid)));
  if (!is_alive) co_return fail(Failure::revoked, "session");
  co_return token;
}

}  // namespace gatehouse::issuer
