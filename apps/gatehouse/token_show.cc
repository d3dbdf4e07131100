#include "apps/gatehouse/token_show.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "gatehouse/base/base64url.h"
#include "gatehouse/base/json.h"

namespace gatehouse::program {
namespace {

// One segment as JSON in its canonical spelling; stops when it is none.
std::string decoded(std::string_view segment, std::string_view which) {
  const auto octets = base64url::decode(segment);
  if (!octets) throw Stop(no, fmt::format("the {} is no base64url", which));
  json::Parser parser;
  const auto value = parser.parse(*octets);
  if (!value)
    throw Stop(no, fmt::format("the {} is no JSON that can be trusted: {}", which, describe(value.error())));
  return value->dump();
}

}  // namespace

ExitCode show_token(std::string_view token) {
  const auto dots = std::ranges::count(token, '.');
  if (dots != 2 && dots != 4)
    throw Stop(no,
               fmt::format("a token has three parts, or five when it is encrypted; this has {}", dots + 1));
  const std::size_t first = token.find('.');
  json::Writer json;
  json.begin_object().name("header").raw(decoded(token.substr(0, first), "header"));
  if (dots == 2) {
    const std::size_t second = token.find('.', first + 1);
    json.name("payload").raw(decoded(token.substr(first + 1, second - first - 1), "payload"));
  }
  json.end_object();
  fmt::print(stderr, "not verified: token show only decodes\n");
  if (dots == 4) fmt::print(stderr, "encrypted: what is inside is seen by who has the key\n");
  print(printable(json.text()) + '\n');
  return yes;
}

}  // namespace gatehouse::program
