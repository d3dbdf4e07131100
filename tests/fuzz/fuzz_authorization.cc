// A token is found in one place or none, and a policy in text says what it was read from.

#include "gatehouse/authentication/token_sources.h"
#include "gatehouse/authorization/policy_text.h"
#include "tests/fuzz/fuzz.h"

namespace gatehouse {
namespace {

void judge(std::string_view text) {
  http::Request request{.method = "POST", .query = text, .body = text};
  request.headers.add("Authorization", text);
  request.headers.add("Cookie", text);
  request.headers.add("Content-Type", "application/x-www-form-urlencoded");
  std::string storage;
  (void)authentication::find_token(request, {.query = true, .form = true, .cookie = "session"}, storage);
  const auto header_alone = authentication::find_token(request, {}, storage);
  promise(!header_alone || text.contains(*header_alone));
  promise(text.contains(authentication::original_token(request, storage)));

  const auto policy = authorization::parse_policy(text);
  if (!policy) return;
  promise(!policy->requirements.empty());
  for (const authorization::Requirement& requirement : policy->requirements)
    promise(authorization::parse_policy(authorization::describe(requirement)).has_value());
}

}  // namespace
}  // namespace gatehouse

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  gatehouse::judge(gatehouse::text_of(data, size));
  return 0;
}
