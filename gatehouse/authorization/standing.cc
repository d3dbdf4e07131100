#include "gatehouse/authorization/standing.h"

#include <string>
#include <utility>
#include <vector>

#include "gatehouse/authentication/accepted_tokens.h"

namespace gatehouse::authorization {

using authentication::AcceptedToken;
using authentication::AcceptedTokens;

// A withdrawn one decides, whatever cannot be told of another.
Result<void> check_standing(const RevocationCheck& revocations, Seconds max_staleness,
                            const http::HttpContext& context) {
  const AcceptedTokens* accepted = context.features.find<AcceptedTokens>();
  if (!accepted) return {};
  Result<void> standing;
  const Instant now = context.now();
  accepted->all_of([&](const AcceptedToken& one) {
    auto checked = revocations.check(one.validated->token, max_staleness, now);
    if (!checked) standing = std::move(checked);
    return standing || standing.error().kind == Failure::unavailable;
  });
  return standing;
}

Task<Result<void>> ask_standing(const RevocationCheck& revocations, Seconds max_staleness,
                                const http::HttpContext& context) {
  const Instant now = context.now();
  std::vector<std::string> texts;
  context.features.find<AcceptedTokens>()->all_of([&](const AcceptedToken& one) {
    if (!revocations.check(one.validated->token, max_staleness, now)) texts.emplace_back(one.text());
    return true;
  });
  for (std::string& text : texts) {
    auto asked = co_await revocations.ask(std::move(text), now);
    if (!asked) co_return asked;
  }
  co_return Result<void>();
}

}  // namespace gatehouse::authorization
