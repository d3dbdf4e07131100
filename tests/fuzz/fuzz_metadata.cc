// What an authority may say of itself: its own issuer, and keys from where this host may connect to.

#include "gatehouse/base/ip_address.h"
#include "gatehouse/base/json.h"
#include "gatehouse/discovery/metadata.h"
#include "tests/fuzz/fuzz.h"

namespace gatehouse {
namespace {

using discovery::Metadata;
using discovery::MetadataRules;

MetadataRules rules_of(bool are_strict) {
  return {.issuer = "https://issuer.example",
          .address = Url::parse("https://issuer.example/.well-known/openid-configuration").value(),
          .require_https = are_strict,
          .allow_private = !are_strict};
}

void judge_metadata(const Metadata& metadata, const MetadataRules& rules) {
  const Url& uri = metadata.jwks_uri;
  promise(metadata.issuer == rules.issuer);
  promise(Url::parse(uri.text()) == uri);
  promise(uri.port == 80 || uri.port == 443 || uri.port >= 1024);
  const std::string same = json::object({{"issuer", metadata.issuer}, {"jwks_uri", uri.text()}});
  const auto again = discovery::parse_metadata(same, rules);
  promise(again && again->jwks_uri == uri);
}

void judge(std::string_view text) {
  static const MetadataRules strict = rules_of(true), lax = rules_of(false);
  const auto read = discovery::parse_metadata(text, strict);
  const auto read_laxly = discovery::parse_metadata(text, lax);
  if (read) {
    judge_metadata(*read, strict);
    const auto address = IpAddress::parse(read->jwks_uri.host);
    promise(read->jwks_uri.is_https() && (!address || address->is_public()));
    promise(read_laxly.has_value());
  }
  if (read_laxly) judge_metadata(*read_laxly, lax);

  const auto keys = discovery::parse_key_set(text);
  if (!keys) return;
  promise(!keys->empty() && !keys->has_private());
  for (const jose::Key& key : keys->keys()) promise(!key.is_private() && key.type() != jose::KeyType::oct);
}

}  // namespace
}  // namespace gatehouse

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  gatehouse::judge(gatehouse::text_of(data, size));
  return 0;
}
